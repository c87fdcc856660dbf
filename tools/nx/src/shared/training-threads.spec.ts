import { sha256, silent } from '@graft/foundation';
import { buildBackbone, buildGraph, frozenLayers, writeGraph, type MobilenetConfig } from '@graft/model';
import {
  initialWeights,
  memoryCheckpointStore,
  memoryFeatureStore,
  openRunner,
  openTrainingSteps,
  trainModel,
  type Runner,
  type StepsOptions,
  type Threads,
  type TrainingExample,
  type TrainingOptions,
} from '@graft/training';
import { trainingThreads } from './training-threads';

// Threads take a second to start, each with a back end of its own.
jest.setTimeout(60_000);

const SIDE = 64;
const HEAD: TrainingOptions['model']['head'] = [
  { type: 'dropout', rate: 0.4 },
  { type: 'dense', units: 6, activation: 'relu' },
];
const CONFIG: MobilenetConfig = {
  ...{ alpha: 1, output: 'conv_pw_1_relu', pooling: 'avg', classes: 2, encoding: { scale: 1 / 127.5, offset: -1 } },
  input: { height: SIDE, width: SIDE },
  head: HEAD,
};
const TRAIN: TrainingOptions['train'] = {
  ...{ epochs: 2, batchSize: 32, learningRate: 0.01, schedule: { name: 'constant' }, warmupEpochs: 0 },
  ...{ labelSmoothing: 0.1, weightDecay: 0, classWeights: 'none', earlyStopping: null, fineTune: null },
  optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  checkpoint: { monitor: 'val_loss' },
};
const WEIGHTS = new Map([...initialWeights(CONFIG, null, 3)].filter(([name]) => name.startsWith('conv')));

/** Coarse stripes, upright in one class, level in the other. */
function example(index: number): TrainingExample {
  const label = index % 2;
  const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => {
    const [row, column] = [Math.floor(at / (3 * SIDE)), Math.floor(at / 3) % SIDE];
    return 128 + 90 * Math.sin(((label === 0 ? row : column) * (3 + index)) / 20 + index) + (at % 7);
  });
  return { id: `${index}`.padStart(3, '0'), digest: `${index}`, label, pixels: () => pixels };
}
const EXAMPLES = Array.from({ length: 45 }, (_, index) => example(index));

/** Counts what it lends. */
function counted(count = 2): { threads: Threads; started: () => number } {
  const lent = trainingThreads(count);
  let started = 0;
  return { threads: { count, start: (data) => (started++, lent.start(data)) }, started: () => started };
}

function steps(changes: Partial<StepsOptions> = {}) {
  return openTrainingSteps({
    graph: buildGraph(CONFIG, initialWeights(CONFIG, null, 1)),
    ...{ head: CONFIG.head, frozen: frozenLayers({ type: 'none' }, CONFIG), freezeBatchNorm: false, train: TRAIN },
    ...{ classes: { count: 2, weights: [1, 1.5] }, seed: 1, backend: 'wasm' },
    ...changes,
  });
}

async function losses(changes: Partial<StepsOptions>, batches: readonly TrainingExample[][]) {
  const run = await steps(changes);
  const seen: number[] = [];
  for (const batch of batches) seen.push(await run.learn(batch));
  const { bin } = writeGraph(run.graph());
  run.dispose();
  return { seen, bin: new Float32Array(Uint8Array.from(bin).buffer.slice(0, bin.length - (bin.length % 4))) };
}

const BATCHES = [EXAMPLES.slice(0, 32), EXAMPLES.slice(32, 35), EXAMPLES.slice(5, 37)];

test.each([
  ['by the batch', false],
  ['by their averages', true],
])('steps in threads are those of one thread up to rounding, batch norms %s', async (_, freezeBatchNorm) => {
  const { threads, started } = counted();
  const alone = await losses({ freezeBatchNorm }, BATCHES);
  const shared = await losses({ freezeBatchNorm, threads }, BATCHES);
  expect(started()).toBe(4);
  shared.seen.forEach((loss, step) => expect(loss / alone.seen[step]).toBeCloseTo(1, 4));
  const again = await losses({ freezeBatchNorm, threads: counted(1).threads }, BATCHES);
  expect(again).toEqual(shared);
});

test('small batches stay in one thread', async () => {
  const { threads, started } = counted();
  const run = await steps({ threads, train: { ...TRAIN, batchSize: 2 } });
  await run.learn(EXAMPLES.slice(0, 2));
  run.dispose();
  expect(started()).toBe(0);
});

test('a picture has the same answer in every thread', async () => {
  const graph = buildBackbone(CONFIG, WEIGHTS);
  const pictures = EXAMPLES.slice(0, 30).map(({ pixels }) => pixels());
  const { threads, started } = counted(3);
  const alone = await openRunner(graph, { backend: 'wasm' });
  const shared = await openRunner(graph, { backend: 'wasm', threads, helpAfterMs: 0 });
  const digests = async ({ predict }: Runner) =>
    (await predict(pictures)).map((answer) =>
      sha256(new Uint8Array(answer.buffer, answer.byteOffset, answer.byteLength)),
    );
  expect(await digests(shared)).toEqual(await digests(alone));
  expect(started()).toBe(3);
  alone.dispose();
  shared.dispose();
});

function trainingOptions(changes: Partial<TrainingOptions> = {}): TrainingOptions {
  return {
    model: {
      ...{ backbone: 'mobilenet_v1', alpha: CONFIG.alpha, weights: { type: 'none' }, output: CONFIG.output },
      ...{ pooling: 'avg', head: HEAD, freeze: { type: 'none' }, freezeBatchNorm: false },
    },
    ...{ train: TRAIN, seed: 7, classes: { count: 2, weights: [1, 1] }, input: CONFIG.input },
    ...{ encoding: CONFIG.encoding, weights: WEIGHTS, featureCache: memoryFeatureStore(), backend: 'wasm' },
    ...{ training: EXAMPLES.slice(0, 35), validation: EXAMPLES.slice(35), report: silent },
    threads: trainingThreads(2),
    ...changes,
  };
}

test('a training that is cut off in threads goes on to the bytes of one that is not', async () => {
  const whole = await trainModel(trainingOptions());
  const abort = new AbortController();
  const checkpoints = { store: memoryCheckpointStore(), leastMs: 0 };
  const cut = trainModel(
    trainingOptions({
      ...{ checkpoints, signal: abort.signal },
      report: (event) => {
        if (event.type === 'progress' && event.task === 'training' && event.done === 1)
          abort.abort(new Error('cut off'));
      },
    }),
  );
  await expect(cut).rejects.toThrow('cut off');
  const resumed = await trainModel(trainingOptions({ checkpoints }));
  expect(writeGraph(resumed.graph)).toEqual(writeGraph(whole.graph));
  expect(resumed.history).toEqual(whole.history);
});

test('an abort does not wait for the batch', async () => {
  const run = await steps({ ...counted(), signal: AbortSignal.timeout(50) });
  await expect(run.learn(EXAMPLES)).rejects.toThrow('timeout');
  run.dispose();
});

test('a thread that ends ends the training', async () => {
  const lent = trainingThreads(2);
  const threads: Threads = {
    count: 2,
    start: (data) => {
      const thread = lent.start(data);
      if (data.task === 'learner' && data.rank === 2) setTimeout(() => void thread.terminate(), 200);
      return thread;
    },
  };
  await expect(trainModel(trainingOptions({ threads }))).rejects.toThrow('a thread ended');
});
