import { Findings } from './finding';
import { NO_EFFECTS } from './effects';
import type { KpuUse } from './effects';
import { KpuRam } from './kpu-ram';

const map = (line: number, channels: number, size = 16): KpuUse => ({
  offset: 0,
  line,
  channels,
  height: size,
  width: size,
});

/** Rules that break when the maps are written and then one is read. 16 wide: four channels share 16 lines. */
function read(written: readonly KpuUse[], wanted: KpuUse): string[] {
  const findings = new Findings();
  const ram = new KpuRam(findings);
  written.forEach((kpuWrite) => ram.apply({ ...NO_EFFECTS, kpuWrite }));
  ram.apply({ ...NO_EFFECTS, kpuRead: wanted });
  return findings.list.map(({ rule }) => rule);
}

test('a map that several runs wrote side by side is read as one', () => {
  expect(read([map(0, 8), map(32, 4), map(48, 3)], map(0, 15))).toEqual([]);
  expect(read([map(48, 3), map(0, 8), map(32, 4)], map(0, 15))).toEqual([]);
});

test.each([
  ['with a gap between its parts', [map(0, 8), map(48, 4)], map(0, 12)],
  ['whose last part is too wide', [map(0, 8), map(32, 4)], map(0, 11)],
  ['whose last part is missing', [map(0, 8), map(32, 4)], map(0, 16)],
  ['with a part of another size', [map(0, 8), map(32, 4, 8)], map(0, 12)],
  ['whose first part leaves a line half full', [map(0, 7), map(32, 4)], map(0, 11)],
  ['of which only a part is read', [map(0, 8)], map(0, 4)],
])('a map %s breaks the chain', (_, written, wanted) => {
  expect(read(written, wanted)).toEqual(['kpu-chain']);
});
