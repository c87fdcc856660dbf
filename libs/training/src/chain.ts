import * as tf from '@tensorflow/tfjs-core';

import type { Layer, Parameter } from './layer';

/** Adds up ∂loss/∂parameter over the parts of a batch. */
export interface GradientSums {
  /** Takes the tensor over. */
  add(parameter: Parameter, gradient: tf.Tensor): void;
}

/** Sums in plain arrays, in the layout of the parameter's values. */
export class HostGradients extends Map<Parameter, Float32Array> implements GradientSums {
  add(parameter: Parameter, gradient: tf.Tensor): void {
    const values = gradient.dataSync<'float32'>();
    gradient.dispose();
    const sum = this.get(parameter);
    if (sum === undefined) this.set(parameter, values.slice());
    else values.forEach((value, at) => (sum[at] += value));
  }
}

/** ∂loss/∂output of the chain, worked out by the caller from the output: [picture][number]. */
export type OutputGradient = (output: Float32Array) => Float32Array;

/** Layers one after the other, forth and back. Holds only the maps that the way back needs, and each only as long. */
export class Chain {
  readonly parameters: readonly Parameter[];

  constructor(readonly layers: readonly Layer[]) {
    this.parameters = layers.flatMap((layer) => layer.parameters);
  }

  /** The output without learning: no dropout, batch norms by their averages. Keeps `input`. */
  infer(input: tf.Tensor): Float32Array {
    const output = this.layers.reduce((value, layer) => {
      const next = tf.tidy(() => layer.forward(value, false).output);
      if (value !== input) value.dispose();
      return next;
    }, input);
    const values = output.dataSync<'float32'>();
    if (output !== input) output.dispose();
    return values;
  }

  /** One pass forth and back; adds to `gradients`. Keeps `input`. */
  learn(input: tf.Tensor, outputGradient: OutputGradient, gradients: GradientSums): void {
    const uses = new Uses(input);
    const tape = this.forth(input, uses);
    const output = tape.at(-1)?.output ?? input;
    const values = outputGradient(output.dataSync<'float32'>());
    let gradient: tf.Tensor | undefined = tf.tensor(values, output.shape);
    uses.release(output);
    // Nobody asks for the gradients below the first layer that learns.
    const first = tape.findIndex(({ layer }) => layer.parameters.length > 0);
    for (const [at, { layer, saved }] of [...tape.entries()].toReversed()) {
      if (gradient !== undefined) gradient = this.back(layer, gradient, saved, { gradients, wantsInput: at > first });
      saved.forEach((tensor) => uses.release(tensor));
    }
    gradient?.dispose();
  }

  /** Takes `gradient` over; gives the one by the layer's input. */
  private back(
    layer: Layer,
    gradient: tf.Tensor,
    saved: readonly tf.Tensor[],
    { gradients, wantsInput }: { readonly gradients: GradientSums; readonly wantsInput: boolean },
  ): tf.Tensor | undefined {
    const { input, parameters } = tf.tidy(() => layer.backward(gradient, saved, wantsInput));
    layer.parameters.forEach((parameter, index) => gradients.add(parameter, parameters[index]));
    gradient.dispose();
    return input;
  }

  dispose(): void {
    for (const parameter of this.parameters) parameter.refresh();
  }

  private forth(input: tf.Tensor, uses: Uses) {
    let value = input;
    return this.layers.map((layer) => {
      const before = value;
      const { output, saved } = tf.tidy(() => layer.forward(before, true));
      saved.forEach((tensor) => uses.hold(tensor));
      uses.hold(output);
      uses.release(before);
      value = output;
      return { layer, saved, output };
    });
  }
}

/** Counts who still needs a tensor, and disposes of it after the last one. */
class Uses {
  private readonly counts = new Map<tf.Tensor, number>();

  /** `kept` belongs to the caller and is never disposed of. */
  constructor(private readonly kept: tf.Tensor) {}

  hold(tensor: tf.Tensor): void {
    this.counts.set(tensor, (this.counts.get(tensor) ?? 0) + 1);
  }

  release(tensor: tf.Tensor): void {
    if (tensor === this.kept) return;
    const left = (this.counts.get(tensor) ?? 0) - 1;
    this.counts.set(tensor, left);
    if (left === 0) tensor.dispose();
  }
}
