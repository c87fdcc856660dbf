import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEVICES, SPEED } from '@graft/k210';
import { readKModel } from '@graft/kmodel';
import { networkShape } from '@graft/model';
import type { MapShape } from '@graft/tensor';

import { checkFit } from './check-fit';
import { estimateTime, parameterBytes, runMs, timeEstimate } from './estimate-time';
import { printTime } from './print-time';

const run = (depthwise: boolean, input: MapShape, outputChannels: number, kernel: 1 | 3, resultBytes = 0) => {
  const weights = outputChannels * (depthwise ? 1 : input.channels) * kernel ** 2;
  return runMs({
    depthwise,
    input,
    outputChannels,
    parameterBytes: parameterBytes(weights, outputChannels),
    resultBytes,
  });
};

const map = (channels: number, height: number, width: number): MapShape => ({ channels, height, width });

describe('published times of single layers', () => {
  // "KPU debug output", issue 77 of kendryte/nncase; the shapes are inferred: docs/speed-model.md.
  test.each([
    ['the first convolution', 0.206, run(false, map(3, 240, 320), 16, 3), 0.2],
    ['depthwise 1', 0.039, run(true, map(16, 120, 160), 16, 3), 0.06],
    ['pointwise 1', 0.514, run(false, map(16, 120, 160), 32, 1), 0.06],
    ['depthwise 2', 0.029, run(true, map(32, 60, 80), 32, 3), 0.06],
    ['pointwise 2', 0.68, run(false, map(32, 60, 80), 64, 1), 0.06],
    ['depthwise 3', 0.053, run(true, map(64, 60, 80), 64, 3), 0.06],
    ['pointwise 3', 1.328, run(false, map(64, 60, 80), 64, 1), 0.06],
    ['depthwise 4', 0.02, run(true, map(64, 30, 40), 64, 3), 0.06],
    ['pointwise 4', 0.704, run(false, map(64, 30, 40), 128, 1), 0.06],
    ['depthwise 5', 0.034, run(true, map(128, 30, 40), 128, 3), 0.06],
    ['pointwise 5', 1.385, run(false, map(128, 30, 40), 128, 1), 0.06],
    ['depthwise 6', 0.016, run(true, map(128, 15, 20), 128, 3), 0.06],
    ['pointwise 6', 0.781, run(false, map(128, 15, 20), 256, 1), 0.06],
    ['depthwise 7', 0.025, run(true, map(256, 15, 20), 256, 3), 0.06],
    ['pointwise 7', 1.522, run(false, map(256, 15, 20), 256, 1), 0.06],
    ['the last one, which sends its result', 0.326, run(false, map(256, 15, 20), 30, 1, 9000), 0.06],
  ])('%s took %d ms', (_, published, estimated, error) => {
    expect(Math.abs(estimated / published - 1)).toBeLessThan(error);
  });
});

const estimateOf = (alpha: number, height: number, width: number, classes: number) =>
  checkFit({
    layers: networkShape({
      alpha,
      output: 'conv_pw_13_relu',
      input: { height, width },
      encoding: { scale: 1, offset: 0 },
      pooling: 'avg',
      head: [],
      classes,
    }),
    device: DEVICES['maix-bit'],
    firmware: DEVICES['maix-bit'].firmware.minimum,
  }).time;

test('a MobileNet of width 0.75 on 224×224 pixels, published as 37 and 40 ms, lies inside the band', () => {
  // "MaixPy support new nncase & Kmodel V4 Now~" and "MaixPy Run Big Size Flash Model!", Sipeed (2020); their dense layer
  // over 1000 classes ran on the KPU, which adds 1×1 weights over a map of 4×4 and no work of the processor to speak of.
  const backbone = estimateOf(0.75, 224, 224, 2);
  const dense = run(false, map(768, 4, 4), 1000, 1);
  const { lowMs, highMs } = timeEstimate([...backbone.layerMs, dense], map(3, 224, 224));
  expect(lowMs).toBeLessThan(37);
  expect(highMs).toBeGreaterThan(40);
});

test('smaller, narrower and shorter networks take less', () => {
  expect(estimateOf(0.5, 224, 224, 2).totalMs).toBeLessThan(estimateOf(0.75, 224, 224, 2).totalMs);
  expect(estimateOf(0.5, 160, 160, 2).totalMs).toBeLessThan(estimateOf(0.5, 224, 224, 2).totalMs);
});

test('the band is as wide as its factor says, and the sum is that of its parts', () => {
  const { totalMs, lowMs, highMs, pictureMs, framesPerSecond } = timeEstimate([10, 20], map(3, 224, 224));
  expect(pictureMs).toBeCloseTo(150528 / 700e3, 9);
  expect(totalMs).toBeCloseTo(30 + pictureMs, 9);
  expect(highMs / totalMs).toBeCloseTo(SPEED.errorFactor, 9);
  expect(totalMs / lowMs).toBeCloseTo(SPEED.errorFactor, 9);
  expect(framesPerSecond * totalMs).toBeCloseTo(1000, 9);
});

test('a time is printed with its band, and says that nobody measured it', () => {
  expect(printTime(timeEstimate([35], map(0, 0, 0)))).toBe(
    'about 35 ms (25 to 49 ms) a picture, 28.6 a second; estimated, not measured',
  );
  expect(printTime(timeEstimate([3.5], map(0, 0, 0)))).toContain('about 3.5 ms (2.5 to 4.9 ms)');
});

const FIXTURE = join(__dirname, '../../../../shared/fixtures/kmodel/poke_model.kmodel');
const withFixture = existsSync(FIXTURE) ? test : test.skip;

withFixture('a kmodel of another compiler is estimated from its bytes (needs ../shared/fixtures)', () => {
  const model = readKModel(readFileSync(FIXTURE));
  const { totalMs, layerMs } = estimateTime(model);
  expect(layerMs).toHaveLength(37);
  // The same backbone as published with 37 to 40 ms, with a head on the processor.
  expect(totalMs).toBeGreaterThan(37 / SPEED.errorFactor);
  expect(totalMs).toBeLessThan(40 * SPEED.errorFactor);
});
