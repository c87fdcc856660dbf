import { Random } from '@graft/foundation';
import { sizeOf } from '@graft/tensor';

import { noSuchLayer, nothingToJudgeBy } from '../errors';
import { inPieces } from '../measure-ranges';
import type { Work } from '../measure-ranges';
import type { QuantizedLayers } from '../quantize-layers';
import type { QuantizedGraph } from '../quantized-graph';
import { runTasks } from '../run-tasks';
import type { QuantizationTask, TaskResult } from '../tasks';
import { adam } from './adam';
import { inputFigures, latentConvolution, latentDense, plainFigures } from './latent';
import type { Latent } from './latent';
import { addTo } from './picture-gradients';
import type { PictureGradients } from './picture-gradients';

export interface AwareTraining {
  readonly epochs: number;
  /** Adam's, of numbers where 1 is the widest weight of a channel; comes down to 0 along a cosine. */
  readonly learningRate: number;
  /** The first convolution that learns; null: the dense layers alone. */
  readonly unfreezeFrom: string | null;
  readonly seed: number;
  /** Maps in front of the first layer that learns stay in memory up to this size; beyond, each is worked out anew. */
  readonly memoryBytes?: number;
  /** Decide whether what was learned is kept. Planar bytes, and output indices; never pictures that are tested on. */
  readonly validation: { readonly pictures: readonly Uint8Array[]; readonly labels: readonly number[] };
}

export interface AwareEpoch {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the pictures, while the epoch ran, of half the squared distance from the float network's logits. */
  readonly loss: number;
  /** Share of the validation pictures that the device gets right after the epoch. */
  readonly deviceAccuracy: number;
}

export interface AwareTrainingReport {
  readonly pictures: number;
  readonly validationPictures: number;
  /** Share of the validation pictures that the device gets right without this training. */
  readonly before: number;
  readonly epochs: readonly AwareEpoch[];
  /** The epoch whose numbers are kept; null: none was better than before. */
  readonly kept: number | null;
}

/** What is learned: to say of these pictures (planar bytes) what the float network says, before softmax. */
export interface Lesson {
  readonly pictures: readonly Uint8Array[];
  readonly logits: readonly Float32Array[];
}

const BATCH = 16;
const MEMORY_BYTES = 512 * 2 ** 20;

/** What can be said before anything is quantized. @throws GraftError E328, E329 */
export function checkAwareTraining(
  layers: readonly { readonly name: string; readonly kind: string }[],
  { validation, unfreezeFrom }: AwareTraining,
): void {
  if (validation.pictures.length === 0) throw nothingToJudgeBy();
  const convolutions = layers.filter(({ kind }) => kind === 'convolution' || kind === 'depthwise');
  if (unfreezeFrom !== null && !convolutions.some(({ name }) => name === unfreezeFrom)) throw noSuchLayer(unfreezeFrom);
}

/**
 * Trains a quantized network in the arithmetic of the device. Starts from the network as it was quantized, and returns
 * it unless an epoch gets more validation pictures right. The last of the best ones is then kept, since the rate has come
 * down by then.
 */
export async function trainAware(
  { graph, unrounded }: Pick<QuantizedLayers, 'graph' | 'unrounded'>,
  lesson: Lesson,
  options: AwareTraining,
  work: Work,
): Promise<{ readonly graph: QuantizedGraph; readonly report: AwareTrainingReport }> {
  const { validation, epochs } = options;
  const cut = cutOf(graph, options.unfreezeFrom);
  const parts = await splitAt(graph, cut, [lesson.pictures, validation.pictures], options, work);
  const [pictures, judged] = parts.maps;
  const learner = new Learner(parts.rear, parts.frozen, unrounded.slice(cut), await pooled(parts.rear, pictures, work));
  const accuracy = async () => accuracyOf(await logitsOf(learner.graph(), judged, work), validation.labels);
  const before = await accuracy();
  let best = { epoch: null as number | null, deviceAccuracy: before, rear: parts.rear };
  const history: AwareEpoch[] = [];
  const batches = Math.ceil(pictures.length / BATCH);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = Random.of(options.seed, 'aware training', epoch).shuffled(pictures.map((_, index) => index));
    let loss = 0;
    for (let batch = 0; batch < batches; batch++) {
      const places = order.slice(batch * BATCH, (batch + 1) * BATCH);
      const done = ((epoch - 1) * batches + batch) / (epochs * batches);
      const rate = (options.learningRate * (1 + Math.cos(Math.PI * done))) / 2;
      const part = { pictures: places.map((at) => pictures[at]), logits: places.map((at) => lesson.logits[at]) };
      loss += await learner.step(part, rate, work);
    }
    const figures = { epoch, loss: loss / pictures.length, deviceAccuracy: await accuracy() };
    history.push(figures);
    const { deviceAccuracy } = figures;
    if (deviceAccuracy > before && deviceAccuracy >= best.deviceAccuracy) best = { ...figures, rear: learner.graph() };
    work.report({
      type: 'progress',
      task: 'training in 8 bits',
      done: epoch,
      total: epochs,
      unit: 'epoch',
      figures: tell(figures),
    });
  }
  const report = {
    pictures: pictures.length,
    validationPictures: judged.length,
    before,
    epochs: history,
    kept: best.epoch,
  };
  return { graph: best.epoch === null ? graph : parts.join(best.rear), report };
}

const tell = ({ loss, deviceAccuracy }: AwareEpoch) => ({ loss, val_device_accuracy: deviceAccuracy });

