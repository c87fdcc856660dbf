import { silent, type StageEvent } from '@graft/foundation';
import { MOBILENET_OUTPUTS } from '@graft/model';

import { usualCut } from './usual-cut';

const all = MOBILENET_OUTPUTS.map((output) => ({ output }));
const npm = { type: 'npm', package: 'a', version: '1.0.0', integrity: 'sha512-', manifest: 'm.json' } as const;

test('the trunk of a detector ends with block 7, everything else with its last block', () => {
  expect(usualCut(all, npm, silent)).toBe('conv_pw_7_relu');
  expect(usualCut(all, { type: 'imagenet' }, silent)).toBe('conv_pw_13_relu');
  expect(usualCut(all.slice(0, 4), { type: 'none' }, silent)).toBe('conv_pw_3_relu');
});

test('where the board has no room up to there, or only beyond, the nearest is taken', () => {
  expect(usualCut(all.slice(0, 6), npm, silent)).toBe('conv_pw_5_relu');
  expect(usualCut(all.slice(10), npm, silent)).toBe('conv_pw_10_relu');
});

test('it is taken with a warning (W611)', () => {
  const seen: StageEvent[] = [];
  usualCut(all, npm, (event) => seen.push(event));
  expect(seen).toEqual([
    { type: 'warning', code: 'W611', message: expect.stringContaining('ends with conv_pw_7_relu') },
  ]);
});
