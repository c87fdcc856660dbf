import * as tf from '@tensorflow/tfjs-core';

import type { Layer, Parameter } from './layer';

/** Sum of ∂loss/∂parameter, in the layout of the parameter's values. */
export type Gradients = Map<Parameter, Float32Array>;

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
  learn(input: tf.Tensor, outputGradient: OutputGradient, gradients: Gradients): void {
    const uses = new Uses(input);
    const tape = this.forth(input, uses);
    const output = tape.at(-1)?.output ?? input;
    const values = outputGradient(output.dataSync<'float32'>());
    let gradient: tf.Tensor = tf.tensor(values, output.shape);
    uses.release(output);
    for (const { layer, saved } of tape.toReversed()) {
      const before = gradient;
      const back = tf.tidy(() => layer.backward(before, saved));
      layer.parameters.forEach((parameter, index) => add(gradients, parameter, back.parameters[index]));
      before.dispose();
      saved.forEach((tensor) => uses.release(tensor));
      gradient = back.input;
    }
    gradient.dispose();
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

function add(gradients: Gradients, parameter: Parameter, gradient: tf.Tensor): void {
  const values = gradient.dataSync<'float32'>();
  gradient.dispose();
  const sum = gradients.get(parameter);
  if (sum === undefined) gradients.set(parameter, values.slice());
  else values.forEach((value, at) => (sum[at] += value));
}
