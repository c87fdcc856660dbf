import type { QuantizedConvolution, QuantizedGraph } from '@graft/quantization';

const PICTURE = { channels: 2, height: 8, width: 8, scale: 1 / 127.5, zeroPoint: 127.5 };
const HALF = { channels: 3, height: 8, width: 8, scale: 6 / 255, zeroPoint: 0 };
const QUARTER = { ...HALF, height: 4, width: 4 };
const LAST = { channels: 4, height: 4, width: 4, scale: 0.05, zeroPoint: 100 };

/** Bytes that are neither alike nor symmetric. */
const bytes = (count: number, step: number) =>
  new Uint8Array(count).map((_, at) => 128 + ((at * step + 17) % 101) - 50);

const scales = (count: number) => new Float64Array(count).map((_, channel) => (channel + 1) / 1024);
const bias = (count: number) => new Float64Array(count).map((_, channel) => 0.5 - channel / 4);

const CONVOLUTIONS: readonly QuantizedConvolution[] = [
  {
    kind: 'convolution',
    name: 'conv',
    kernel: 3,
    stride: 1,
    input: PICTURE,
    output: HALF,
    weights: bytes(54, 7),
    weightZeroPoint: 127.5,
    weightScales: scales(3),
    bias: bias(3),
    activation: 'relu6',
  },
  {
    kind: 'depthwise',
    name: 'dw',
    kernel: 3,
    stride: 2,
    input: HALF,
    output: QUARTER,
    weights: bytes(27, 11),
    weightZeroPoint: 128,
    weightScales: scales(3),
    bias: bias(3),
    activation: 'relu6',
  },
  {
    kind: 'convolution',
    name: 'pw',
    kernel: 1,
    stride: 1,
    input: QUARTER,
    output: LAST,
    weights: bytes(12, 13),
    weightZeroPoint: 128,
    weightScales: scales(4),
    bias: bias(4),
    activation: 'linear',
  },
];

/** A classifier small enough to be read: written by hand, so that it changes only here. */
export const TINY_NETWORK: QuantizedGraph = {
  name: 'tiny',
  input: PICTURE,
  convolutions: CONVOLUTIONS,
  tail: [
    { kind: 'globalAveragePool', name: 'pool' },
    {
      kind: 'dense',
      name: 'scores',
      inputs: 4,
      units: 2,
      weights: Float32Array.of(0.5, -0.25, 1, 0, -1, 0.75, 0, 2),
      bias: Float32Array.of(0.125, -0.125),
      activation: 'linear',
    },
    { kind: 'softmax', name: 'softmax' },
  ],
};

/** The same with the maxima of its last map beside the means. */
export const TINY_NETWORK_WITH_MAXIMA: QuantizedGraph = {
  ...TINY_NETWORK,
  name: 'tiny-maxima',
  tail: [
    { kind: 'globalAverageMaxPool', name: 'pool' },
    {
      kind: 'dense',
      name: 'scores',
      inputs: 8,
      units: 2,
      weights: Float32Array.of(0.5, -0.25, 1, 0, 0.25, 2, -1.5, 1, -1, 0.75, 0, 2, -0.125, 0.5, 1.25, -2),
      bias: Float32Array.of(0.125, -0.125),
      activation: 'linear',
    },
    { kind: 'softmax', name: 'softmax' },
  ],
};

/** The same with a hidden layer, which is in bytes. */
export const TINY_NETWORK_WITH_DENSE: QuantizedGraph = {
  ...TINY_NETWORK,
  name: 'tiny-dense',
  tail: [
    { kind: 'globalAveragePool', name: 'pool' },
    {
      kind: 'quantizedDense',
      name: 'kpu_dense',
      layers: [
        {
          kind: 'convolution',
          name: 'hidden',
          kernel: 1,
          stride: 1,
          input: { channels: 4, height: 1, width: 1, scale: 0.0625, zeroPoint: 90 },
          output: { channels: 5, height: 1, width: 1, scale: 0.03125, zeroPoint: 0 },
          weights: bytes(20, 19),
          weightZeroPoint: 128,
          weightScales: scales(5),
          bias: bias(5),
          activation: 'relu',
        },
      ],
    },
    {
      kind: 'dense',
      name: 'scores',
      inputs: 5,
      units: 2,
      weights: Float32Array.of(0.5, -0.25, 1, 0, -1, 0.75, 0, 2, -0.5, 0.25),
      bias: Float32Array.of(0.125, -0.125),
      activation: 'linear',
    },
    { kind: 'softmax', name: 'softmax' },
  ],
};
