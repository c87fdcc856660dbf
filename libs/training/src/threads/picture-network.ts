import { askThread } from '@graft/foundation';
import * as tf from '@tensorflow/tfjs-core';
import type { Worker } from 'node:worker_threads';

import { openNetwork, type Answering, type NetworkPlan } from './network-thread';
import type { Threads } from './threads';

/** Larger parts are not faster on wasm, and each thread holds the maps of one; TensorFlow spreads a part over its own threads. */
const PARTS = { wasm: 4, other: 32 };
/** A thread takes about a second to start: so long the network works alone before it calls for help. */
const ALONE_MS = 1500;

/**
 * A network on the back end that answers to each picture by itself: which pictures go together, and in which thread, changes no bit.
 * Long work on wasm is spread over threads where some are lent.
 */
export class PictureNetwork {
  private readonly own: Answering;
  private readonly part = tf.getBackend() === 'wasm' ? PARTS.wasm : PARTS.other;
  private readonly started: Worker[] = [];
  private aloneMs = 0;

  constructor(
    private readonly plan: NetworkPlan,
    private readonly threads: Threads | undefined,
    private readonly helpAfterMs = ALONE_MS,
  ) {
    this.own = openNetwork(plan);
  }

  /** Pictures that `run` is best asked for now, between two looks at an abort. */
  get atATime(): number {
    // On wasm two parts at a time, alone for fewer stops, with help for each thread, so that a slow one holds nobody up for long.
    return this.part === PARTS.wasm ? 2 * this.part * Math.max(1, this.started.length) : this.part;
  }

  /** One call at a time. @param pictures bytes [row][column][RGB] each. @returns the answer to each, in their order */
  async run(pictures: readonly Uint8Array[]): Promise<Float32Array[]> {
    const parts = Array.from({ length: Math.ceil(pictures.length / this.part) }, (_, at) =>
      pictures.slice(at * this.part, (at + 1) * this.part),
    );
    if (this.started.length === 0 && this.wantsHelp()) this.callForHelp();
    const answers = this.started.length === 0 ? parts.map((part) => this.alone(part)) : await this.spread(parts);
    return answers.flat();
  }

  /** Lets the threads go, and what they hold; `run` calls them back. */
  release(): void {
    this.started.splice(0).forEach((thread) => void thread.terminate());
  }

  dispose(): void {
    this.own.dispose();
    this.release();
  }

  private wantsHelp(): boolean {
    return (
      this.threads !== undefined &&
      this.threads.count > 1 &&
      tf.getBackend() === 'wasm' &&
      this.aloneMs >= this.helpAfterMs
    );
  }

  private callForHelp(): void {
    for (let thread = 0; thread < (this.threads?.count ?? 0); thread++) {
      const started = this.threads?.start({ task: 'network', ...this.plan });
      if (started !== undefined) this.started.push(started);
    }
  }

  private alone(part: readonly Uint8Array[]): Float32Array[] {
    const from = performance.now();
    const answers = this.own.run(part);
    this.aloneMs += performance.now() - from;
    return answers;
  }

  /** Each thread takes the next part when it is done with one. */
  private async spread(parts: readonly (readonly Uint8Array[])[]): Promise<Float32Array[][]> {
    const answers: Float32Array[][] = [];
    const waiting = [...parts.entries()];
    const work = async (thread: Worker): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, part] = next;
        answers[index] = (await askThread(thread, part)) as Float32Array[];
      }
    };
    await Promise.all(this.started.map(work));
    return answers;
  }
}
