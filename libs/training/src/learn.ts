import { Random, type Report } from '@graft/foundation';
import type { TrainSection } from '@graft/spec';
import type { Chain } from './chain';
import type { Checkpoint } from './checkpoint';
import { epochRules, type EpochMetrics, type PhaseName } from './epochs';
import { lossNotFinite } from './errors';
import { learningRate, type LearningRate } from './learning-rate';
import { nextTurn } from './next-turn';
import { stepRule, type Optimizer } from './optimizer';
import type { Learner } from './learner';
import { trainingOps } from './running-ops';
import { numbersOf } from './threads/shared-numbers';
import type { TrainingExample } from './training-example';

export interface LearnOptions {
  readonly learner: Learner;
  readonly train: TrainSection;
  readonly seed: number;
  readonly training: readonly TrainingExample[];
  readonly validation: readonly TrainingExample[];
  readonly phase: PhaseName;
  /** What an earlier phase has done: the learner holds the numbers of its best epoch. */
  readonly before: Learned;
  /** Where the run of this phase keeps its state. */
  readonly checkpoint: CheckpointSlot;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

export interface CheckpointSlot {
  load(): Promise<Checkpoint | null>;
  save(checkpoint: Checkpoint): Promise<void>;
  /** An epoch that ends sooner after the last saving is not saved. */
  readonly leastMs: number;
}

export interface Learned {
  /** Of all phases. */
  readonly history: readonly EpochMetrics[];
  readonly bestEpoch: number;
}

/**
 * Runs a phase's epochs and leaves the numbers of the best epoch of all phases in the learner. Goes on from the checkpoint
 * of a run that was cut off, to the same numbers. @throws GraftError E616
 */
export async function learn(options: LearnOptions): Promise<Learned> {
  const trainer = new Trainer(options);
  try {
    return await runEpochs(trainer, options);
  } finally {
    trainer.dispose();
  }
}

async function runEpochs(trainer: Trainer, options: LearnOptions): Promise<Learned> {
  const { train, before, checkpoint } = options;
  const { chain } = options.learner;
  const rules = epochRules(train, before.history[before.bestEpoch - 1]);
  const history = [...before.history];
  const last = history.length + train.epochs;
  // Where the last epoch stays, its numbers are those that the layers hold.
  const take = () => (rules.keepsLast ? null : snapshot(chain));
  let best = { epoch: before.bestEpoch, numbers: take() };
  let stopped = false;
  /** What follows from an epoch's figures alone. */
  const judge = (metrics: EpochMetrics): boolean => {
    history.push(metrics);
    trainer.see(metrics);
    const keeps = rules.keeps(metrics);
    stopped = rules.stops(metrics);
    return keeps;
  };

  const saved = await checkpoint.load();
  if (saved !== null) {
    saved.history.slice(history.length).forEach(judge);
    best = { epoch: saved.bestEpoch, numbers: trainer.resume(saved) };
    options.report({
      type: 'note',
      message: `${options.phase} goes on after epoch ${history.length}, where it was cut off`,
    });
  }
  let savedMs = performance.now();
  while (!stopped && history.length < last) {
    const epoch = history.length + 1;
    if (judge(await trainer.epoch(epoch))) best = { epoch, numbers: take() };
    if (performance.now() - savedMs < checkpoint.leastMs) continue;
    await checkpoint.save({ history, bestEpoch: best.epoch, ...trainer.state(best.numbers ?? snapshot(chain)) });
    savedMs = performance.now();
  }
  if (best.numbers !== null) restore(chain, best.numbers);
  return { history, bestEpoch: best.epoch };
}

/** Sums over the pictures seen so far. */
export interface Tally {
  loss: number;
  correct: number;
  pictures: number;
}

/** Nobody reads faster. */
const LIVE_MS = 1000;

/** Works off batches and epochs; knows how far the optimizer, the learning rate and chance have come. */
export class Trainer {
  private readonly optimizer: Optimizer;
  private readonly rate: LearningRate;
  private steps = 0;
  private toldMs = performance.now();

  constructor(private readonly options: LearnOptions) {
    const { train, training } = options;
    this.optimizer = trainingOps().optimizer({ ...train, optimizer: stepRule(train.optimizer) });
    this.rate = learningRate(train, Math.ceil(training.length / train.batchSize));
  }

  dispose(): void {
    this.optimizer.dispose();
  }

  /** Lets the learning rate follow how an epoch went. */
  see(metrics: EpochMetrics): void {
    this.rate.see(metrics);
  }

  /** What goes into a checkpoint: the state of now and the best epoch's numbers. */
  state(best: readonly Float32Array[]): Pick<Checkpoint, 'steps' | 'numbers'> {
    const random = this.streams().map((stream) => stream.state());
    return { steps: this.steps, numbers: [...this.numbers(), ...best, ...random] };
  }

