import { benchFeatures, benchLayer } from './bench-features';
import { benchFit, WORKSHOP } from './bench-fit';
import { benchKModel } from './bench-kmodel';
import { benchPreprocess } from './bench-preprocess';
import { benchQuantization, classifierCases, QUANTIZATION_HEAD, renderQuantizationRow } from './bench-quantization';
import type { QuantizationResult } from './bench-quantization';
import { hasPty } from '@graft/testkit';
import { benchSerial, renderSerialTable } from './bench-serial';
import { benchSimulator, benchWideWeights, modelFiles } from './bench-simulator';
import { measure, summaryOf } from './measure';
import { figureOf, renderTable } from './result';
import type { Result } from './result';

const ONCE = { warmUp: 0, runs: 1 };
const [tiny] = modelFiles();

const worksOn = ({ ours, peer, ...rest }: Result) => {
  expect(ours.median).toBeGreaterThan(0);
  if (peer !== null) expect(peer.timing.median).toBeGreaterThan(0);
  return rest;
};

test('a model is read, written and simulated', async () => {
  const results = [
    ...(await benchKModel(tiny, ONCE, 1)),
    await benchSimulator(tiny, ONCE),
    await benchWideWeights(tiny, ONCE),
  ];
  expect(results.map(worksOn)).toMatchObject([
    { what: 'read tiny-own.kmodel', unit: 'MB/s' },
    { what: 'write tiny-own.kmodel', unit: 'MB/s' },
    { what: 'simulate tiny-own.kmodel', unit: 'ms/picture' },
    { what: 'simulate tiny-own.kmodel in 16 bits', unit: 'ms/picture' },
  ]);
});

test('features are computed', async () => {
  const tinyTrunk = { alpha: 0.25, output: 'conv_pw_1_relu', side: 32, pictures: 2 };
  expect(worksOn(await benchFeatures(tinyTrunk, ONCE))).toMatchObject({ amount: 2, unit: 'pictures/s' });
  expect(worksOn(await benchLayer(4, 8, ONCE))).toMatchObject({ amount: 1, unit: 'ms/picture' });
});

test('a fit is checked and other networks are suggested', async () => {
  expect(worksOn(await benchFit(WORKSHOP, ONCE))).toMatchObject({ what: 'fit alpha 1 224', unit: 'ms/network' });
});

test('pictures are preprocessed', async () => {
  const result = await benchPreprocess({ pictures: 3, height: 48, width: 64, side: 32 }, ONCE);
  expect(worksOn(result)).toMatchObject({ amount: 3, unit: 'pictures/s' });
});

const withPty = hasPty() ? test : test.skip;
if (!hasPty()) console.warn('skipped: python3, which makes a pseudo-terminal, is not installed');

withPty(
  'a serial line is measured, and what the board holds is compared',
  async () => {
    const result = await benchSerial(2_000_000, 1, 65_536);
    for (const { median } of [result.efficiency, result.cores]) {
      expect(median).toBeGreaterThan(0);
      // A fake that took bytes faster than the line carries them would measure nothing.
      expect(median).toBeLessThan(1.05);
    }
    expect(renderSerialTable([result])).toMatch(/^write at 2000000 baud +\d+\.\d % /m);
  },
  30_000,
);

test('recipes of quantization are compared on one network, a row each', async () => {
  const recipe = { alpha: 0.25, output: 'conv_pw_1_relu', side: 16, activation: 'relu', seed: 1 } as const;
  const results: QuantizationResult[] = [];
  await benchQuantization(classifierCases([['tiny', recipe, 'as it is']]), (result) => results.push(result));
  expect(results.map((result) => result.recipe)).toEqual([
    'nncase-0.1',
    'minmax',
    'minmax, search',
    expect.stringMatching(/^auto: /),
  ]);
  const [reference, minmax] = results;
  expect(minmax.logitError).toBeLessThan(reference.logitError);
  const columns = (row: string) => row.split('|').length;
  expect(columns(renderQuantizationRow(reference))).toBe(columns(QUANTIZATION_HEAD.split('\n')[0]));
}, 60_000);

test('warm-up runs are not counted, and what is prepared is not timed', async () => {
  const calls: string[] = [];
  const { runs } = await measure(
    { warmUp: 2, runs: 3 },
    () => calls.push('work'),
    () => calls.push('prepare'),
  );
  expect(runs).toBe(3);
  expect(calls).toEqual(Array.from({ length: 5 }, () => ['prepare', 'work']).flat());
});

test.each([
  [[5], 5],
  [[9, 1], 5],
  [[3, 100, 1], 3],
])('the median of %j is %d', (times, median) => {
  expect(summaryOf(times)).toEqual({
    median,
    fastest: Math.min(...times),
    slowest: Math.max(...times),
    runs: times.length,
  });
});

test('rates and times show the slowest as the lower rate and the longer time', () => {
  const ours = { median: 100, fastest: 50, slowest: 200, runs: 3 };
  const result = { what: 'work', ours, amount: 10, peer: null } as const;
  expect(figureOf(100, { amount: 10, unit: 'ms/picture' })).toBe(10);
  expect(figureOf(100, { amount: 10, unit: 'pictures/s' })).toBe(100);
  const peer = { name: 'other', timing: { ...ours, median: 300 } };
  const [, rate, time] = renderTable([
    { ...result, unit: 'pictures/s' },
    { ...result, unit: 'ms/picture', peer },
  ]).split('\n');
  expect(rate).toMatch(/^work +100 +50\.0 … 200 +pictures\/s +3 +-$/);
  expect(time).toMatch(/^work +10\.0 +5\.00 … 20\.0 +ms\/picture +3 +other +30\.0 +5\.00 … 20\.0 +3\.00×$/);
});
