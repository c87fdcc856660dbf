import type { FloatDense } from './quantize-dense';
import { quantizeDense } from './quantize-dense';
import { answerOf, judgedPlaces, rootMeanSquare } from './candidates';
import type { Judged } from './candidates';
import { denseLosesTooMuch } from './errors';
import type { Work } from './measure-ranges';
import { inPieces } from './measure-ranges';
import type { Quantized, Recipe } from './quantize-layers';
import type { QuantizedGraph, TailNode } from './quantized-graph';
import { runTasks } from './run-tasks';
import { runTail } from './run-tail';
import type { QuantizationTask } from './tasks';

/** Which dense layers run on the KPU, in bytes. */
export interface DenseOnKpu {
  /** So many from the front. */
  readonly layers: number;
  /** Whether they may run in float32 after all, when bytes lose too much. */
  readonly mayFallBack: boolean;
}

/** What one form of the dense layers answers to the judged pictures, behind the same convolutions in bytes. */
export interface DenseForm {
  /** Share answered right, by labels or by the float network's answers. */
  readonly accuracy: number;
  /** Root mean square of the differences from the float network's values before softmax. */
  readonly logitError: number;
  /** Pictures that are answered otherwise than by the float network. */
  readonly flips: number;
}

/** Both forms of the dense layers, measured on calibration pictures: on those that corrected nothing, if there are any. */
export interface DenseComparison {
  readonly layers: readonly string[];
  readonly pictures: number;
  readonly cpu: DenseForm;
  readonly kpu: DenseForm;
  /** How far apart both forms answer, as a share of how far the answers of the float network lie apart. */
  readonly difference: number;
  readonly losesTooMuch: boolean;
  readonly chosen: 'cpu' | 'kpu';
}

/** Bytes lose too much when they answer fewer pictures right, by more than this share of all … */
export const MOST_ACCURACY_LOST = 0.02;
/** … or when they move what comes before softmax by more than this share of its spread. */
export const MOST_DIFFERENCE = 0.1;

export interface MeasuredTail extends Judged {
  /** What the float network gives in front of the dense layers, one per calibration picture. */
  readonly pooled: readonly Float32Array[];
}

/**
 * Puts the first dense layers into bytes, compares that with float32 layers behind the same convolutions, and keeps one
 * of the forms. Reports W320 where bytes lose too much.
 */
export async function putDenseOnKpu(
  quantized: Quantized,
  { layers, mayFallBack }: DenseOnKpu,
  measured: MeasuredTail,
  recipe: Recipe,
  work: Work,
): Promise<Quantized & { readonly dense: DenseComparison }> {
  const [pool, ...rest] = quantized.graph.tail;
  const run = rest.filter((node): node is FloatDense => node.kind === 'dense').slice(0, layers);
  if (pool === undefined || run.length < layers || layers === 0)
    throw new Error(`internal: ${layers} dense layers for the KPU, of ${run.length}`);
  const places = judgedPlaces(measured);
  const pictures = places.map((place) => measured.calibration[place]);
  const device = await vectorsOf({ ...quantized.graph, tail: [pool] }, pictures, work);
  const float = places.map((place) => measured.pooled[place]);
  const inBytes = quantizeDense('kpu_dense', run, { calibration: measured.pooled, float, device }, recipe);
  const behind = rest.slice(layers);
  const answers = (tail: readonly TailNode[]) => {
    const open = tail.filter(({ kind }) => kind !== 'softmax');
    return device.map((values) => runTail(open, values, values.length));
  };
  const compared = compare(places, measured, answers(rest), answers([inBytes.node, ...behind]));
  const chosen = compared.losesTooMuch && mayFallBack ? 'cpu' : 'kpu';
  const dense: DenseComparison = { layers: run.map(({ name }) => name), ...compared, chosen };
  if (compared.losesTooMuch) work.report({ type: 'warning', ...denseLosesTooMuch(dense) });
  if (chosen === 'cpu') return { ...quantized, dense };
  return {
    graph: { ...quantized.graph, tail: [pool, inBytes.node, ...behind] },
    layers: [...quantized.layers, ...inBytes.layers],
    dense,
  };
}

/** What the network in bytes gives for each picture. */
async function vectorsOf(
  graph: QuantizedGraph,
  pictures: readonly Uint8Array[],
  { tasks, signal }: Work,
): Promise<Float32Array[]> {
  const vectors: (readonly Float32Array[])[] = [];
  const pieces = inPieces(pictures).map((piece): QuantizationTask => ({ kind: 'answer', graph, pictures: piece }));
  await runTasks(pieces, tasks, signal, ({ logits }, index) => (vectors[index] = logits));
  return vectors.flat();
}

function compare(
  places: readonly number[],
  { logits, labels }: Judged,
  inFloat: readonly Float32Array[],
  inBytes: readonly Float32Array[],
): Omit<DenseComparison, 'layers' | 'chosen'> {
  const expected = places.map((place) => logits[place]);
  const form = (answers: readonly Float32Array[]): DenseForm => {
    const right = answers.filter(
      (scores, index) => answerOf(scores) === (labels?.[places[index]] ?? answerOf(expected[index])),
    );
    return {
      accuracy: right.length / answers.length,
      logitError: rootMeanSquare(expected, answers),
      flips: answers.filter((scores, index) => answerOf(scores) !== answerOf(expected[index])).length,
    };
  };
  const [cpu, kpu] = [form(inFloat), form(inBytes)];
  const difference = differenceOf(inFloat, inBytes);
  const losesTooMuch = cpu.accuracy - kpu.accuracy > MOST_ACCURACY_LOST || difference > MOST_DIFFERENCE;
  return { pictures: places.length, cpu, kpu, difference, losesTooMuch };
}

/** Softmax sees only how far the values of a picture lie apart: what moves all of them alike is left aside. */
function differenceOf(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  const error = rootMeanSquare(a.map(centred), b.map(centred));
  const spread = rootMeanSquare(
    a.map(centred),
    a.map(({ length }) => new Float32Array(length)),
  );
  return error === 0 ? 0 : error / spread;
}

function centred(scores: Float32Array): Float32Array {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return scores.map((score) => score - mean);
}
