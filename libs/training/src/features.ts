import { canonicalJson, sha256, type Report } from '@graft/foundation';
import { graphShapes, isGlobalPool, writeGraph, type Graph } from '@graft/model';
import { sizeOf, type MapShape } from '@graft/tensor';

import type { FeatureStore } from './feature-store';
import type { Inputs } from './inputs';
import { nextTurn } from './next-turn';
import { PictureNetwork } from './threads/picture-network';
import type { Threads } from './threads/threads';
import type { TrainingExample } from './training-example';

/** Features up to this size stay in memory; larger ones are read from the store for each batch. */
const MEMORY_BYTES = 512 * 2 ** 20;

export interface FeatureOptions {
  readonly featureCache: FeatureStore;
  readonly threads?: Threads;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

/** What the frozen part answers to each example. Runs it once per example ever; the store remembers, but for fleeting ones. */
export class Features implements Inputs {
  /** At the cut; a vector is a 1×1 map. */
  readonly shape: MapShape;
  readonly vector: boolean;
  extracted = 0;
  reused = 0;
  private readonly held = new Map<string, Float32Array>();
  private readonly network: PictureNetwork;
  /** Of the keys: everything beside the pixels that features depend on. */
  private readonly prefix: string;

  constructor(
    readonly frozen: Graph,
    backend: string,
    private readonly options: FeatureOptions,
  ) {
    this.shape = graphShapes(frozen).at(-1) ?? frozen.input;
    this.vector = frozen.nodes.some(isGlobalPool);
    this.network = new PictureNetwork({ graph: frozen, cuts: null }, options.threads);
    const { json, bin } = writeGraph(frozen);
    this.prefix = canonicalJson({ network: sha256(json), weights: sha256(bin), backend });
  }

  /** Nothing is frozen: there are no features. */
  get empty(): boolean {
    return this.frozen.nodes.length === 0;
  }

  /** Computes what is not in the store yet. */
  async prepare(examples: readonly TrainingExample[]): Promise<void> {
    const { report, signal } = this.options;
    const holds = examples.length * sizeOf(this.shape) * 4 <= MEMORY_BYTES;
    for (let start = 0, end = 0; start < examples.length; start = end) {
      await nextTurn(signal);
      end = Math.min(examples.length, start + this.network.atATime);
      const part = examples.slice(start, end);
      const { found, missing } = await this.look(part);
      this.reused += part.length - missing.length;
      this.extracted += missing.length;
      const features = await this.compute(found, missing);
      if (holds) features.forEach((values, key) => this.held.set(key, values));
      report({ type: 'progress', task: 'computing features', done: end, total: examples.length, unit: 'picture' });
    }
    this.network.release();
  }

  async read(examples: readonly TrainingExample[]): Promise<Float32Array> {
    const { found, missing } = await this.look(examples);
    const features = await this.compute(found, missing);
    const size = sizeOf(this.shape);
    const block = new Float32Array(examples.length * size);
    examples.forEach((example, index) => block.set(features.get(this.keyOf(example)) ?? [], index * size));
    return block;
  }

  dispose(): void {
    this.network.dispose();
  }

  private keyOf({ digest }: TrainingExample): string {
    return sha256(`${this.prefix}${digest}`);
  }

  private async look(examples: readonly TrainingExample[]) {
    const found = new Map<string, Float32Array>();
    const missing: TrainingExample[] = [];
    for (const example of examples) {
      const key = this.keyOf(example);
      const values = this.held.get(key) ?? (await this.options.featureCache.get(key));
      // A foreign length can only come from a store that was written by another hand.
      if (values?.length === sizeOf(this.shape)) found.set(key, values);
      else missing.push(example);
    }
    return { found, missing };
  }

  private async compute(found: Map<string, Float32Array>, missing: readonly TrainingExample[]) {
    const answers = await this.network.run(missing.map((example) => example.pixels()));
    for (const [index, example] of missing.entries()) {
      found.set(this.keyOf(example), answers[index]);
      if (!example.fleeting) await this.options.featureCache.put(this.keyOf(example), answers[index]);
    }
    return found;
  }
}
