import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildGraph, frozenLayers, kerasLayers, type Graph, type GraphNode } from '@graft/model';

import { loadExperiment } from '@graft/spec';

import {
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
import { cutGraph, trainableLayers } from './trainable';
import { openTrainingSteps } from './training-steps';

interface Workshop {
  readonly first: number;
  readonly head: KerasHead;
  readonly pictures: number;
  readonly learningRate: number;
  /** Of the backbone, as `model.layers` lists them. */
  readonly layers: readonly string[];
  readonly trainable: readonly string[];
  /** By layer; only those that have any. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly trainableParameters: number;
  readonly otherParameters: number;
  readonly losses: readonly number[];
}

const fixture = kerasFixture<Record<string, Workshop>>('workshop');
const SIDE = 224;

function networkOf({ head, first }: Workshop) {
  const config = kerasConfig(1, SIDE, headOf(head));
  const frozen = frozenLayers({ type: 'first', layers: first }, config);
  return { config, frozen, graph: buildGraph(config, kerasWeights(config)) };
}

/** As Keras counts: the statistics of batch norms are parameters, too. */
function parametersOf(graph: Graph): Record<string, number> {
  return Object.fromEntries(graph.nodes.map((node) => [node.name, numbersOf(node)]).filter(([, count]) => count !== 0));
}

function numbersOf(node: GraphNode): number {
  return Object.values(node).reduce((sum: number, part) => sum + (part instanceof Float32Array ? part.length : 0), 0);
}

/** What an experiment is that takes this preset of the workspace. */
function specOf(preset: string) {
  const own = `version: 1\nextends: [${preset}]\nclasses: [a, b]\ndataset: { sources: [{ type: directory, path: ./x }] }\n`;
  const files = new Map([
    ['experiment.yaml', own],
    ['project.yaml', readFileSync(join(__dirname, '../../../project.yaml'), 'utf8')],
  ]);
  const loaded = loadExperiment({
    ...{ experimentPath: 'experiment.yaml', projectPath: 'project.yaml', defaultName: 'workshop' },
    readText: (path) => files.get(path) ?? null,
  });
  if (!loaded.ok) throw new Error(`the preset ${preset} is refused`);
  return loaded.value.spec;
}

jest.setTimeout(120_000);

describe.each([
  ['readme', 'workshop-2019'],
  ['last script', 'workshop-2019-final'],
])('the workshop’s network, %s', (name, preset) => {
  const workshop = fixture[name];
  const { config, frozen, graph } = networkOf(workshop);

  test('is a preset of this workspace', () => {
    const { model, train, preprocess } = specOf(preset);
    expect(model).toMatchObject({ alpha: config.alpha, output: config.output, head: config.head });
    expect(model.freeze).toEqual({ type: 'first', layers: workshop.first });
    expect(preprocess.imageSize).toEqual(config.input);
    expect(train).toMatchObject({ optimizer: { name: 'adam' }, learningRate: workshop.learningRate });
  });

  test('layers have the names and the order that Keras gives them', () => {
    const [input, ...others] = workshop.layers;
    expect(input).toMatch(/^input/);
    expect(kerasLayers(config).slice(1)).toEqual(others);
  });

  test('as many layers are frozen as Keras freezes', () => {
    expect(workshop.layers.slice(1).filter((layer) => !frozen.includes(layer))).toEqual(workshop.trainable);
    expect(frozen).toHaveLength(workshop.first);
    expect(frozen.at(-1)).toBe(workshop.first === 20 ? 'conv_dw_3_relu' : 'conv_pw_13_relu');
  });

  test('every layer has as many parameters as in Keras', () => {
    expect(parametersOf(graph)).toEqual(workshop.parameters);
  });

  test('as many parameters learn as in Keras', () => {
    const { learning } = cutGraph(graph, new Set(frozen));
    const { body, head } = trainableLayers(learning, { head: config.head, freezeBatchNorm: false, seed: 1 });
    const parameters = [...body, ...head].flatMap((layer) => layer.parameters);
    const count = parameters.reduce((sum, { values }) => sum + values.length, 0);
    expect(count).toBe(workshop.trainableParameters);
    const all = Object.values(parametersOf(graph)).reduce((sum, numbers) => sum + numbers, 0);
    expect(all - count).toBe(workshop.otherParameters);
  });

  test.each(installedBackends(`a step of the workshop’s network, ${name}`))(
    'a step goes as in Keras on %s',
    async (backend) => {
      const steps = await openTrainingSteps({
        ...{ graph, head: config.head, frozen, freezeBatchNorm: false, seed: 1, backend },
        train: plainTraining(workshop.learningRate, workshop.pictures),
        classes: { count: 2, weights: [1, 1] },
      });
      const losses: number[] = [];
      for (const step of workshop.losses.keys())
        losses.push(await steps.learn(kerasPictures(`pictures/workshop/${step}`, workshop.pictures, SIDE)));
      steps.dispose();
      expect(relativeError(losses.slice(0, 1), workshop.losses.slice(0, 1))).toBeLessThan(1e-4);
      expect(relativeError(losses, workshop.losses)).toBeLessThan(0.01);
    },
  );
});
