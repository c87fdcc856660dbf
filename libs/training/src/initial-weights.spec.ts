import { initialWeights } from './initial-weights';

const config = {
  alpha: 0.25,
  output: 'conv_pw_2_relu',
  input: { height: 32, width: 32 },
  encoding: { scale: 1, offset: 0 },
  pooling: 'avg' as const,
  head: [],
  classes: 3,
};

test('kernels are drawn within the limits of Glorot and Bengio', () => {
  const { data = new Float32Array() } = initialWeights(config, null, 1).get('conv_pw_2/kernel') ?? {};
  // 16 inputs and 32 outputs of a 1×1 window.
  const limit = Math.sqrt(6 / 48);
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeLessThanOrEqual(limit);
  expect(largest).toBeGreaterThan(0.9 * limit);
});

test('batch norms begin as the identity, biases at 0', () => {
  const weights = initialWeights(config, null, 1);
  expect(weights.get('conv1_bn/gamma')?.data).toEqual(new Float32Array(8).fill(1));
  expect(weights.get('conv1_bn/moving_mean')?.data).toEqual(new Float32Array(8));
  expect(weights.get('predictions/bias')?.data).toEqual(new Float32Array(3));
});

test('the seed decides, and given weights stay as they are', () => {
  const backbone = initialWeights(config, null, 1);
  expect(initialWeights(config, null, 1)).toEqual(backbone);
  const other = initialWeights(config, new Map([...backbone].filter(([name]) => !name.startsWith('predictions'))), 2);
  expect(other.get('conv1/kernel')).toEqual(backbone.get('conv1/kernel'));
  expect(other.get('predictions/kernel')).not.toEqual(backbone.get('predictions/kernel'));
});
