import { silent } from '@graft/foundation';
import { MOBILENET_OUTPUTS } from '@graft/model';
import { quantizeGraph, runTask } from '@graft/quantization';
import type { QuantizeOptions } from '@graft/quantization';
// Behind the library's door: its own trained classifier for tests.
import { perturbed, trainedClassifier } from '../../../libs/quantization/src/trained-classifier.fixture';
import type { Classifier, ClassifierRecipe } from '../../../libs/quantization/src/trained-classifier.fixture';

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

export async function benchQuantization(
  networks: typeof NETWORKS,
  each: (result: QuantizationResult) => void,
): Promise<void> {
  for (const [network, recipe, scales] of networks) {
    const made = trainedClassifier(recipe);
    const graph = scales === 'perturbed' ? perturbed(made.graph, 5) : made.graph;
    const float = runTask({ kind: 'observe', graph, first: 0, pictures: made.test.pictures }).logits;
    for (const [name, options] of RECIPES) {
      const start = performance.now();
      const { graph: quantized, candidates } = await quantizeGraph(graph, optionsOf(made, options));
      const seconds = (performance.now() - start) / 1000;
      const device = runTask({ kind: 'answer', graph: quantized, pictures: made.test.pictures }).logits;
      const chosen = candidates.find((one) => one.chosen);
      const { difference, size } = distance(float, device);
      each({
        network,
        recipe: chosen === undefined ? name : `${name}: ${chosen.name}`,
        floatAccuracy: accuracy(float, made.test.labels),
        deviceAccuracy: accuracy(device, made.test.labels),
        logitError: difference,
        relativeError: difference / size,
        seconds,
      });
    }
  }
}

function optionsOf({ train }: Classifier, changes: Partial<QuantizeOptions>): QuantizeOptions {
  return {
    calibration: train.pictures.slice(0, CALIBRATION),
    labels: train.labels.slice(0, CALIBRATION),
    method: 'minmax',
    percentile: 99.99,
    biasCorrection: true,
    roundingSearch: false,
    channelScales: false,
    report: silent,
    signal: new AbortController().signal,
    ...changes,
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
