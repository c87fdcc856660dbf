import { unreachable } from '@graft/foundation';
import { isClamping } from '@graft/model';
import { padByte } from '@graft/quantization';
import type { QuantizedConvolution, QuantizedGraph, TailNode } from '@graft/quantization';
import type { QuantizationParameters } from '@graft/tensor';

import { labelsDoNotFit } from '../errors';
import type { ModelCard } from '../model-card';
import { GraphBuilder } from './graph-builder';
import type { Name } from './graph-builder';
import { addActivation, addDense, addPool, addSoftmax, padsOf, PROBABILITIES } from './nodes';
import { signedWeights } from './signed-weights';
import { IMAGE } from './write-onnx';

/**
 * The 8-bit network that also becomes the kmodel, as an ONNX file in QDQ form, opset 13: weights int8 with a scale for each output
 * channel, activations uint8, biases int32, in between QuantizeLinear and DequantizeLinear, from which runtimes make integer kernels.
 * Mean, dense layers and softmax are float32 where they are so on the chip. Input `image`: uint8 [picture][row][column][RGB] as the picture
 * is. Output `probabilities` [picture][class]. @throws GraftError E802, E810
 */
export function writeOnnxInt8(graph: QuantizedGraph, card: ModelCard): Uint8Array {
  const outputs = outputsOf(graph);
  if (card.labels.length !== outputs) throw labelsDoNotFit(card.labels.length, outputs);
  const builder = new GraphBuilder();
  const { height, width } = graph.input;
  let bytes = builder.node('Transpose', 'planes', [IMAGE], { perm: [0, 3, 1, 2] });
  for (const layer of graph.convolutions) bytes = addLayer(builder, layer, bytes);
  let value = dequantized(builder, `${bytes}_real`, bytes, graph.convolutions.at(-1)?.output ?? graph.input);
  for (const node of graph.tail) value = addTail(builder, node, value);
  return builder.finish(
    graph.name,
    { name: IMAGE, type: 'uint8', shape: ['N', height, width, 3] },
    { name: PROBABILITIES, type: 'float32', shape: ['N', outputs] },
    card,
  );
}

function outputsOf({ tail }: QuantizedGraph): number {
  for (const node of [...tail].reverse()) {
    if (node.kind === 'dense') return node.units;
    if (node.kind === 'quantizedDense') return node.layers.at(-1)?.output.channels ?? 0;
  }
  return 0;
}

/** Bytes to bytes. */
function addLayer(builder: GraphBuilder, layer: QuantizedConvolution, bytes: Name): Name {
  const { name, kernel, stride, output, activation } = layer;
  const whole = wholeZeroPoint(layer);
  const padded = whole.padsItself || kernel === 1 ? bytes : addPadding(builder, layer, bytes);
  const real = dequantized(builder, `${name}_input`, padded, whole.input);
  const { weights, scales, biases } = signedWeights(layer, whole.input);
  const { channels } = output;
  const dims = [channels, weights.length / channels / kernel ** 2, kernel, kernel];
  const scaleName = builder.constant(`${name}/weights/scale`, Float32Array.from(scales), [channels]);
  const parts = [
    perChannel(builder, `${name}_weights`, [builder.constant(`${name}/weights`, weights, dims), scaleName]),
    perChannel(builder, `${name}_bias`, [
      builder.constant(`${name}/bias`, biases, [channels]),
      builder.constant(
        `${name}/bias/scale`,
        Float32Array.from(scales, (scale) => scale * whole.input.scale),
        [channels],
      ),
    ]),
  ];
  const sum = builder.node('Conv', name, [real, ...parts], {
    ...{ kernel_shape: [kernel, kernel], strides: [stride, stride] },
    ...{
      pads: whole.padsItself ? padsOf(kernel) : padsOf(1),
      group: { int: layer.kind === 'depthwise' ? channels : 1 },
    },
  });
  // Linear, ReLU and ReLU6 are the clamp of the output range, as on the chip.
  const active = isClamping(activation) ? sum : addActivation(builder, `${name}_active`, activation, sum);
  return quantized(builder, `${name}_bytes`, active, output);
}

/**
 * The picture's bytes may have a fraction as zero point (127.5 for −1 … 1), which no format knows. Then bytes count from 0, the bias takes
 * what that shifts, and the border is padded with the byte that the chip pads with.
 */
function wholeZeroPoint({ input }: QuantizedConvolution): {
  input: QuantizationParameters & { readonly shift: number };
  padsItself: boolean;
} {
  const { scale, zeroPoint } = input;
  return Number.isInteger(zeroPoint)
    ? { input: { scale, zeroPoint, shift: 0 }, padsItself: true }
    : { input: { scale, zeroPoint: 0, shift: zeroPoint }, padsItself: false };
}

function addPadding(builder: GraphBuilder, { name, input }: QuantizedConvolution, bytes: Name): Name {
  const sides = builder.constant('pads', BigInt64Array.of(0n, 0n, 1n, 1n, 0n, 0n, 1n, 1n), [8]);
  return builder.node('Pad', `${name}_pad`, [
    bytes,
    sides,
    builder.constant(`${name}/pad`, Uint8Array.of(padByte(input))),
  ]);
}

function addTail(builder: GraphBuilder, node: TailNode, input: Name): Name {
  switch (node.kind) {
    case 'globalAveragePool':
    case 'globalAverageMaxPool':
      return addPool(builder, node, input);
    case 'dense': {
      const sum = addDense(builder, node, input);
      return node.activation === 'linear' ? sum : addActivation(builder, `${node.name}_active`, node.activation, sum);
    }
    case 'quantizedDense': {
      const axes = builder.constant('map_axes', BigInt64Array.of(2n, 3n), [2]);
      const map = builder.node('Unsqueeze', `${node.name}_map`, [input, axes]);
      let bytes = quantized(builder, `${node.name}_bytes`, map, node.layers[0].input);
      for (const layer of node.layers) bytes = addLayer(builder, layer, bytes);
      const last = node.layers[node.layers.length - 1].output;
      const real = dequantized(builder, `${node.name}_real`, bytes, last);
      return builder.node('Flatten', node.name, [real], { axis: { int: 1 } });
    }
    case 'softmax':
      return addSoftmax(builder, input);
    default:
      return unreachable(node);
  }
}

function quantized(builder: GraphBuilder, name: Name, value: Name, encoding: QuantizationParameters): Name {
  return builder.node('QuantizeLinear', name, [value, ...encodingOf(builder, name, encoding)]);
}

function dequantized(builder: GraphBuilder, name: Name, bytes: Name, encoding: QuantizationParameters): Name {
  return builder.node('DequantizeLinear', name, [bytes, ...encodingOf(builder, name, encoding)]);
}

function encodingOf(builder: GraphBuilder, name: Name, { scale, zeroPoint }: QuantizationParameters): Name[] {
  return [builder.float(`${name}/scale`, scale), builder.constant(`${name}/zero_point`, Uint8Array.of(zeroPoint))];
}

/** Without a zero point: it is 0 for all. */
function perChannel(builder: GraphBuilder, name: Name, [values, scales]: readonly [Name, Name]): Name {
  return builder.node('DequantizeLinear', name, [values, scales], { axis: { int: 0 } });
}
