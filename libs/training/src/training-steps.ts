import { silent } from '@graft/foundation';
import { graphShapes, isGlobalPool, type Graph, type HeadShape } from '@graft/model';
import type { TrainSection } from '@graft/spec';
import { sizeOf } from '@graft/tensor';

import { openBackend, type Backend } from './backend';
import type { BackendChoice } from './backend-identity';
import { partSize } from './batch-memory';
import { Inference, pictureTensor } from './inference';
import { pictureInputs, type Inputs } from './inputs';
import { Trainer } from './learn';
import { openLearner } from './open-learner';
import { PictureNetwork } from './threads/picture-network';
import type { Threads } from './threads/threads';
import { cutGraph, learnedGraph, trainableLayers } from './trainable';
import type { TrainingExample } from './training-example';

export interface StepsOptions {
  /** With the numbers to start from. */
  readonly graph: Graph;
  /** Of the graph, with its dropouts. */
  readonly head: readonly HeadShape[];
  /** Keras names. */
  readonly frozen: readonly string[];
  readonly freezeBatchNorm: boolean;
  readonly train: TrainSection;
  readonly classes: { readonly count: number; readonly weights: readonly number[] };
  readonly seed: number;
  readonly backend?: BackendChoice;
  readonly threads?: Threads;
  readonly signal?: AbortSignal;
}

/** Training a step at a time. */
export interface TrainingSteps {
  readonly backend: Backend;
  /** Goes forth and back with a batch. @returns its mean loss before the step */
  learn(batch: readonly TrainingExample[]): Promise<number>;
  /** The graph as it stands now. */
  graph(): Graph;
  dispose(): void;
}

/**
 * Steps as Keras takes them, to compare and to measure: every step runs the frozen layers, too, and the head gets the pooled
 * features as they are (`trainModel` keeps the answers of frozen layers and standardizes). @throws GraftError E613, E617
 */
export async function openTrainingSteps(options: StepsOptions): Promise<TrainingSteps> {
  const { graph, train, freezeBatchNorm } = options;
  const backend = await openBackend(options.backend);
  const { frozen, learning } = cutGraph(graph, new Set(options.frozen));
  const plan = { graph, frozenNodes: frozen.nodes.length, batchSize: train.batchSize, whole: !freezeBatchNorm };
  const network = new PictureNetwork({ graph: frozen, cuts: null }, options.threads);
  const own = new Inference(frozen);
  const learner = openLearner({
    ...options,
    ...{ learning, layers: trainableLayers(learning, options), partSize: partSize(plan) },
    inputs: frozen.nodes.length === 0 ? pictureInputs(graph.input) : answersOf(network, own, frozen),
    ...{ batchSize: train.batchSize, labelSmoothing: train.labelSmoothing },
  });
  const trainer = new Trainer({
    ...{ learner, train, seed: options.seed, training: [], validation: [] },
    ...{ phase: 'training', before: { history: [], bestEpoch: 0 }, report: silent },
    checkpoint: { load: async () => null, save: async () => undefined, leastMs: Infinity },
  });
  return {
    backend,
    learn: async (batch) => (await trainer.learnBatch(batch)).loss / batch.length,
    graph: () => learnedGraph(graph, learner.chain.layers),
    dispose: () => {
      trainer.dispose();
      network.dispose();
      own.dispose();
      learner.dispose();
    },
  };
}

/** What the frozen layers answer, worked out each time anew: in threads for a group of learners, else on the back end that learns. */
function answersOf(network: PictureNetwork, own: Inference, frozen: Graph): Inputs {
  const shape = graphShapes(frozen).at(-1) ?? frozen.input;
  const vector = frozen.nodes.some(isGlobalPool);
  const read = async (examples: readonly TrainingExample[]) => {
    const answers = await network.run(examples.map((example) => example.pixels()));
    const block = new Float32Array(examples.length * sizeOf(shape));
    answers.forEach((answer, index) => block.set(answer, index * sizeOf(shape)));
    return block;
  };
  const onBackend = (examples: readonly TrainingExample[]) => {
    const input = pictureTensor(
      examples.map((example) => example.pixels()),
      frozen.input,
    );
    const answers = own.apply(input);
    input.dispose();
    return answers;
  };
  return { shape, vector, read, onBackend };
}
