import { Random } from '@graft/foundation';
import * as tf from '@tensorflow/tfjs-core';

import { openBackend } from './backend';
import { convolution, depthwise } from './convolutions';
import {
  channelSums,
  convolutionInputGradient,
  convolutionKernelGradient,
  depthwiseInputGradient,
  depthwiseKernelGradient,
} from './gradients';

interface Case {
  readonly pictures: number;
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
}

/** Thirty-six shapes, every window and stride several times. */
const CASES: readonly Case[] = Array.from({ length: 36 }, (_, index) => {
  const random = Random.of(7, 'shapes', index);
  return {
    pictures: 1 + random.integer(3),
    height: 2 * (1 + random.integer(5)),
    width: 2 * (1 + random.integer(5)),
    inputs: 1 + random.integer(9),
    outputs: 1 + random.integer(9),
    kernel: index % 3 === 0 ? 1 : 3,
    stride: index % 2 === 0 ? 1 : 2,
  } as const;
});

const title = (c: Case) =>
  `${c.pictures}×${c.height}×${c.width}, ${c.inputs} to ${c.outputs} channels, window ${c.kernel}, stride ${c.stride}`;

beforeAll(() => openBackend('wasm'));

/** Visits every product of a convolution, in float64 and in the plainest way: one output, one weight, one input at a time. */
function eachProduct(
  c: Case,
  visit: (output: number, weight: number, input: number) => void,
  perChannel = false,
): void {
  const border = c.kernel === 3 ? 1 : 0;
  const [rows, columns] = [c.height / c.stride, c.width / c.stride];
  const outputs = perChannel ? c.inputs : c.outputs;
  for (let n = 0; n < c.pictures; n++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++)
        for (let ky = 0; ky < c.kernel; ky++)
          for (let kx = 0; kx < c.kernel; kx++) {
            const [row, column] = [y * c.stride + ky - border, x * c.stride + kx - border];
            if (row < 0 || column < 0 || row >= c.height || column >= c.width) continue;
            for (let i = 0; i < c.inputs; i++)
              for (let o = perChannel ? i : 0; o < (perChannel ? i + 1 : outputs); o++) {
                const output = ((n * rows + y) * columns + x) * outputs + o;
                const tap = ky * c.kernel + kx;
                const weight = perChannel ? tap * c.inputs + i : (tap * c.inputs + i) * outputs + o;
                visit(output, weight, ((n * c.height + row) * c.width + column) * c.inputs + i);
              }
          }
}

function draw(length: number, ...names: (string | number)[]): Float32Array {
  const random = Random.of(11, ...names);
  return Float32Array.from({ length }, () => random.between(-1, 1));
}

function expectClose(actual: tf.Tensor, expected: Float64Array): void {
  const values = actual.dataSync();
  expect(values.length).toBe(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - values[at])), 0);
  expect(worst / scale).toBeLessThan(1e-6);
}

function operands(c: Case, perChannel: boolean) {
  const outputs = perChannel ? c.inputs : c.outputs;
  const x = draw(c.pictures * c.height * c.width * c.inputs, 'x', title(c));
  const w = draw(c.kernel ** 2 * c.inputs * (perChannel ? 1 : c.outputs), 'w', title(c));
  const outShape: [number, number, number, number] = [c.pictures, c.height / c.stride, c.width / c.stride, outputs];
  const dy = draw(
    outShape.reduce((a, b) => a * b, 1),
    'dy',
    title(c),
  );
  return {
    x,
    w,
    dy,
    xTensor: tf.tensor4d(x, [c.pictures, c.height, c.width, c.inputs]),
    wTensor: tf.tensor4d(w, [c.kernel, c.kernel, c.inputs, perChannel ? 1 : c.outputs]),
    dyTensor: tf.tensor4d(dy, outShape),
  };
}

describe.each(CASES.map((c) => [title(c), c] as const))('a convolution of %s', (_, c) => {
  test('computes what the graph defines, and its gradients', () => {
    tf.tidy(() => {
      const { x, w, dy, xTensor, wTensor, dyTensor } = operands(c, false);
      const [y, dw, dx] = [new Float64Array(dy.length), new Float64Array(w.length), new Float64Array(x.length)];
      eachProduct(c, (output, weight, input) => {
        y[output] += w[weight] * x[input];
        dw[weight] += dy[output] * x[input];
        dx[input] += dy[output] * w[weight];
      });
      expectClose(convolution(xTensor, wTensor, c), y);
      expectClose(convolutionKernelGradient(xTensor, dyTensor, c), dw);
      expectClose(convolutionInputGradient(dyTensor, wTensor, c), dx);
    });
  });
});

describe.each(CASES.filter((c) => c.kernel === 3).map((c) => [title(c), c] as const))(
  'a depthwise convolution of %s',
  (_, c) => {
    test('computes what the graph defines, and its gradients', () => {
      tf.tidy(() => {
        const { x, w, dy, xTensor, wTensor, dyTensor } = operands(c, true);
        const [y, dw, dx] = [new Float64Array(dy.length), new Float64Array(w.length), new Float64Array(x.length)];
        const visit = (output: number, weight: number, input: number) => {
          y[output] += w[weight] * x[input];
          dw[weight] += dy[output] * x[input];
          dx[input] += dy[output] * w[weight];
        };
        eachProduct(c, visit, true);
        expectClose(depthwise(xTensor, wTensor, c.stride), y);
        expectClose(depthwiseKernelGradient(xTensor, dyTensor, c.stride), dw);
        expectClose(depthwiseInputGradient(dyTensor, wTensor, c.stride), dx);
      });
    });
  },
);

test('the sum of each channel is the sum over pictures, rows and columns', () => {
  tf.tidy(() => {
    const [pictures, area, channels] = [3, 20, 7];
    const values = draw(pictures * area * channels, 'sums');
    const expected = new Float64Array(channels);
    values.forEach((value, at) => (expected[at % channels] += value));
    expectClose(channelSums(tf.tensor4d(values, [pictures, 4, 5, channels])), expected);
  });
});

test('the gradients leave no tensor behind that a tidy does not clear', () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const { xTensor, wTensor, dyTensor } = operands(CASES[1], true);
    if (CASES[1].kernel === 3) depthwiseKernelGradient(xTensor, dyTensor, CASES[1].stride);
    depthwiseInputGradient(dyTensor, wTensor, CASES[1].stride);
  });
  expect(tf.memory().numTensors).toBe(before);
});
