import { GraftError } from '@graft/foundation';

import { runCpuLayer } from './cpu-layers';
import type { MainMemoryLayer } from './cpu-layers';
import { MainMemory } from './memory';

const IN = 0;
const OUT = 512;
const base = { flags: 0, input: IN, output: OUT };

function run(layer: MainMemoryLayer, input: Float32Array | Uint8Array, prepare?: (memory: MainMemory) => void) {
  const memory = new MainMemory(1024);
  if (input instanceof Float32Array) memory.floats('test', IN, input.length).set(input);
  else memory.bytes('test', IN, input.length).set(input);
  prepare?.(memory);
  return [...runCpuLayer(layer, memory, 'test')];
}

const floats = (...values: number[]) => Float32Array.from(values);
const bytes = (...values: number[]) => Uint8Array.from(values);

test('add adds', () => {
  const layer = { kind: 'add', flags: 0, inputA: 0, inputB: 8, output: OUT, count: 2 } as const;
  expect(run(layer, floats(1, 2, 10, 20.5))).toEqual([11, 22.5]);
});

test('globalAveragePool takes the mean of each channel', () => {
  const layer = { kind: 'globalAveragePool', ...base, kernelSize: 4, channels: 2 } as const;
  expect(run(layer, floats(1, 2, 3, 6, 0, 0, -1, 0))).toEqual([3, -0.25]);
});

describe('quantize', () => {
  const layer = { kind: 'quantize', ...base, count: 6, scale: 0.5, bias: -1 } as const;

  test('rounds halves up and clamps to a byte', () => {
    // (x + 1) · 2
    expect(run(layer, floats(-1, -0.75, -0.25, 0, 126.75, 1e9))).toEqual([0, 1, 2, 2, 255, 255]);
  });

  test('values below the range and NaN give 0', () => {
    expect(run({ ...layer, count: 3 }, floats(-2, -1e9, Number.NaN))).toEqual([0, 0, 0]);
  });
});

test('dequantize multiplies and adds', () => {
  const layer = { kind: 'dequantize', ...base, count: 3, scale: 0.5, bias: -1 } as const;
  expect(run(layer, bytes(0, 2, 255))).toEqual([-1, 0, 126.5]);
});

test('channelwiseDequantize has a range per channel', () => {
  const ranges = [
    { scale: 1, bias: 0 },
    { scale: 2, bias: 10 },
  ];
  const layer = { kind: 'channelwiseDequantize', ...base, channels: 2, channelSize: 2, ranges } as const;
  expect(run(layer, bytes(1, 2, 3, 4))).toEqual([1, 2, 16, 18]);
});

test('requantize looks up its table', () => {
  const table = Uint8Array.from({ length: 256 }, (_, index) => 255 - index);
  expect(run({ kind: 'requantize', ...base, count: 3, table }, bytes(0, 1, 255))).toEqual([255, 254, 0]);
});

test('l2Normalization gives a vector of length 1', () => {
  const result = run({ kind: 'l2Normalization', ...base, channels: 2 }, floats(3, 4));
  expect(result).toEqual([Math.fround(0.6), Math.fround(0.8)]);
});

test('l2Normalization of zeros gives zeros', () => {
  expect(run({ kind: 'l2Normalization', ...base, channels: 2 }, floats(0, 0))).toEqual([0, 0]);
});

test('softmax gives shares of the whole', () => {
  const result = run({ kind: 'softmax', ...base, channels: 3 }, floats(0, Math.log(2), Math.log(5)));
  [0.125, 0.25, 0.625].forEach((share, index) => expect(result[index]).toBeCloseTo(share, 6));
});

test('softmax of large values does not overflow', () => {
  expect(run({ kind: 'softmax', ...base, channels: 2 }, floats(1000, 1000))).toEqual([0.5, 0.5]);
});

test('logistic is one half at 0', () => {
  const result = run({ kind: 'logistic', ...base, channels: 2 }, floats(0, Math.log(3)));
  expect(result[0]).toBe(0.5);
  expect(result[1]).toBeCloseTo(0.75, 6);
});

test('concat copies its inputs behind one another', () => {
  const inputs = [
    { start: 4, size: 2 },
    { start: 0, size: 3 },
  ];
  const layer = { kind: 'quantizedConcat', flags: 0, output: OUT, inputs } as const;
  expect(run(layer, bytes(1, 2, 3, 4, 5, 6))).toEqual([5, 6, 1, 2, 3]);
});

describe('fullyConnected', () => {
  const layer = {
    kind: 'fullyConnected',
    ...base,
    inputChannels: 2,
    outputChannels: 3,
    weights: floats(1, 2, -1, -1, 4, 0),
    bias: floats(0.5, 0, 10),
  } as const;

  test.each([
    [0, [5.5, -3, 14]],
    [1, [5.5, 0, 14]],
    [2, [5.5, 0, 6]],
  ])('multiplies, adds the bias and applies activation %i', (activation, expected) => {
    expect(run({ ...layer, activation }, floats(1, 2))).toEqual(expected);
  });

  test('sums in single precision, in order', () => {
    // 2^24 + 1 is 2^24 in float32, so that the second term is lost; in doubles the result would be 1.
    const lossy = { ...layer, inputChannels: 3, outputChannels: 1, weights: floats(1, 1, 1), bias: floats(0) };
    expect(run({ ...lossy, activation: 0 }, floats(2 ** 24, 1, -(2 ** 24)))).toEqual([0]);
  });
});

