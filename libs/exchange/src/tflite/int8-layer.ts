import type { QuantizationParameters } from '@graft/tensor';

import { channelsLast } from './channels-last';
import { perChannel, perTensor } from './int8-encoding';
import { int32Biases, liveScales } from './int8-weights';
import type { Int8Weights } from './int8-weights';
import { bytesOf } from './model-builder';
import type { ModelBuilder, NhwcShape } from './model-builder';
import type { FusedActivation } from './tflite-model';

/** A convolution in whole numbers; a dense layer is one of 1×1 on a map of one pixel. */
export interface Int8Layer {
  readonly name: string;
  readonly kind: 'convolution' | 'depthwise';
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly fused: FusedActivation;
  /** With the scale of what it reads. */
  readonly input: NhwcShape & { readonly scale: number };
  readonly output: NhwcShape;
  /** [output][input][row][column], or [channel][row][column] for depthwise. */
  readonly weights: Int8Weights;
  /** Real, one per output. */
  readonly bias: ArrayLike<number>;
  /** By how much the zero point of the input as TFLite has it lies above the true one. */
  readonly offset: number;
  /** Of the output, signed. */
  readonly encoding: QuantizationParameters;
}

export function addLayer(builder: ModelBuilder, layer: Int8Layer): void {
  const { name, kernel, stride, fused, input, output, encoding } = layer;
  const depthwise = layer.kind === 'depthwise';
  const weights = { ...layer.weights, scales: liveScales(layer.weights.scales, input, encoding) };
  const { steps, scales } = weights;
  const channels = depthwise ? output.channels : input.channels;
  const biases = int32Biases(layer.bias, weights, input, layer.offset);
  builder.window(
    {
      ...{ name, kind: depthwise ? 'depthwiseConv2d' : 'conv2d', kernel, stride, fused, input, output },
      weights: builder.constant({
        ...{ name: `${name}/kernel`, shape: [depthwise ? 1 : output.channels, kernel, kernel, channels], type: 'int8' },
        data: bytesOf(channelsLast(steps, new Int8Array(steps.length), channels, kernel ** 2)),
        quantization: perChannel(scales, depthwise ? 3 : 0),
      }),
      bias: builder.constant({
        ...{ name: `${name}/bias`, shape: [biases.length], type: 'int32', data: bytesOf(biases) },
        quantization: perChannel(
          scales.map((scale) => scale * input.scale),
          0,
        ),
      }),
    },
    perTensor(encoding),
  );
}
