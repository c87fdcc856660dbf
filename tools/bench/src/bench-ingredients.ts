import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { compile } from '@graft/compiler';
import { canonicalJson, sha256, silent } from '@graft/foundation';
import { crossValidationFolds } from '@graft/dataset';
import { openExamples } from '@graft/image';
import type { Examples } from '@graft/image';
import { writeKModel } from '@graft/kmodel';
import { isGlobalPool, writeGraph } from '@graft/model';
import type { Graph } from '@graft/model';
import type { CrossValidateSettings } from '@graft/pipeline';
import { runTask } from '@graft/quantization';
import type { QuantizedGraph } from '@graft/quantization';
import { loadSimulator } from '@graft/simulator';
import { openRunner } from '@graft/training';
// Behind the library's door: how it takes a network apart, and what follows the convolutions.
import { chainOf } from '../../../libs/quantization/src/chain';
import { runTail } from '../../../libs/quantization/src/run-tail';

import { foldParts } from '../../nx/src/executors/cross-validate/fold-parts';
import type { FoldParts } from '../../nx/src/executors/cross-validate/fold-parts';
import { planes, plainExamples, trainingExamples } from '../../nx/src/shared/examples';
import { quantizeFrom } from '../../nx/src/shared/quantizing';
import { trainFrom } from '../../nx/src/shared/training';
import { meanOf, meanWithError } from './measure';

export type Settings = CrossValidateSettings;

/** An experiment with its pictures, as its stages `resolve`, `fetch` and `preprocess` left them. */
export interface Experiment {
  readonly settings: Settings;
  readonly examples: Examples;
  readonly weightsFolder: string;
  readonly cacheFolder: string;
}

/** A way to learn, and the earlier one that it is compared with. */
export interface Ingredient {
  readonly name: string;
  readonly against: string | null;
  readonly change: (settings: Settings) => Settings;
  /** One fold decides about epochs, as the pictures of validation do; else it is learned from. */
  readonly watched?: boolean;
}

/** Right answers by split and picture. */
export type Score = readonly (readonly boolean[])[];

export interface IngredientResult {
  readonly name: string;
  readonly float: Score;
  /** Of the first splits only: quantizing and simulating once for each fold takes most of the time. */
  readonly device: Score;
}

export async function openExperiment(name: string): Promise<Experiment> {
  const root = resolve(__dirname, '../../..');
  const out = join(root, 'apps', name, 'out');
  const read = readFile(join(out, 'resolve/cross-validate.json'), 'utf8').catch(() => {
    throw new Error(`apps/${name} has no prepared pictures yet; first run: npx nx run ${name}:preprocess`);
  });
  return {
    settings: JSON.parse(await read),
    examples: await openExamples(join(out, 'preprocess/examples')),
    weightsFolder: join(out, 'fetch/weights'),
    cacheFolder: process.env['GRAFT_CACHE_DIRECTORY'] ?? join(root, '.graft'),
  };
}

/**
 * Cross-validates each way over splits drawn by each seed, all ways over the same splits. What the device answers is
 * what the simulator makes of the kmodel, over so many of the splits from the first on.
 */
export async function benchIngredients(
  experiment: Experiment,
  ingredients: readonly Ingredient[],
  seeds: readonly number[],
  deviceSplits: number,
  each: (result: IngredientResult) => void,
): Promise<void> {
  const bodies = new Bodies(experiment.examples);
  for (const ingredient of ingredients) {
    const float: boolean[][] = [];
    const device: boolean[][] = [];
    for (const [index, seed] of seeds.entries()) {
      const right = await crossValidate(experiment, ingredient, { seed, onDevice: index < deviceSplits }, bodies);
      float.push(right.float);
      if (index < deviceSplits) device.push(right.device);
    }
    each({ name: ingredient.name, float, device });
  }
}

async function crossValidate(
  experiment: Experiment,
  ingredient: Ingredient,
  { seed, onDevice }: { readonly seed: number; readonly onDevice: boolean },
  bodies: Bodies,
) {
  const { examples } = experiment;
  const settings = ingredient.change(experiment.settings);
  const { output } = settings.cut;
  if (output === null) throw new Error('the experiment leaves its cut to the pictures; name one as model.output');
  const records = examples.index.examples;
  const { folds: foldOf } = crossValidationFolds(records, settings.folds, seed);
  const right = { float: new Array<boolean>(records.length), device: new Array<boolean>(records.length) };
  for (let fold = 0; fold < settings.folds; fold++) {
    const parts = foldParts(records, fold, { foldOf, folds: settings.folds, watched: ingredient.watched ?? false });
    const { graph } = await trainFrom(
      settings,
      output,
      {
        training: trainingExamples(examples, parts.learned, settings),
        validation: plainExamples(examples, parts.validation, settings.classes),
      },
      { ...experiment, size: examples.index, report: silent, signal: new AbortController().signal },
    );
    const truth = (index: number) => settings.classes.indexOf(records[index].label);
    const float = await bodies.floatAnswers(graph, parts.tested);
    parts.tested.forEach((index, at) => (right.float[index] = answerOf(float[at]) === truth(index)));
    if (!onDevice) continue;
    const device = await bodies.deviceAnswers(graph, parts, settings);
    parts.tested.forEach((index, at) => (right.device[index] = answerOf(device[at]) === truth(index)));
  }
  return right;
}

interface QuantizedBody {
  readonly quantized: QuantizedGraph;
  /** What the convolutions answer to the tested pictures. */
  readonly maps: readonly Uint8Array[];
}

