import { Random } from '@graft/foundation';
import type { Activation, Pooling } from '@graft/model';

import { evaluateQuantized } from '../evaluate-quantized';
import { quantizeGraph } from '../quantize-graph';
import type { QuantizedGraph } from '../quantized-graph';
import { optionsWith, randomGraph, randomPictures } from '../random-graph.fixture';
import type { LayerRecipe } from '../random-graph.fixture';
import { pictureGradients } from './picture-gradients';
import { surrogateAt } from './surrogate.fixture';

jest.setTimeout(60_000);

const SIZE = 8;
const CLASSES = 3;

/** Every kind of layer, both strides of each. */
const layers = (activation: Activation): readonly LayerRecipe[] => [
  ['convolution', 4, 3, 2, activation],
  ['depthwise', 4, 3, 1, activation],
  ['convolution', 6, 1, 2, activation],
  ['depthwise', 6, 3, 1, activation],
  ['convolution', 5, 3, 1, activation],
  ['convolution', 5, 1, 1, activation],
];

async function quantized(seed: number, activation: Activation, pooling: Pooling = 'avg'): Promise<QuantizedGraph> {
  const graph = randomGraph(seed, layers(activation), SIZE, pooling);
  return (await quantizeGraph(graph, optionsWith(randomPictures(seed, 6, SIZE)))).graph;
}

const targetsFor = (seed: number, count: number): Float32Array[] =>
  Array.from({ length: count }, (_, index) => {
    const random = Random.of(seed, 'target', index);
    return new Float32Array(CLASSES).map(() => random.normal());
  });

test.each([1, 2])('forth, it is the integer reference to the last bit (seed %d)', async (seed) => {
  const graph = await quantized(seed, 'relu6');
  const pictures = randomPictures(seed + 100, 5, SIZE);
  const targets = targetsFor(seed, 5);
  const open = { ...graph, tail: graph.tail.filter(({ kind }) => kind !== 'softmax') };
  const expected = pictures.map((picture, index) => {
    const logits = evaluateQuantized(open, picture);
    return logits.reduce((sum, logit, k) => sum + (logit - targets[index][k]) ** 2, 0) / 2;
  });
  const { loss } = pictureGradients(graph, 0, pictures, targets);
  expect(loss).toBeCloseTo(
    expected.reduce((a, b) => a + b, 0),
    10,
  );
});

describe.each<[Activation, Pooling?]>([
  ['relu6'],
  ['relu'],
  ['linear'],
  [{ kind: 'leaky_relu', alpha: 0.125 }],
  ['tanh'],
  ['relu6', 'avg_max'],
  ['linear', 'avg_max'],
])('back, with %j, %s', (activation, pooling = 'avg') => {
  test('it is the gradient of the network whose roundings keep what they added', async () => {
    const graph = await quantized(4, activation, pooling);
    const [picture] = randomPictures(77, 1, SIZE);
    const [target] = targetsFor(5, 1);
    const surrogate = surrogateAt(graph, picture, target);
    const { layers: found } = pictureGradients(graph, 0, [picture], [target]);
    expect(found).toHaveLength(graph.convolutions.length + 2);
    const random = Random.of(6, 'places');
    let largest = 0;
    for (const [layer, gradient] of found.entries()) {
      for (const kind of ['weights', 'bias'] as const) {
        for (let probe = 0; probe < 3; probe++) {
          const place = Math.floor(random.uniform() * gradient[kind].length);
          const slope = surrogate.slope(layer, kind, place);
          largest = Math.max(largest, Math.abs(slope));
          expect(Math.abs(gradient[kind][place] - slope)).toBeLessThan(1e-4 * Math.abs(slope) + 1e-5);
        }
      }
    }
    // Else everything was clamped, and the comparison would say nothing.
    expect(largest).toBeGreaterThan(0.01);
  });
});

test('layers that do not learn have no gradient, and change nothing in those that do', async () => {
  const graph = await quantized(8, 'relu6');
  const pictures = randomPictures(9, 3, SIZE);
  const targets = targetsFor(9, 3);
  const all = pictureGradients(graph, 0, pictures, targets).layers;
  for (const frozen of [1, 4, graph.convolutions.length]) {
    expect(pictureGradients(graph, frozen, pictures, targets).layers).toEqual(all.slice(frozen));
  }
});
