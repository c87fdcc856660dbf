import { silent, type StageEvent } from '@graft/foundation';
import { buildGraph, isGlobalPool, type Graph, type Pooling } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import { memoryFeatureStore } from '../feature-store';
import { Inference } from '../inference';
import { initialWeights } from '../initial-weights';
import { sampleExamples, SIDE } from '../train-model.sample';
import { openBackend } from '../backend';
import { cutFeatures } from './cut-features';
import { cutWidths, PooledCuts } from './pooled-cuts';
import { probeCuts, type ProbeExample, type ProbeOptions } from './probe-cuts';

const CUTS = ['conv1_relu', 'conv_pw_1_relu', 'conv_pw_3_relu'];
const CONFIG = {
  alpha: 0.25,
  output: 'conv_pw_3_relu',
  input: { height: SIDE, width: SIDE },
  encoding: { scale: 1 / 127.5, offset: -1 },
  pooling: 'avg' as const,
  head: [],
  classes: 2,
};

/** Ends with the pooled map at a cut, as the frozen part of training does. */
function frozenAt(output: string, pooling: Pooling = 'avg'): Graph {
  const config = { ...CONFIG, output, pooling };
  const whole = buildGraph(config, initialWeights(config, null, 7));
  const pool = whole.nodes.findIndex(isGlobalPool);
  return { ...whole, nodes: whole.nodes.slice(0, pool + 1) };
}

function backbone(): Graph {
  const { nodes, ...rest } = frozenAt('conv_pw_3_relu');
  return { ...rest, nodes: nodes.slice(0, -1) };
}

/** Reddish against bluish noise; two deals of four folds. */
function examples(): ProbeExample[] {
  const { training, validation } = sampleExamples();
  return [...training, ...validation].map((example, index) => ({
    ...example,
    group: `group ${index}`,
    folds: [Math.floor(index / 2) % 4, Math.floor(index / 6) % 4],
  }));
}

const options = (changes: Partial<ProbeOptions> = {}): ProbeOptions => ({
  ...{ alpha: 0.25, weights: null, seed: 7, classes: 2 },
  ...{ input: CONFIG.input, encoding: CONFIG.encoding, pooling: CONFIG.pooling },
  candidates: CUTS.map((output, index) => ({ output, kmodelBytes: 1000 * (index + 1), estimatedMs: index + 1 })),
  examples: examples(),
  featureCache: memoryFeatureStore(),
  backend: 'wasm',
  report: silent,
  ...changes,
});

beforeAll(() => openBackend('wasm'));

test.each(['avg', 'avg_max'] as const)(
  'one pass gives at each cut the bytes that the network cut there gives: %s',
  (pooling) => {
    const pictures = sampleExamples()
      .training.slice(0, 5)
      .map((example) => example.pixels());
    const network = new PooledCuts(backbone(), CUTS, pooling);
    const widths = cutWidths(backbone(), CUTS, pooling);
    const answers = network.run(pictures);
    network.dispose();
    let start = 0;
    CUTS.forEach((cut, index) => {
      const alone = new Inference(frozenAt(cut, pooling));
      const width = widths[index];
      const expected = alone.run(pictures);
      alone.dispose();
      answers.forEach((row, at) =>
        expect([...row.subarray(start, start + width)]).toEqual([...expected.subarray(at * width, (at + 1) * width)]),
      );
      start += width;
    });
    expect(start).toBe(answers[0].length);
  },
);

test('the features of a picture are computed once; other cuts, pixels and ways to pool make others', async () => {
  const featureCache = memoryFeatureStore();
  const common = {
    backbone: backbone(),
    cuts: CUTS,
    pooling: 'avg' as const,
    backend: 'wasm',
    featureCache,
    report: silent,
  };
  const first = await cutFeatures(examples(), common);
  expect(first).toMatchObject({ extracted: 24, reused: 0 });
  const again = await cutFeatures(examples(), common);
  expect(again).toMatchObject({ extracted: 0, reused: 24, byCut: first.byCut });
  const pixels = examples().map((example, index) => (index === 3 ? { ...example, digest: 'other' } : example));
  expect(await cutFeatures(pixels, common)).toMatchObject({ extracted: 1, reused: 23 });
  expect(await cutFeatures(examples(), { ...common, cuts: CUTS.slice(1) })).toMatchObject({ reused: 0 });
  expect(await cutFeatures(examples(), { ...common, backend: 'other' })).toMatchObject({ reused: 0 });
  const both = await cutFeatures(examples(), { ...common, pooling: 'avg_max' });
  expect(both.reused).toBe(0);
  const [means] = first.byCut[0];
  expect(both.byCut[0][0].subarray(0, means.length)).toEqual(means);
});

describe('a comparison of cuts', () => {
  test('marks one cut, and gives each its accuracy with an error bar', async () => {
    const { cuts, pictures, trials, extracted } = await probeCuts(options());
    expect(cuts.map(({ output }) => output)).toEqual(CUTS);
    expect({ pictures, trials, extracted }).toEqual({ pictures: 24, trials: 24, extracted: 24 });
    // The classes differ in colour: the first layer tells them apart, and so the smallest network is enough.
    expect(cuts.map(({ chosen }) => chosen)).toEqual([true, false, false]);
    expect(cuts[0]).toMatchObject({ accuracy: 1, high: 1, kmodelBytes: 1000, estimatedMs: 1 });
    expect(cuts[0].low).toBeCloseTo(24 / 25, 12);
  });

  test('is the same in another order of examples, and gives every tensor back', async () => {
    const first = await probeCuts(options());
    const tensors = tf.memory().numTensors;
    const turned = await probeCuts(options({ examples: examples().toReversed() }));
    expect(turned).toEqual(first);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('learns nothing about the tested pictures: labels drawn by lot are answered by chance', async () => {
    const lots = examples().map((example, index) => ({ ...example, label: Number('011010011001011010010110'[index]) }));
    const { cuts } = await probeCuts(options({ examples: lots }));
    cuts.forEach(({ accuracy }) => expect(accuracy).toBeLessThan(0.75));
  });

  test('takes features from the cache where a board leaves other cuts', async () => {
    const featureCache = memoryFeatureStore();
    await probeCuts(options({ featureCache }));
    const [, ...fewer] = options().candidates;
    const { cuts, reused } = await probeCuts(options({ featureCache, candidates: fewer }));
    expect(cuts.map(({ output }) => output)).toEqual(CUTS.slice(1));
    expect(reused).toBe(24);
  });

  test('goes as deep as the size of the pictures allows', async () => {
    const input = { height: 12, width: 12 };
    const small = examples().map((example) => ({ ...example, pixels: () => example.pixels().slice(0, 12 * 12 * 3) }));
    // 12 → 6 → 3: the fourth block would halve 3.
    const { cuts } = await probeCuts(options({ input, examples: small }));
    expect(cuts).toHaveLength(3);
  });

  test('tells how far it is, and ends when it is aborted', async () => {
    const seen: StageEvent[] = [];
    await probeCuts(options({ report: (event) => seen.push(event) }));
    expect(seen).toContainEqual(
      expect.objectContaining({ task: 'computing features of all cuts', done: 24, total: 24 }),
    );
    expect(seen).toContainEqual(expect.objectContaining({ task: 'probing cuts', done: 3, total: 3 }));
    await expect(probeCuts(options({ signal: AbortSignal.abort(new Error('enough')) }))).rejects.toThrow('enough');
  });
});
