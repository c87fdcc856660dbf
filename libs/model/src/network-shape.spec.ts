import { networkShape } from './network-shape';

const config = {
  output: 'conv_pw_13_relu',
  input: { height: 224, width: 224 },
  encoding: { scale: 1 / 127.5, offset: -1 },
  pooling: 'avg' as const,
  head: [],
  classes: 2,
};

const backbone = (alpha: number) =>
  networkShape({ ...config, alpha }).filter(({ kind }) => kind === 'convolution' || kind === 'depthwise');
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

// Weights: Keras's count for the network without its top, less four numbers for each batch norm channel. Macs: Howard et al., table 4, less the top.
test.each([
  [1, 3_185_088, 568],
  [0.75, 1_800_144, 325],
  [0.5, 807_648, 149],
  [0.25, 207_600, 41],
])('alpha %d has %i convolution weights and %i million multiplications', (alpha, weights, millions) => {
  expect(total(backbone(alpha).map((layer) => layer.weights))).toBe(weights);
  expect(Math.round(total(backbone(alpha).map((layer) => layer.macs)) / 1e6)).toBe(millions);
});

test('the maps shrink from 224 to 7', () => {
  const heights = backbone(1).map((layer) => layer.output.height);
  expect([...new Set(heights)]).toEqual([112, 56, 28, 14, 7]);
});

test('each layer takes what the one before it gives', () => {
  const head = [{ type: 'dense', units: 10, activation: 'relu' } as const];
  const layers = networkShape({ ...config, alpha: 0.25, output: 'conv_pw_5_relu', head });
  layers.slice(1).forEach((layer, index) => expect(layer.input).toEqual(layers[index].output));
  expect(layers.slice(-4).map(({ name }) => name)).toEqual([
    'global_average_pooling2d',
    'dense_1',
    'predictions',
    'softmax',
  ]);
});

test('a size that cannot be halved names the layer and the next step', () => {
  const shape = () => networkShape({ ...config, alpha: 1, input: { height: 224, width: 200 } });
  expect(shape).toThrow(expect.objectContaining({ code: 'E605', hint: expect.stringContaining('multiple of 32') }));
  expect(() =>
    networkShape({ ...config, alpha: 1, output: 'conv_pw_7_relu', input: { height: 224, width: 208 } }),
  ).not.toThrow();
});