  /** Takes up what `state` gave; returns the best epoch's numbers. */
  resume({ steps, numbers }: Checkpoint): Float32Array[] {
    this.steps = steps;
    this.optimizer.resume(steps);
    const left = [...numbers];
    this.numbers().forEach((array) => array.set(left.shift() ?? []));
    this.options.learner.chain.parameters.forEach((parameter) => parameter.refresh());
    const best = snapshot(this.options.learner.chain).map((array) => (array.set(left.shift() ?? []), array));
    this.streams().forEach((stream) => stream.resume(Int32Array.from(left.shift() ?? [])));
    return best;
  }

  /** Views of all that learning changes. */
  private numbers(): Float32Array[] {
    const { chain } = this.options.learner;
    return [...numbersOf(chain), ...chain.parameters.flatMap((parameter) => this.optimizer.memory(parameter))];
  }

  private streams(): Random[] {
    return this.options.learner.chain.layers.flatMap(({ chance }) => chance?.random ?? []);
  }

  async epoch(epoch: number): Promise<EpochMetrics> {
    const { training, validation, seed } = this.options;
    const started = performance.now();
    const shuffled = Random.of(seed, 'shuffle', epoch).shuffled(training);
    const order = shuffled.map((example) => example.inEpoch?.(epoch) ?? example);
    const seen = await this.pass(
      order,
      (batch) => this.learnBatch(batch),
      (soFar) => this.tellWithin(epoch, soFar, started),
    );
    const rate = (1000 * training.length) / (performance.now() - started);
    if (!Number.isFinite(seen.loss)) throw lossNotFinite(epoch, seen.loss);
    const checked = await this.pass(validation, (batch) => this.checkBatch(batch));
    const learningRate = this.rate.at(this.steps - 1);
    const metrics = { epoch, phase: this.options.phase, learningRate, ...figuresOf(seen, checked) };
    this.tell(metrics, rate);
    return metrics;
  }

  private async pass(
    examples: readonly TrainingExample[],
    work: (batch: readonly TrainingExample[]) => Promise<Tally>,
    watch: (soFar: Tally) => void = () => undefined,
  ) {
    const { train, signal } = this.options;
    const total: Tally = { loss: 0, correct: 0, pictures: 0 };
    for (let start = 0; start < examples.length; start += train.batchSize) {
      await nextTurn(signal);
      const tally = await work(examples.slice(start, start + train.batchSize));
      total.loss += tally.loss;
      total.correct += tally.correct;
      total.pictures += tally.pictures;
      watch(total);
    }
    return total;
  }

  /** One step. The loss is that before it. */
  async learnBatch(batch: readonly TrainingExample[]): Promise<Tally> {
    const score = await this.options.learner.learn(batch, this.optimizer);
    this.optimizer.step(this.rate.at(this.steps++));
    return { ...score, pictures: batch.length };
  }

  private async checkBatch(batch: readonly TrainingExample[]): Promise<Tally> {
    return { ...(await this.options.learner.check(batch)), pictures: batch.length };
  }

  private tell({ epoch, loss, accuracy, valLoss, valAccuracy }: EpochMetrics, rate: number): void {
    const checked: Record<string, number> =
      valLoss === null || valAccuracy === null ? {} : { val_loss: valLoss, val_accuracy: valAccuracy };
    this.report(epoch, { loss, accuracy, ...checked, 'examples/s': rate });
  }

  /** Where an epoch takes long, its figures so far, about once a second. */
  private tellWithin(epoch: number, soFar: Tally, startedMs: number): void {
    const { training } = this.options;
    const nowMs = performance.now();
    if (nowMs - this.toldMs < LIVE_MS || soFar.pictures === training.length) return;
    const { loss, accuracy } = figuresOf(soFar, { loss: 0, correct: 0, pictures: 0 });
    const rate = (1000 * soFar.pictures) / (nowMs - startedMs);
    this.report(epoch - 1 + soFar.pictures / training.length, { loss, accuracy, 'examples/s': rate });
  }

  private report(epochs: number, figures: Readonly<Record<string, number>>): void {
    this.toldMs = performance.now();
    const { phase, before, train } = this.options;
    const done = epochs - before.history.length;
    this.options.report({ type: 'progress', task: phase, done, total: train.epochs, unit: 'epoch', figures });
  }
}

function figuresOf(seen: Tally, checked: Tally): Omit<EpochMetrics, 'epoch' | 'phase' | 'learningRate'> {
  const none = checked.pictures === 0;
  return {
    loss: seen.loss / seen.pictures,
    accuracy: seen.correct / seen.pictures,
    valLoss: none ? null : checked.loss / checked.pictures,
    valAccuracy: none ? null : checked.correct / checked.pictures,
  };
}

function snapshot(chain: Chain): Float32Array[] {
  return numbersOf(chain).map((numbers) => numbers.slice());
}

function restore(chain: Chain, numbers: readonly Float32Array[]): void {
  numbersOf(chain).forEach((values, index) => values.set(numbers[index]));
  chain.parameters.forEach((parameter) => parameter.refresh());
}
