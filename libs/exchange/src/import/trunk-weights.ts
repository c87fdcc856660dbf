import { BATCH_NORM_EPSILON } from '@graft/model';
import { reverseAxes } from '@graft/tensor';

import type { MatchedTrunk } from './match-trunk';
import type { PlainTensor } from './onnx-tensor';

/** A tensor under its Keras name and in Keras's order of axes. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The numbers of a trunk whose kernels are [output][input][row][column], as ONNX has them. */
export function trunkWeights({ layers }: MatchedTrunk<PlainTensor>): readonly NamedTensor[] {
  return layers.flatMap(({ layer, convolution, batchNorm }) => {
    const { name, kernel, inputChannels, outputChannels } = layer;
    const taps = kernel * kernel;
    const data = convolution.weights.data;
    const tensors: NamedTensor[] = [
      layer.kind === 'depthwise'
        ? {
            name: `${name}/depthwise_kernel`,
            shape: [3, 3, outputChannels, 1],
            data: reverseAxes(data, outputChannels, 1, taps),
          }
        : {
            name: `${name}/kernel`,
            shape: [kernel, kernel, inputChannels, outputChannels],
            data: reverseAxes(data, outputChannels, inputChannels, taps),
          },
    ];
    const vector = (part: string, data: Float32Array) => tensors.push({ name: part, shape: [data.length], data });
    if (convolution.bias !== null) vector(`${name}/bias`, convolution.bias.data);
    else if (batchNorm === null) vector(`${name}/bias`, new Float32Array(outputChannels));
    if (batchNorm !== null) {
      const { gamma, beta, mean, variance, epsilon } = batchNorm;
      vector(`${name}_bn/gamma`, gamma.data);
      vector(`${name}_bn/beta`, beta.data);
      vector(`${name}_bn/moving_mean`, mean.data);
      // The network here adds Keras's epsilon to the variance: what the file adds more is part of it from now on.
      vector(
        `${name}_bn/moving_variance`,
        variance.data.map((value) => value + epsilon - BATCH_NORM_EPSILON),
      );
    }
    return tensors;
  });
}