/** Runs networks; what those have in common that differ in the head only is worked out once. */
class Bodies {
  /** Pooled features by body and picture. */
  private readonly features = new Map<string, Float32Array>();
  private readonly quantized = new Map<string, QuantizedBody>();

  constructor(private readonly examples: Examples) {}

  /** Logits of the pictures. */
  async floatAnswers(graph: Graph, indices: readonly number[]): Promise<Float32Array[]> {
    const cut = graph.nodes.findIndex(({ kind }) => kind === 'dense');
    const body = { ...graph, nodes: graph.nodes.slice(0, cut) };
    const key = keyOf(body);
    const missing = indices.filter((index) => !this.features.has(`${key} ${index}`));
    if (missing.length > 0) {
      const runner = await openRunner(body);
      const found = await runner.predict(missing.map((index) => this.examples.pixels(index)));
      missing.forEach((index, at) => this.features.set(`${key} ${index}`, found[at]));
      runner.dispose();
    }
    const head = chainOf(graph).tail.filter(({ kind }) => kind === 'dense');
    return indices.map((index) => runTail(head, this.features.get(`${key} ${index}`) ?? new Float32Array(), 0));
  }

  /** Logits of the tested pictures, or their probabilities. */
  async deviceAnswers(graph: Graph, parts: FoldParts, settings: Settings): Promise<readonly Float32Array[]> {
    const pictures = parts.tested.map((index) => planes(this.examples, index));
    if (settings.quantize.awareTraining !== null) {
      const quantized = await this.quantize(graph, parts, settings);
      const simulator = loadSimulator(writeKModel(compile(quantized).model));
      return pictures.map((picture) => simulator.run(picture)[0]);
    }
    const cut = graph.nodes.findIndex(isGlobalPool);
    const body = keyOf({ ...graph, nodes: graph.nodes.slice(0, cut) });
    const key = canonicalJson([body, parts.learned, parts.tested, settings.quantize]);
    const known = this.quantized.get(key) ?? (await this.make(graph, parts, settings, pictures));
    this.quantized.set(key, known);
    const { convolutions } = known.quantized;
    const input = convolutions[convolutions.length - 1].output;
    const head = { ...known.quantized, input, convolutions: [], tail: chainOf(graph).tail };
    return runTask({ kind: 'answer', graph: head, pictures: known.maps }).logits;
  }

  private async make(
    graph: Graph,
    parts: FoldParts,
    settings: Settings,
    pictures: readonly Uint8Array[],
  ): Promise<QuantizedBody> {
    const quantized = await this.quantize(graph, parts, settings);
    return { quantized, maps: simulatedMaps(quantized, pictures) };
  }

  private async quantize(
    graph: Graph,
    { learned, validation }: FoldParts,
    settings: Settings,
  ): Promise<QuantizedGraph> {
    const quiet = { report: silent, signal: new AbortController().signal };
    const quantized = await quantizeFrom(settings, { examples: this.examples, learned, validation }, graph, quiet);
    return quantized.graph;
  }
}

/** The bytes that the last convolution sends to main memory, by the simulator. */
function simulatedMaps(graph: QuantizedGraph, pictures: readonly Uint8Array[]): Uint8Array[] {
  const simulator = loadSimulator(writeKModel(compile({ ...graph, tail: [] }).model));
  return pictures.map((picture) => {
    let map = new Uint8Array();
    simulator.run(picture, (_, kind, output) => {
      if (kind === 'convolution') map = Uint8Array.from(output);
    });
    return map;
  });
}

/** Equal for equal networks. */
export function keyOf(graph: Graph): string {
  const { json, bin } = writeGraph(graph);
  return sha256(`${sha256(json)} ${sha256(bin)}`);
}

/** The class with the highest score. */
export function answerOf(scores: Float32Array): number {
  return scores.indexOf(Math.max(...scores));
}

/** Share of right answers, over all seeds. */
export function accuracyOf(score: Score): number {
  return meanOf(score.map((pictures) => meanOf(pictures.map(Number))));
}

/**
 * How much more of the pictures one way gets right than another, and the standard error of that. Answers to one picture
 * under several seeds are not independent: they count as one, their mean.
 */
export function pairedGain(score: Score, other: Score): { readonly gain: number; readonly error: number } {
  const gains = score[0].map((_, picture) =>
    meanOf(score.map((pictures, seed) => Number(pictures[picture]) - Number(other[seed][picture]))),
  );
  const { mean, error } = meanWithError(gains);
  return { gain: mean, error };
}

export const INGREDIENTS_HEAD = [
  '| learned how | float | right by split | against | gain | device | right by split |',
  '| --- | --- | --- | --- | --- | --- | --- |',
].join('\n');

/** A row of a Markdown table. */
export function renderIngredientRow(result: IngredientResult, against: IngredientResult | null): string {
  const { name, float, device } = result;
  const paired = against === null ? null : pairedGain(float, against.float);
  const points = (share: number) => (100 * share).toFixed(2);
  const right = (pictures: readonly boolean[]) => pictures.filter(Boolean).length;
  const cells = [
    name,
    `${points(accuracyOf(float))} %`,
    float.map(right).join(', '),
    against?.name ?? '',
    paired === null ? '' : `${paired.gain < 0 ? '−' : '+'}${points(Math.abs(paired.gain))} ± ${points(paired.error)}`,
    device.length === 0 ? '' : `${points(accuracyOf(device))} %`,
    device.map(right).join(', '),
  ];
  return `| ${cells.join(' | ')} |`;
}
