import type { StageEvent } from '@graft/foundation';

import { candidateRecipes } from './candidates';
import { quantizeGraph } from './quantize-graph';
import { writeQuantizedGraph } from './quantized-graph-file';
import { optionsWith, randomGraph, randomPictures } from './random-graph.fixture';
import { RangeObserver } from './range-observer';
import { perturbed, trainedClassifier } from './trained-classifier.fixture';

jest.setTimeout(60_000);

const settings = { percentile: 99.9, biasCorrection: true };

function observing(values: readonly number[]): RangeObserver {
  const observer = new RangeObserver('layer');
  observer.add(Float32Array.from(values), 0);
  return observer;
}

test('recipes whose ranges come out alike are tried once', () => {
  const even = [observing(Array.from({ length: 256 }, (_, index) => index / 255))];
  const names = candidateRecipes(even, { ...settings, percentile: 100 }).map(({ method }) => method);
  expect(names.filter((method) => method === 'percentile')).toEqual([]);
  // One value far out of 200,000 is worth clipping; one of a hundred is cut by the percentile.
  const tailed = [observing(Array.from({ length: 200_000 }, (_, index) => (index === 0 ? 1.3 : index / 200_000)))];
  expect(candidateRecipes(tailed, { ...settings, percentile: 99 })).toHaveLength(5);
});

describe('auto', () => {
  const { graph, train } = trainedClassifier({
    alpha: 0.25,
    output: 'conv_pw_3_relu',
    side: 16,
    activation: 'relu',
    seed: 2,
  });
  const calibration = train.pictures.slice(0, 40);
  const labels = train.labels.slice(0, 40);
  const auto = (changes: Partial<Parameters<typeof quantizeGraph>[1]> = {}, of = graph) =>
    quantizeGraph(of, { ...optionsWith(calibration), labels, method: 'auto', ...changes });

  test('keeps the recipe with the least loss of accuracy and, among equals, the smallest logit error', async () => {
    const { candidates, graph: quantized } = await auto();
    const [chosen, ...others] = candidates.filter((one) => one.chosen);
    expect(others).toEqual([]);
    const lossOf = (one: typeof chosen) => Math.max(0, one.floatAccuracy - one.deviceAccuracy);
    for (const other of candidates) {
      expect(lossOf(chosen)).toBeLessThanOrEqual(lossOf(other));
      if (lossOf(chosen) === lossOf(other)) expect(chosen.logitError).toBeLessThanOrEqual(other.logitError);
    }
    const again = await quantizeGraph(graph, { ...optionsWith(calibration), ...chosen.recipe });
    expect(writeQuantizedGraph(again.graph)).toEqual(writeQuantizedGraph(quantized));
  });

  test('has scales per channel for a network that needs them', async () => {
    const { candidates } = await auto({}, perturbed(graph, 3));
    expect(candidates.find((one) => one.chosen)?.recipe.channelScales).not.toBe(false);
  });

  test('judges on pictures that correct no bias, by their labels or by the answers of the float network', async () => {
    const { candidates } = await auto();
    expect(candidates.map(({ pictures }) => pictures)).toEqual(candidates.map(() => 24));
    const wrong = labels.map((label) => (label + 1) % 4);
    const [misled] = (await auto({ labels: wrong })).candidates;
    expect(misled.floatAccuracy).toBeLessThan(0.5);
    const unlabelled = await quantizeGraph(graph, optionsWith(calibration, { method: 'auto' }));
    expect(unlabelled.candidates[0].floatAccuracy).toBe(1);
  });

  test('judges on three of five pictures where there are few, and reports every recipe', async () => {
    const events: StageEvent[] = [];
    const few = randomPictures(1, 3);
    const options = { ...optionsWith(few), method: 'auto', report: (event: StageEvent) => events.push(event) } as const;
    const { candidates } = await quantizeGraph(randomGraph(1), options);
    expect(candidates.every(({ pictures }) => pictures === 2)).toBe(true);
    const total = candidates.length;
    expect(events).toContainEqual({ type: 'progress', task: 'trying recipes', done: total, total, unit: 'candidate' });
  });
});
