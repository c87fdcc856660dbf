import type { Random } from '@graft/foundation';
import type { GraphNode } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

/** Numbers that learn. `values` is the truth, in the back end's layout; the back end holds a copy of it. */
export class Parameter {
  private copy: tf.Tensor | null = null;

  constructor(
    readonly name: string,
    readonly shape: readonly number[],
    readonly values: Float32Array,
    /** Kernels shrink under weight decay; biases and the numbers of batch norms do not. */
    readonly decays: boolean,
  ) {}

  tensor<T extends tf.Tensor>(): T {
    this.copy ??= tf.keep(tf.tensor(this.values, [...this.shape], 'float32'));
    return this.copy as T;
  }

  /** After `values` have changed. */
  refresh(): void {
    this.copy?.dispose();
    this.copy = null;
  }
}

/** What a layer answers, and what it needs to go back. Both are fresh tensors, or the input itself. */
export type Forward = { readonly output: tf.Tensor; readonly saved: tf.Tensor[] };

/** Gradients by the input, and by the parameters in their order. */
export type Backward = { readonly input: tf.Tensor; readonly parameters: tf.Tensor[] };

/** One step of a chain that learns. Maps are [picture][row][column][channel], vectors [picture][channel]. */
export interface Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Further numbers that training moves: the statistics of batch norms. */
  readonly statistics: readonly Float32Array[];
  /** The stream that training draws from, in a layer with chance. */
  readonly random?: Random;
  forward(input: tf.Tensor, training: boolean): Forward;
  /** `gradient` is ∂loss/∂output. */
  backward(gradient: tf.Tensor, saved: readonly tf.Tensor[]): Backward;
  /** The layer as it stands now, for the graph; null for what inference leaves out. */
  node(): GraphNode | null;
}
