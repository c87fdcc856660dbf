import { Findings } from './finding';
import { NO_EFFECTS } from './effects';
import type { MainUse } from './effects';
import { MainMemory } from './main-memory';

const use = (address: number, bytes: number, content: MainUse['content'] = 'bytes'): MainUse => ({
  offset: 0,
  address,
  bytes,
  content,
});

/** Rules that break when the results are written one after the other and then one is read. */
function read(written: readonly MainUse[], wanted: MainUse): string[] {
  const findings = new Findings();
  const memory = new MainMemory(findings, 256);
  written.forEach((write) => memory.apply({ ...NO_EFFECTS, writes: [write] }));
  memory.read(wanted);
  return findings.list.map(({ rule }) => rule);
}

test('what several runs sent side by side is read as one', () => {
  expect(read([use(8, 16), use(24, 32), use(56, 5)], use(8, 53))).toEqual([]);
});

test.each([
  ['with a gap between its parts', [use(8, 16), use(32, 8)], use(8, 24)],
  ['whose last part is too long', [use(8, 16), use(24, 8)], use(8, 23)],
  ['whose last part is missing', [use(8, 16), use(24, 8)], use(8, 32)],
  ['that mixes bytes and floats', [use(8, 16), use(24, 8, 'floats')], use(8, 24)],
  ['of which a part was overwritten', [use(8, 16), use(24, 8), use(16, 8)], use(8, 24)],
  ['whose parts hold nothing', [use(8, 0)], use(8, 8)],
])('a result %s breaks the chain', (_, written, wanted) => {
  expect(read(written, wanted)).toEqual(['main-chain']);
});