function cutOf({ convolutions }: QuantizedGraph, unfreezeFrom: string | null): number {
  if (unfreezeFrom === null) return convolutions.length;
  return convolutions.findIndex(({ name }) => name === unfreezeFrom);
}

/** The part of the network that learns, with what it is given; or the whole one, where the maps would be too large. */
async function splitAt(
  graph: QuantizedGraph,
  cut: number,
  sets: readonly (readonly Uint8Array[])[],
  { memoryBytes = MEMORY_BYTES }: AwareTraining,
  work: Work,
) {
  const input = cut === 0 ? graph.input : graph.convolutions[cut - 1].output;
  const count = sets.reduce((sum, { length }) => sum + length, 0);
  if (cut === 0 || count * sizeOf(input) > memoryBytes)
    return { rear: graph, frozen: cut, maps: sets, join: (rear: QuantizedGraph) => rear };
  const front = { ...graph, convolutions: graph.convolutions.slice(0, cut), tail: [] };
  const maps: Uint8Array[][] = [];
  for (const pictures of sets) maps.push(await mapsOf(front, pictures, work));
  return {
    rear: { ...graph, input, convolutions: graph.convolutions.slice(cut) },
    frozen: 0,
    maps,
    join: ({ convolutions, tail }: QuantizedGraph): QuantizedGraph => ({
      ...graph,
      convolutions: [...front.convolutions, ...convolutions],
      tail,
    }),
  };
}

class Learner {
  private readonly convolutions: readonly Latent<QuantizedGraph['convolutions'][number]>[];
  private readonly tail: readonly Latent<QuantizedGraph['tail'][number]>[];
  private readonly optimize;

  /** `unrounded` belongs to the convolutions that learn; `pooled` are the inputs of the first dense layer, a row for each picture. */
  constructor(
    private readonly start: QuantizedGraph,
    private readonly frozen: number,
    unrounded: readonly Float32Array[],
    pooled: readonly Float32Array[],
  ) {
    this.convolutions = start.convolutions
      .slice(frozen)
      .map((layer, index) => latentConvolution(layer, unrounded[index]));
    this.tail = start.tail
      .flatMap((node) => (node.kind === 'dense' ? [node] : []))
      .map((node, index) => latentDense(node, index === 0 ? inputFigures(pooled) : plainFigures(node.inputs)));
    this.optimize = adam(this.latents().flatMap(({ numbers }) => numbers));
  }

  graph(): QuantizedGraph {
    const dense = this.tail.map((latent) => latent.layer());
    const convolutions = [
      ...this.start.convolutions.slice(0, this.frozen),
      ...this.convolutions.map((latent) => latent.layer()),
    ];
    const tail = this.start.tail.map((node) => dense.find(({ name }) => name === node.name) ?? node);
    return { ...this.start, convolutions, tail };
  }

  /** Returns the loss, summed over the pictures. */
  async step({ pictures, logits }: Lesson, rate: number, work: Work): Promise<number> {
    const { loss, layers } = await gradientsOf(this.graph(), this.frozen, { pictures, logits }, work);
    const gradients = this.latents().flatMap((latent, index) => latent.gradients(layers[index]));
    this.optimize(gradients, rate);
    return loss;
  }

  private latents() {
    return [...this.convolutions, ...this.tail];
  }
}

/** In pieces that do not depend on the number of threads, added up in their order: the same sum to the last bit. */
async function gradientsOf(graph: QuantizedGraph, frozen: number, { pictures, logits }: Lesson, work: Work) {
  const targets = inPieces(logits);
  const tasks = inPieces(pictures).map((piece, index): QuantizationTask => ({
    kind: 'learn',
    graph,
    frozen,
    pictures: piece,
    targets: targets[index],
  }));
  const results = (await inOrder(tasks, work)).map(({ gradients }) => gradients ?? missing());
  return results.reduce((sum, part): PictureGradients => {
    sum.layers.forEach((layer, at) => addTo(layer, part.layers[at]));
    return { ...sum, loss: sum.loss + part.loss };
  });
}

async function mapsOf(graph: QuantizedGraph, pictures: readonly Uint8Array[], work: Work): Promise<Uint8Array[]> {
  const tasks = inPieces(pictures).map((piece): QuantizationTask => ({ kind: 'map', graph, pictures: piece }));
  return (await inOrder(tasks, work)).flatMap(({ maps }) => maps);
}

async function logitsOf(graph: QuantizedGraph, pictures: readonly Uint8Array[], work: Work): Promise<Float32Array[]> {
  const tasks = inPieces(pictures).map((piece): QuantizationTask => ({ kind: 'answer', graph, pictures: piece }));
  return (await inOrder(tasks, work)).flatMap(({ logits }) => logits);
}

/** What comes to the first dense layer. */
function pooled(graph: QuantizedGraph, pictures: readonly Uint8Array[], work: Work): Promise<Float32Array[]> {
  const before = graph.tail.slice(
    0,
    graph.tail.findIndex(({ kind }) => kind === 'dense'),
  );
  return logitsOf({ ...graph, tail: before }, pictures, work);
}

async function inOrder(tasks: readonly QuantizationTask[], { tasks: runner, signal }: Work): Promise<TaskResult[]> {
  const results: TaskResult[] = [];
  await runTasks(tasks, runner, signal, (result, index) => (results[index] = result));
  return results;
}

function missing(): never {
  throw new Error('internal: a task came back without what it was asked for');
}

function accuracyOf(logits: readonly Float32Array[], labels: readonly number[]): number {
  return logits.filter((scores, index) => scores.indexOf(Math.max(...scores)) === labels[index]).length / labels.length;
}
