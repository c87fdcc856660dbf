import { padByte } from '@graft/quantization';
import type { BatchNormEntry } from '@graft/kmodel';

import { convolutionBounds, provenBounds } from './arithmetic-bounds';
import type { WeightSums } from './arithmetic-bounds';
import { avoidJumps, jumpsOf } from './avoid-jumps';
import { addTooLarge, multiplierTooLarge, notForTheKpu } from './errors';
import type { KpuArithmetic, KpuLayer, Program } from './kpu-program';
import { mapKpuLayers } from './kpu-program';
import { layerActivation } from './layer-activation';
import type { LayerActivation } from './layer-activation';
import { fixedPoint } from './multiplier';

/**
 * Works out the integers of every layer. real = (byte − zero point) · scale turns the sum of (w − zw)(x − zx) into
 * Σwx − zw·Σx − zx·Σw + taps·zw·zx, which the chip computes as acc + argX·Σx + argW·Σw + argAdd·inputs.
 * @throws GraftError E310 … E313
 */
export function assignArithmetic(program: Program): Program {
  return mapKpuLayers(program, (layers) => layers.map((layer) => ({ ...layer, arithmetic: arithmeticOf(layer) })));
}

function arithmeticOf(layer: KpuLayer): KpuArithmetic {
  const { kernel, input, weightZeroPoint } = layer;
  // Padding reads a whole byte, so the chip's input zero point is that byte: then the border is exact as well. What the
  // true zero point differs by is the same for every pixel and goes into the batch norm's addition.
  const padValue = padByte(input);
  const shiftX = Number.isInteger(weightZeroPoint) ? 0 : 1;
  const argX = 0 - weightZeroPoint * 2 ** shiftX;
  const argAdd = Math.floor(kernel ** 2 * weightZeroPoint * padValue);
  const { offsets, sums, lostByFloors } = channelOffsets(layer, padValue, argAdd, shiftX);
  const activation = layerActivation(layer);
  const jumps = jumpsOf(activation.segments);
  const batchNorm = layer.weightScales.reduce<BatchNormEntry[]>((entries, _, channel) => {
    const entry = batchNormEntry(layer, activation, channel, offsets[channel]);
    entries.push(avoidJumps(entry, jumps, activation.leeway));
    return entries;
  }, []);
  const error = { constant: lostByFloors, half: shiftX > 0 };
  const proven = provenBounds(
    layer.name,
    sums.map((channel) => convolutionBounds(channel, padValue, error)),
    batchNorm,
  );
  return {
    padValue,
    argX,
    shiftX,
    argW: 0 - padValue,
    shiftW: 0,
    argAdd,
    batchNorm,
    activation: activation.segments,
    proven,
  };
}

/** Per channel: what the chip's convolution lacks, in units of weight step · input step. */
function channelOffsets(layer: KpuLayer, padValue: number, argAdd: number, shiftX: number) {
  const { kind, kernel, input, weights, weightZeroPoint, weightScales } = layer;
  if (!Number.isInteger(weightZeroPoint * 2)) throw notForTheKpu(layer.name, `weight zero point ${weightZeroPoint}`);
  const inputs = kind === 'depthwise' ? 1 : input.channels;
  const size = inputs * kernel ** 2;
  const lostByFloors = (kernel ** 2 * weightZeroPoint * padValue - argAdd) * inputs;
  // The shift of an odd sum loses a half: a quarter in the mean.
  const lost = lostByFloors + (shiftX === 0 ? 0 : 0.25);
  const sums: WeightSums[] = [];
  const offsets: number[] = [];
  for (let channel = 0; channel < weightScales.length; channel++) {
    let positive = 0;
    let negative = 0;
    for (const byte of weights.subarray(channel * size, (channel + 1) * size)) {
      const weight = byte - weightZeroPoint;
      if (weight > 0) positive += weight;
      else negative -= weight;
    }
    sums.push({ positive, negative });
    offsets.push((padValue - input.zeroPoint) * (positive - negative) + lost);
  }
  return { offsets, sums, lostByFloors };
}

function batchNormEntry(
  { name, input, bias, weightScales }: KpuLayer,
  { scale, unitsPerStep, zero }: LayerActivation,
  channel: number,
  offset: number,
): BatchNormEntry {
  const unit = input.scale * weightScales[channel];
  const factor = (unit / scale) * unitsPerStep;
  const encoded = Number.isFinite(factor) ? fixedPoint(factor) : undefined;
  if (encoded === undefined) throw multiplierTooLarge(name, channel, factor);
  // The shift rounds down, by half a unit in the mean.
  const lostByShift = encoded.shift === 0 ? 0 : 0.5;
  const exact = ((bias[channel] + offset * unit) / scale + zero) * unitsPerStep;
  const add = Math.round(exact + lostByShift) + 0;
  if (!(Math.abs(add) < 2 ** 31)) throw addTooLarge(name, channel, add);
  return { ...encoded, add };
}