test('flatten puts the channels of a pixel together', () => {
  const layer = { kind: 'flatten', ...base, width: 2, height: 1, channels: 3 } as const;
  expect(run(layer, floats(1, 2, 3, 4, 5, 6))).toEqual([1, 3, 5, 2, 4, 6]);
});

describe('resize', () => {
  const size = { channels: 1, inputWidth: 2, inputHeight: 2, outputWidth: 3, outputHeight: 4, alignCorners: 0 };

  test('resizeNearest repeats floats', () => {
    const layer = { kind: 'resizeNearest', ...base, ...size } as const;
    expect(run(layer, floats(1, 2, 3, 4))).toEqual([1, 1, 2, 1, 1, 2, 3, 3, 4, 3, 3, 4]);
  });

  test('quantizedResizeNearest repeats bytes', () => {
    const layer = { kind: 'quantizedResizeNearest', ...base, ...size, outputHeight: 1 } as const;
    expect(run(layer, bytes(1, 2, 3, 4))).toEqual([1, 1, 2]);
  });

  test('a map without pixels cannot be made larger: E364', () => {
    const layer = { kind: 'resizeNearest', ...base, ...size, inputHeight: 0 } as const;
    expect(() => run(layer, floats())).toThrow(expect.objectContaining({ code: 'E364' }));
  });
});

test('removePadding takes every sixteenth byte', () => {
  const input = Uint8Array.from({ length: 48 }, (_, index) => index);
  expect(run({ kind: 'removePadding', ...base, channels: 3 }, input)).toEqual([0, 16, 32]);
});

describe('pools', () => {
  const window = {
    ...base,
    inputWidth: 3,
    inputHeight: 3,
    inputChannels: 1,
    outputWidth: 2,
    outputHeight: 2,
    outputChannels: 1,
    kernelWidth: 2,
    kernelHeight: 2,
    strideWidth: 2,
    strideHeight: 2,
    paddingWidth: 1,
    paddingHeight: 1,
  };

  test('quantizedMaxPool looks at the part of the window inside the map', () => {
    expect(run({ kind: 'quantizedMaxPool', ...window }, bytes(1, 2, 3, 4, 5, 6, 7, 8, 9))).toEqual([1, 3, 7, 9]);
  });

  test('averagePool divides by the number of cells inside the map', () => {
    const layer = { kind: 'averagePool', ...window, activation: 0 } as const;
    // Windows: {1}, {2, 3}, {4, 7}, {5, 6, 8, 9}
    expect(run(layer, floats(1, 2, 3, 4, 5, 6, 7, 8, 9))).toEqual([1, 2.5, 5.5, 7]);
  });

  test('a window of 4 billion rows is no more work than the map', () => {
    const huge = { ...window, kernelHeight: 2 ** 32 - 1, kernelWidth: 2 ** 32 - 1 };
    expect(run({ kind: 'quantizedMaxPool', ...huge }, bytes(1, 2, 3, 4, 5, 6, 7, 8, 9))).toEqual([9, 9, 9, 9]);
  });
});

describe('quantizedAdd', () => {
  const layer = {
    kind: 'quantizedAdd',
    flags: 0,
    inputA: 0,
    inputB: 8,
    output: OUT,
    count: 2,
    offsetA: -1,
    multiplierA: 3,
    shiftA: 1,
    offsetB: 0,
    multiplierB: 1,
    shiftB: 1,
    outputOffset: 5,
    outputMultiplier: 1,
    outputShift: 1,
  } as const;
  const input = bytes(4, 200, 0, 0, 0, 0, 0, 0, 5, 255, 0, 0, 0, 0, 0, 0);

  test('with equal shifts it shifts the sum', () => {
    // (3·3 + 5) >> 1 = 7; 3.5 rounds to 4; + 5 = 9. The second one is (597 + 255) >> 1 = 426; 213 + 5.
    expect(run(layer, input)).toEqual([9, 218]);
  });

  test('with different shifts it shifts each term', () => {
    // (9 >> 1) + (5 >> 0) = 9; 4.5 rounds to 5; + 5. Then 298 + 255 = 553; 276.5 rounds to 277; clamped.
    expect(run({ ...layer, shiftB: 0 }, input)).toEqual([10, 255]);
  });

  test('it works in blocks of 8 bytes past its count', () => {
    const memory = new MainMemory(1024);
    runCpuLayer(layer, memory, 'test');
    // (−1 · 3) >> 1 = −2; −1; + 5
    expect([...memory.bytes('test', OUT, 9)]).toEqual([4, 4, 4, 4, 4, 4, 4, 4, 0]);
  });

  test('a negative shift is refused with E364', () => {
    expect(() => run({ ...layer, outputShift: -1 }, input)).toThrow(GraftError);
    expect(() => run({ ...layer, outputShift: -1 }, input)).toThrow(expect.objectContaining({ code: 'E364' }));
  });
});

test('a layer that reads outside of main memory is refused with E362 and named', () => {
  const layer = { kind: 'softmax', ...base, channels: 10000 } as const;
  expect(() => run(layer, floats())).toThrow(
    expect.objectContaining({ code: 'E362', message: expect.stringContaining('test') }),
  );
});
