import type { Graph } from '@graft/model';
import { sizeOf, type MapShape } from '@graft/tensor';

import * as tf from '@tensorflow/tfjs-core';

import { decodePixels } from './inference';
import type { TrainingExample } from './training-example';

/** What the learning part sees of each example: the features, or the picture itself where nothing is frozen. */
export interface Inputs {
  readonly shape: MapShape;
  /** Already pooled: the dense layers come next. */
  readonly vector: boolean;
  /** One after the other, each [row][column][channel]. */
  read(examples: readonly TrainingExample[]): Promise<Float32Array>;
  /** The same as a tensor, where it is on the back end of this thread already and need not leave it. */
  onBackend?(examples: readonly TrainingExample[]): tf.Tensor;
}

export function pictureInputs(input: Graph['input']): Inputs {
  return {
    shape: input,
    vector: false,
    read: async (examples) =>
      decodePixels(
        examples.map((example) => example.pixels()),
        input,
      ),
  };
}

/** The examples on the back end: vectors [picture][feature] or maps [picture][row][column][channel]. */
export async function inputTensor(inputs: Inputs, examples: readonly TrainingExample[]): Promise<tf.Tensor> {
  return inputs.onBackend?.(examples) ?? exampleTensor(inputs, await inputs.read(examples));
}

/** @param values one example after the other */
export function exampleTensor({ shape, vector }: Pick<Inputs, 'shape' | 'vector'>, values: Float32Array): tf.Tensor {
  const { channels, height, width } = shape;
  const examples = values.length / sizeOf(shape);
  if (vector) return tf.tensor2d(values, [examples, channels]);
  return tf.tensor4d(values, [examples, height, width, channels]);
}
