import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { silent } from '@graft/foundation';
import { openExamples } from '@graft/image';
import { MOBILENET_OUTPUTS, readGraph } from '@graft/model';
import type { Graph } from '@graft/model';
import type { CompileSettings, QuantizeSettings } from '@graft/pipeline';
import { quantizeGraph, runTask } from '@graft/quantization';
import type { QuantizeOptions } from '@graft/quantization';
// Behind the library's door: its own trained classifier for tests.
import { perturbed, trainedClassifier } from '../../../libs/quantization/src/trained-classifier.fixture';
import type { ClassifierRecipe, Labelled } from '../../../libs/quantization/src/trained-classifier.fixture';

import { calibrationPictures } from '../../nx/src/shared/calibration';
import { indicesWhere, planes } from '../../nx/src/shared/examples';
import { withQuantizeThreads } from '../../nx/src/shared/quantize-threads';

/** One network by one recipe. */
export interface QuantizationResult {
  readonly network: string;
  readonly recipe: string;
  /** Shares of the test pictures. */
  readonly floatAccuracy: number;
  readonly deviceAccuracy: number;
  /** Root mean square of the differences before softmax, and its share of the root mean square of the float values. */
  readonly logitError: number;
  readonly relativeError: number;
  readonly seconds: number;
}

const WHOLE = MOBILENET_OUTPUTS[MOBILENET_OUTPUTS.length - 1];
const CALIBRATION = 64;

/** Widths and depths of MobileNet v1; scales can be perturbed exactly where the activation is ReLU. */
export const NETWORKS: readonly (readonly [string, ClassifierRecipe, 'as it is' | 'perturbed'])[] = [
  ['alpha 0.25', classifier(0.25, WHOLE, 'relu6'), 'as it is'],
  ['alpha 0.5', classifier(0.5, WHOLE, 'relu6'), 'as it is'],
  ['alpha 1.0', classifier(1, WHOLE, 'relu6'), 'as it is'],
  ['alpha 1.0, seven blocks', classifier(1, 'conv_pw_7_relu', 'relu6'), 'as it is'],
  ['alpha 0.25, ReLU, five blocks', classifier(0.25, 'conv_pw_5_relu', 'relu'), 'as it is'],
  ['the same, scales × 0.05 … 20', classifier(0.25, 'conv_pw_5_relu', 'relu'), 'perturbed'],
];

const RECIPES: readonly (readonly [string, Partial<QuantizeOptions>])[] = [
  ['nncase-0.1', { method: 'nncase-0.1' }],
  ['minmax', {}],
  ['minmax, search', { roundingSearch: true }],
  ['auto', { method: 'auto' }],
];

function classifier(alpha: number, output: string, activation: 'relu' | 'relu6'): ClassifierRecipe {
  return { alpha, output, side: 64, activation, seed: 1 };
}

/** A float network with the pictures that it is quantized and measured on. */
export interface QuantizationCase {
  readonly name: string;
  readonly graph: Graph;
  readonly calibration: Labelled;
  readonly test: Labelled;
}

/** The networks of {@link NETWORKS}, made when their turn comes. */
export function* classifierCases(networks: typeof NETWORKS): Generator<QuantizationCase> {
  for (const [name, recipe, scales] of networks) {
    const { graph, train, test } = trainedClassifier(recipe);
    const calibration = {
      pictures: train.pictures.slice(0, CALIBRATION),
      labels: train.labels.slice(0, CALIBRATION),
    };
    yield { name, graph: scales === 'perturbed' ? perturbed(graph, 5) : graph, calibration, test };
  }
}

/** What an experiment trained, from the outputs of its stages: calibrated as there, measured on its test pictures. */
export async function experimentCase(name: string): Promise<QuantizationCase> {
  const out = resolve(__dirname, '../../../apps', name, 'out');
  const read = (path: string) =>
    readFile(join(out, path)).catch(() => {
      throw new Error(`apps/${name} has no ${path} yet; first run: npx nx run ${name}:compile`);
    });
  const { seed, quantize }: QuantizeSettings = JSON.parse(String(await read('resolve/quantize.json')));
  const { classes }: CompileSettings = JSON.parse(String(await read('resolve/compile.json')));
  const graph = readGraph({
    json: String(await read('train/model/graph.json')),
    bin: await read('train/model/graph.bin'),
  });
  const examples = await openExamples(join(out, 'preprocess/examples'));
  const of = (split: string) => indicesWhere(examples, (record) => record.split === split);
  const chosen = calibrationPictures(examples, of('train'), quantize.calibration.samples, seed, classes);
  return {
    name,
    graph,
    calibration: { pictures: chosen.calibration, labels: chosen.labels },
    test: {
      pictures: of('test').map((index) => planes(examples, index)),
      labels: of('test').map((index) => classes.indexOf(examples.index.examples[index].label)),
    },
  };
}

/** Quantizes each network by every recipe, on all cores, and measures on its test pictures. */
export async function benchQuantization(
  cases: Iterable<QuantizationCase>,
  each: (result: QuantizationResult) => void,
): Promise<void> {
  for (const { name: network, graph, calibration, test } of cases) {
    const float = runTask({ kind: 'observe', graph, first: 0, pictures: test.pictures }).logits;
    for (const [name, changes] of RECIPES) {
      const start = performance.now();
      const { graph: quantized, candidates } = await withQuantizeThreads((tasks) =>
        quantizeGraph(graph, { ...optionsFor(calibration), ...changes, tasks }),
      );
      const seconds = (performance.now() - start) / 1000;
      const device = runTask({ kind: 'answer', graph: quantized, pictures: test.pictures }).logits;
      const chosen = candidates.find((one) => one.chosen);
      const { difference, size } = distance(float, device);
      each({
        network,
        recipe: chosen === undefined ? name : `${name}: ${chosen.name}`,
        floatAccuracy: accuracy(float, test.labels),
        deviceAccuracy: accuracy(device, test.labels),
        logitError: difference,
        relativeError: difference / size,
        seconds,
      });
    }
  }
}

function optionsFor({ pictures, labels }: Labelled): QuantizeOptions {
  return {
    calibration: pictures,
    labels,
    method: 'minmax',
    percentile: 99.99,
    biasCorrection: true,
    roundingSearch: false,
    channelScales: 'auto',
    report: silent,
    signal: new AbortController().signal,
  };
}

function accuracy(logits: readonly Float32Array[], labels: readonly number[]): number {
  const right = logits.filter((scores, index) => scores.indexOf(Math.max(...scores)) === labels[index]);
  return right.length / logits.length;
}

function distance(float: readonly Float32Array[], device: readonly Float32Array[]) {
  let squares = 0;
  let sizes = 0;
  let count = 0;
  float.forEach((scores, picture) =>
    scores.forEach((score, index) => {
      squares += (score - device[picture][index]) ** 2;
      sizes += score ** 2;
      count++;
    }),
  );
  return { difference: Math.sqrt(squares / count), size: Math.sqrt(sizes / count) };
}

/** A row of a Markdown table. */
export function renderQuantizationRow(result: QuantizationResult): string {
  const points = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const cells = [
    result.network,
    result.recipe,
    points(result.floatAccuracy),
    points(result.deviceAccuracy),
    result.logitError.toFixed(4),
    points(result.relativeError),
    `${result.seconds.toFixed(1)} s`,
  ];
  return `| ${cells.join(' | ')} |`;
}

export const QUANTIZATION_HEAD = [
  '| network | recipe | float | device | logit error | of the logits | time |',
  '| --- | --- | --- | --- | --- | --- | --- |',
].join('\n');
