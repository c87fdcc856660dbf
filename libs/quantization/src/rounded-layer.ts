import type { QuantizationParameters } from '@graft/tensor';

import { encodingOf } from './activation-encoding';
import { activationTable } from './activation-table/make-table';
import type { FloatConvolution } from './chain';
import type { RangeMethod } from './choose-range';
import { quantizeWeights } from './quantize-weights';
import type { QuantizedConvolution } from './quantized-graph';
import type { Range } from './range-observer';
import { referenceWeights } from './reference-weights';

/**
 * Weight steps below this share of (output step / input step) are not used. The chip multiplies by
 * weight step · input step / output step · 2¹⁰ with 15 bits after the point: at 2⁻¹⁵ eleven bits are left to say it with,
 * and one weight step times a full input byte moves the output by 1/128 of a step.
 */
const SMALLEST_WEIGHT_STEP = 2 ** -15;

/** The layer in bytes, each weight at its nearest step and the bias as it was. `range`: of its output. */
export function roundedLayer(
  layer: FloatConvolution,
  input: QuantizationParameters,
  range: Range,
  method: RangeMethod,
): QuantizedConvolution {
  const { kind, name, kernel, stride, bias, activation } = layer;
  const { scale: inputScale, zeroPoint: inputZeroPoint } = input;
  const output = encodingOf(range);
  const table = activationTable(name, activation, output);
  // 2¹⁰ units of a table correspond to the output step of a layer without one.
  const outputStep = table === undefined ? output.scale : table.unit * 2 ** 10;
  const weights =
    method === 'nncase-0.1'
      ? referenceWeights(layer.weights, layer.output.channels)
      : quantizeWeights(layer.weights, layer.output.channels, (SMALLEST_WEIGHT_STEP * outputStep) / inputScale);
  return {
    kind,
    name,
    kernel,
    stride,
    input: { ...layer.input, scale: inputScale, zeroPoint: inputZeroPoint },
    output: { ...layer.output, ...output },
    weights: weights.bytes,
    weightZeroPoint: weights.zeroPoint,
    weightScales: weights.scales,
    bias,
    activation,
    ...(table === undefined ? {} : { table }),
  };
}
