import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printKModel, readKModel, writeKModel } from '@graft/kmodel';

import { compile } from './compile';
import type { Program } from './kpu-program';
import { lower } from './lower';
import { printChanges } from './print-changes';
import { printProgram } from './print-program';
import { splitWideLayers } from './split-channels';
import { TINY_NETWORK, TINY_NETWORK_WITH_DENSE, TINY_NETWORK_WITH_MAXIMA } from './tiny-network.fixture';

const FIXTURES = join(__dirname, '../fixtures');

/** UPDATE_GOLDEN=1 rewrites the file; its diff is part of the review. */
function golden(name: string, made: Uint8Array): Uint8Array {
  const path = join(FIXTURES, name);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, made);
  return new Uint8Array(readFileSync(path));
}

const states = () => [...lower(TINY_NETWORK)];

const after = (pass: string): Program => {
  const state = states().find((one) => one.pass === pass);
  if (state === undefined) throw new Error(`no pass is called "${pass}"`);
  return state.program;
};

describe.each([
  ['tiny-network', TINY_NETWORK],
  ['tiny-network-with-dense', TINY_NETWORK_WITH_DENSE],
  ['tiny-network-with-maxima', TINY_NETWORK_WITH_MAXIMA],
])('%s', (folder, network) => {
  test('every pass prints what stands in the golden text', () => {
    const text = [...lower(network)]
      .map(({ pass, program }) => `══ ${pass}\n\n${printProgram(program, { everyNumber: true })}`)
      .join('\n');
    expect(text).toBe(Buffer.from(golden(`${folder}/expected.passes.txt`, Buffer.from(text))).toString('utf8'));
  });

  test('the kmodel is the golden one, byte for byte; its dump lies beside it for reading', () => {
    const file = writeKModel(compile(network).model);
    const dump = printKModel(readKModel(file));
    expect(dump).toBe(Buffer.from(golden(`${folder}/expected.dump.txt`, Buffer.from(dump))).toString('utf8'));
    expect(Buffer.compare(file, golden(`${folder}/expected.kmodel`, file))).toBe(0);
  });
});

test('the short form leaves out tables and batch norms, and nothing else', () => {
  const program = after('plan memory');
  const long = printProgram(program, { everyNumber: true }).split('\n');
  const short = printProgram(program).split('\n');
  expect(long.filter((line) => !/^ {2}(piece|norm) \d/.test(line))).toEqual(short);
  // Three layers of 16 pieces, and 3 + 3 + 4 channels.
  expect(long.length - short.length).toBe(3 * 16 + 10);
});

test('a split layer prints its parts and their loads', () => {
  const [layer] = after('assign arithmetic').layers;
  const wide = { ...layer, input: { ...layer.input, channels: 512 }, output: { ...layer.output, channels: 512 } };
  const text = printProgram({ ...after('lower'), layers: splitWideLayers([wide]) });
  expect(text).toContain('part 1    channels 0 … 383, weights in 64 loads\n');
  expect(text).toContain('part 2    channels 384 … 511, weights in 22 loads\n');
});

test('what a pass changes is printed without what it left alone', () => {
  const [before, moved] = [after('lower'), after('move subsampling')].map((program) => printProgram(program));
  const changes = printChanges(before, moved);
  expect(changes).toContain('dw: depthwise 3×3, 3×8×8 → 3×8×8\n');
  expect(changes).toContain('pw: convolution 1×1, 3×8×8 → 4×4×4, keeps the left-top pixel of each 2×2\n');
  expect(changes).not.toMatch(/^conv:/m);
  // The program, conv, and three nodes of the tail.
  expect(changes).toMatch(/\n\n\(5 blocks as before\)\n$/);
  expect(printChanges(moved, moved)).toBe('(7 blocks as before)\n');
  expect(printChanges('', moved)).toBe(moved);
});
