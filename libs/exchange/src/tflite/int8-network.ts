import { activationName, isClamping } from '@graft/model';
import type { QuantizedConvolution, QuantizedGraph, TailRange } from '@graft/quantization';

import { curvedConvolution } from '../errors';
import { fusedActivation } from './activation-operation';
import { BYTE_SHIFT, PROBABILITY_ENCODING, perTensor, signedEncoding } from './int8-encoding';
import { addLayer } from './int8-layer';
import { addTail } from './int8-tail';
import { weightsOf } from './int8-weights';
import { ModelBuilder, nhwc } from './model-builder';
import type { TfliteModel } from './tflite-model';

/**
 * The network in whole numbers from end to end: bytes of a picture in, bytes of probabilities out. Convolutions have the
 * very weights and ranges of the kmodel; the tail, floats there, is put into bytes by the ranges that calibration measured.
 * @throws GraftError E842, E843, E844
 */
export function int8Network(
  graph: QuantizedGraph,
  ranges: readonly TailRange[],
  metadata: Readonly<Record<string, string>>,
): TfliteModel {
  const shape = nhwc(graph.input);
  const signed = signedEncoding(graph.input);
  const bytes = perTensor({ ...signed, zeroPoint: signed.zeroPoint + BYTE_SHIFT });
  const builder = new ModelBuilder({ name: 'image', shape, type: 'uint8', quantization: bytes });
  const quantization = perTensor(signed);
  builder.then({ kind: 'quantize' }, [], { name: 'signed', shape, type: 'int8', quantization });
  for (const layer of graph.convolutions) convolution(builder, layer);
  const channels = graph.convolutions.at(-1)?.output.channels ?? graph.input.channels;
  addTail(builder, graph.tail, channels, ranges);
  const answer = { name: 'probabilities_byte', shape: builder.current.shape, type: 'uint8' } as const;
  builder.then({ kind: 'quantize' }, [], {
    ...answer,
    quantization: perTensor({ ...PROBABILITY_ENCODING, zeroPoint: 0 }),
  });
  return builder.finish(graph.name, metadata);
}

function convolution(builder: ModelBuilder, layer: QuantizedConvolution): void {
  const { name, kind, kernel, stride, activation, input, output, bias } = layer;
  if (!isClamping(activation)) throw curvedConvolution(name, activationName(activation));
  const encoding = signedEncoding(output);
  addLayer(builder, {
    ...{ name, kind, kernel, stride, input, output, fused: fusedActivation(activation), bias, encoding },
    weights: weightsOf(layer),
    // The whole zero point above the true one, which may be a half.
    offset: signedEncoding(input).zeroPoint + BYTE_SHIFT - input.zeroPoint,
  });
}
