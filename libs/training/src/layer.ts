import type { Random } from '@graft/foundation';
import type { GraphNode } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

/** Numbers that stay on a back end and change there. */
export interface Resident {
  tensor(): tf.Tensor;
  /** Writes the numbers of now. */
  read(into: Float32Array): void;
  dispose(): void;
}

/** Numbers that learn, in the back end's layout. The back end holds a copy, or the truth itself where an optimizer works there. */
export class Parameter {
  private copy: tf.Tensor | null = null;
  private resident: Resident | null = null;
  /** `numbers` are older than what the back end holds. */
  private stale = false;

  constructor(
    readonly name: string,
    readonly shape: readonly number[],
    private readonly numbers: Float32Array,
    /** Kernels shrink under weight decay; biases and the numbers of batch norms do not. */
    readonly decays: boolean,
  ) {}

  /** Whoever writes into them calls `refresh`. */
  get values(): Float32Array {
    if (this.stale) this.resident?.read(this.numbers);
    this.stale = false;
    return this.numbers;
  }

  tensor<T extends tf.Tensor>(): T {
    if (this.resident !== null) return this.resident.tensor() as T;
    this.copy ??= tf.keep(tf.tensor(this.numbers, [...this.shape], 'float32'));
    return this.copy as T;
  }

  /** After `values` have changed. */
  refresh(): void {
    this.copy?.dispose();
    this.resident?.dispose();
    this.copy = this.resident = null;
    this.stale = false;
  }

  /** From now on the truth is on the back end; `create` may take over `values`, since nobody else reads that array again. */
  reside(resident: Resident): void {
    this.refresh();
    this.resident = resident;
  }

  get resides(): boolean {
    return this.resident !== null;
  }

  /** After the resident numbers have changed. */
  moved(): void {
    this.stale = true;
  }
}

/** What a layer answers, and what it needs to go back. Both are fresh tensors, or the input itself. */
export type Forward = { readonly output: tf.Tensor; readonly saved: tf.Tensor[] };

/** Gradients by the input, and by the parameters in their order. */
export type Backward = { readonly input: tf.Tensor | undefined; readonly parameters: tf.Tensor[] };

/** What a layer draws in training: so many numbers for each picture, one picture after the other. */
export interface Chance {
  readonly random: Random;
  readonly numbers: number;
}

/** One step of a chain that learns. Maps are [picture][row][column][channel], vectors [picture][channel]. */
export interface Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Further numbers that training moves: the statistics of batch norms. */
  readonly statistics: readonly Float32Array[];
  /** In a layer with chance. */
  readonly chance?: Chance;
  forward(input: tf.Tensor, training: boolean): Forward;
  /** `gradient` is ∂loss/∂output. Unless `wantsInput`, the gradient by the input may be undefined. */
  backward(gradient: tf.Tensor, saved: readonly tf.Tensor[], wantsInput: boolean): Backward;
  /** The layer as it stands now, for the graph; null for what inference leaves out. */
  node(): GraphNode | null;
}
