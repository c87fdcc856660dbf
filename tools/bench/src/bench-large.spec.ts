import { benchLarge, LARGE_HEAD, renderLargeStep, type LargeStep } from './bench-large';

test('a set is taken through its stages: all is decoded once, then nothing, then the one that has come', async () => {
  const steps: LargeStep[] = [];
  await benchLarge(40, (step) => steps.push(step), false);
  const said = (what: string) => steps.find((step) => step.what === what)?.said;
  expect(said('preprocess')).toContain('40 pictures decoded, 0 reused');
  expect(said('preprocess, nothing new')).toBe('nothing has changed: 40 examples as they were, no picture decoded');
  expect(said('preprocess, one more')).toContain('1 pictures decoded, 40 reused');
  const columns = (row: string) => row.split('|').length;
  for (const step of steps) expect(columns(renderLargeStep(step))).toBe(columns(LARGE_HEAD.split('\n')[0]));
}, 120_000);
