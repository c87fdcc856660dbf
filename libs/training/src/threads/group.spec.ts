import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { breakGroup, groupMemory, Member, type GroupMemory } from './group';

/** Runs a member in a thread of its own: each adds up its numbers round by round, and answers with the last sums. */
const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { transformFileSync } = require('@swc/core');
  const { code } = transformFileSync(workerData.file, { module: { type: 'commonjs' }, jsc: { target: 'es2022', parser: { syntax: 'typescript' } } });
  const loaded = { exports: {} };
  new Function('exports', 'module', 'require', code)(loaded.exports, loaded, require);
  const { memory, rank, present, rounds } = workerData;
  const member = new loaded.exports.Member(memory, rank);
  member.begin(present, 10);
  try {
    let sums;
    for (let round = 0; round < rounds; round++) sums = member.sum(Float32Array.of(rank + round, 0.1 * rank, 1));
    parentPort.postMessage(Array.from(sums));
  } catch (error) {
    parentPort.postMessage(error.message);
  }
`;

interface Part {
  readonly memory: GroupMemory;
  readonly rank: number;
  readonly present: number;
  readonly rounds: number;
}

function memberInThread(part: Part): Promise<unknown> {
  const file = join(__dirname, 'group.ts');
  return new Promise((resolve, reject) => {
    const thread = new Worker(PROGRAM, { eval: true, workerData: { ...part, file } });
    thread.once('message', resolve).once('error', reject);
  });
}

test('all members get the same sums, round after round', async () => {
  const memory = groupMemory(4, 3);
  const ranks = [0, 1, 2];
  const sums = await Promise.all(ranks.map((rank) => memberInThread({ memory, rank, present: 3, rounds: 500 })));
  const tenths = ranks.reduce((sum, rank) => sum + Math.fround(0.1 * rank), 0);
  for (const sum of sums) expect(sum).toEqual([3 * 499 + 3, Math.fround(tenths), 3]);
});

test('who waits for a member that does not come fails when the group is broken', async () => {
  const memory = groupMemory(2, 3);
  const waiting = memberInThread({ memory, rank: 0, present: 2, rounds: 1 });
  while (Atomics.load(memory.control, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  breakGroup(memory);
  expect(await waiting).toBe('another thread of the group has failed');
});

test('one member alone adds to nothing', () => {
  const member = new Member(groupMemory(4, 2), 0);
  member.begin(1, 7);
  expect([...member.sum(Float32Array.of(1.5, -2))]).toEqual([1.5, -2]);
  expect(member.pictures()).toBe(7);
});
