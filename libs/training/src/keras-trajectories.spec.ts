import { buildGraph, frozenLayers, type BatchNormNode, type Graph } from '@graft/model';

import {
  everyOf,
  headOf,
  installedBackends,
  kerasConfig,
  kerasFixture,
  kerasPictures,
  kerasWeights,
  plainTraining,
  relativeError,
  type KerasHead,
} from './keras-parity.sample';
import { openTrainingSteps } from './training-steps';

interface Trajectory {
  readonly first: number;
  readonly side: number;
  readonly head: KerasHead;
  readonly frozenStatistics: boolean;
  readonly losses: readonly number[];
  /** Some numbers of each tensor of some batch norms, after the last step. */
  readonly norms: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

const { alpha, pictures, learningRate, ...trajectories } = kerasFixture<
  { alpha: number; pictures: number; learningRate: number } & Record<string, Trajectory>
>('trajectories');

/** Numbers of a tensor in the fixture; fewer of a short one. */
const SAMPLES = 8;

async function run({ first, side, head, frozenStatistics, losses }: Trajectory, backend: 'wasm' | 'tfjs-node') {
  const config = kerasConfig(alpha, side, headOf(head));
  const steps = await openTrainingSteps({
    graph: buildGraph(config, kerasWeights(config)),
    head: config.head,
    frozen: frozenLayers({ type: 'first', layers: first }, config),
    freezeBatchNorm: frozenStatistics,
    train: plainTraining(learningRate, pictures),
    classes: { count: 2, weights: [1, 1] },
    seed: 1,
    backend,
  });
  const seen: number[] = [];
  for (const step of losses.keys())
    seen.push(await steps.learn(kerasPictures(`pictures/trajectory/${step}`, pictures, side)));
  const graph = steps.graph();
  steps.dispose();
  return { losses: seen, graph };
}

function normOf(graph: Graph, name: string): Record<string, Float32Array> {
  const node = graph.nodes.find((one): one is BatchNormNode => one.name === name && one.kind === 'batchNorm');
  if (node === undefined) throw new Error(`no batch norm ${name}`);
  return { gamma: node.gamma, beta: node.beta, moving_mean: node.mean, moving_variance: node.variance };
}

jest.setTimeout(120_000);

describe.each(installedBackends('eight steps of Adam'))('on %s', (backend) => {
  test.each([
    // Batch norms above the frozen layers go by the batch and move their averages. Rounding grows from step to step.
    ['first 20 frozen', 0.01, 2e-3],
    ['first 20 frozen, statistics of all', 1e-3, 1e-3],
    ['statistics of all frozen', 1e-3, 1e-3],
    ['all frozen', 1e-5, 1e-8],
  ])('eight steps of Adam go as in Keras: %s', async (name, lossTolerance, normTolerance) => {
    const expected = trajectories[name];
    const { losses, graph } = await run(expected, backend);
    losses.forEach((loss, step) => expect(Math.abs(loss / expected.losses[step] - 1)).toBeLessThan(lossTolerance));
    for (const [norm, tensors] of Object.entries(expected.norms)) {
      const ours = normOf(graph, norm);
      for (const [part, values] of Object.entries(tensors))
        expect(relativeError(everyOf(ours[part], SAMPLES), values)).toBeLessThan(normTolerance);
    }
  });
});

test('frozen layers keep their statistics in Keras as well', () => {
  const weights = kerasWeights(kerasConfig(alpha, 128));
  const { norms } = trajectories['first 20 frozen'];
  const moved = (norm: string, part: string) =>
    relativeError(everyOf(weights.get(`${norm}/${part}`)?.data ?? new Float32Array(), SAMPLES), norms[norm][part]);
  for (const part of ['gamma', 'beta', 'moving_mean', 'moving_variance'])
    expect(moved('conv_dw_3_bn', part)).toBeLessThan(1e-8);
  expect(moved('conv_pw_3_bn', 'moving_mean')).toBeGreaterThan(0.01);
});
