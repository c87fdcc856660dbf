import type { FloatConvolution } from './chain';
import { channelScales, isUneven, stretched, stretchedLayer } from './channel-scales';
import { preActivation } from './float-convolution';

const pointwise: FloatConvolution = {
  kind: 'convolution',
  name: 'pointwise',
  kernel: 1,
  stride: 1,
  input: { channels: 2, height: 1, width: 1 },
  output: { channels: 2, height: 1, width: 1 },
  weights: Float64Array.of(1, 2, 3, 4),
  bias: Float64Array.of(0.5, -0.5),
  activation: 'relu',
};
const depthwise: FloatConvolution = {
  ...pointwise,
  kind: 'depthwise',
  kernel: 3,
  weights: Float64Array.from({ length: 18 }, (_, index) => index),
};

test('every channel of a ReLU layer is stretched to the widest one, a quarter above its peak', () => {
  expect(channelScales(pointwise, Float64Array.of(8, 0.5))).toEqual({
    range: { min: 0, max: 10 },
    factors: Float64Array.of(1, 16),
  });
});

test('a ReLU6 layer clips at 6, whatever a channel reached beyond four fifths of it', () => {
  const { range, factors } = channelScales({ ...pointwise, activation: 'relu6' }, Float64Array.of(5, 1.2)) ?? {};
  expect(range).toEqual({ min: 0, max: 6 });
  expect([...(factors ?? [])]).toEqual([1, 4]);
});

test('a channel that never woke keeps its scale, one that nearly did is not blown up without end', () => {
  const { factors } = channelScales(pointwise, Float64Array.of(0, 1e-9)) ?? {};
  expect([...(factors ?? [])]).toEqual([1, 1]);
  expect(channelScales(pointwise, Float64Array.of(100, 1e-9))?.factors[1]).toBe(1024);
});

test('channels are uneven when one scale would lose more than two bits in the mean', () => {
  // 0, 2 and 4 bits.
  expect(isUneven(Float64Array.of(16, 4, 1))).toBe(false);
  expect(isUneven(Float64Array.of(16, 4, 0.99))).toBe(true);
});

test('channels that never woke make no layer uneven', () => {
  expect(isUneven(Float64Array.of(3, 0, 0, 0, 2))).toBe(false);
  expect(isUneven(Float64Array.of(0, 0))).toBe(false);
});

test('linear layers and maps of zeros have none', () => {
  expect(channelScales({ ...pointwise, activation: 'linear' }, Float64Array.of(1, 2))).toBeUndefined();
  expect(channelScales(pointwise, Float64Array.of(0, 0))).toBeUndefined();
});

test.each([
  ['pointwise', pointwise],
  ['depthwise', depthwise],
])('a %s layer between stretched maps gives the stretched output', (_, layer) => {
  const values = Float32Array.of(2, 3);
  const input = Float64Array.of(4, 0.5);
  const output = Float64Array.of(8, 0.25);
  const plain = preActivation(layer, values);
  expect(preActivation(stretchedLayer(layer, input, output), stretched(values, input))).toEqual(
    stretched(plain, output),
  );
  expect(stretchedLayer(layer, undefined, undefined)).toBe(layer);
});
