import type { FloatConvolution } from './chain';
import type { Range } from './range-observer';

/**
 * What a channel may exceed its calibration peak by before it is clipped. Unseen pictures do exceed it, most in channels
 * that were seldom awake.
 */
const HEADROOM = 1.25;

/** Channels are stretched by this factor at most: what sleeps through calibration must not be blown up without end. */
const MOST_STRETCH = 1024;

/** From here on channels are uneven: with one scale, bytes tell a channel's values apart with six bits of eight on average. */
const LOST_BITS = 2;

/** Whether one scale for all channels would lose more than two bits in the mean; channels that never woke count nowhere. */
export function isUneven(peaks: Float64Array): boolean {
  const live = peaks.filter((peak) => peak > 0);
  const widest = live.reduce((a, b) => Math.max(a, b), 0);
  return live.reduce((sum, peak) => sum + Math.log2(widest / peak), 0) > LOST_BITS * live.length;
}

/** A feature map whose channels are stretched to use all bytes: byte · scale = real · factors[channel]. */
export interface ChannelScales {
  /** Of the stretched values. */
  readonly range: Range;
  readonly factors: Float64Array;
}

/**
 * Stretches each channel of a ReLU or ReLU6 layer to the range of the widest one. Free on the chip: the multiplier of the
 * layer takes the factor, and the weights of the next layer that read the channel are divided by it. The bytes clip at
 * peak · headroom, for ReLU6 at 6 at the latest, so a channel that reaches 6 is clipped as the activation does it.
 * Undefined for other activations, and where nothing lives.
 */
export function channelScales({ activation }: FloatConvolution, peaks: Float64Array): ChannelScales | undefined {
  if (activation !== 'relu' && activation !== 'relu6') return undefined;
  const ceilings = peaks.map((peak) => (activation === 'relu6' ? Math.min(6, peak * HEADROOM) : peak * HEADROOM));
  const widest = ceilings.reduce((a, b) => Math.max(a, b), 0);
  if (widest === 0) return undefined;
  return {
    range: { min: 0, max: widest },
    factors: ceilings.map((ceiling) => (ceiling === 0 ? 1 : Math.min(MOST_STRETCH, widest / ceiling))),
  };
}

/** The same layer between stretched maps: rows of weights and biases times `output`, columns over `input`. */
export function stretchedLayer(
  layer: FloatConvolution,
  input: Float64Array | undefined,
  output: Float64Array | undefined,
): FloatConvolution {
  if (input === undefined && output === undefined) return layer;
  const area = layer.kernel ** 2;
  const inputs = layer.kind === 'depthwise' ? 1 : layer.input.channels;
  const weights = layer.weights.map((weight, index) => {
    const channel = Math.floor(index / (inputs * area));
    const from = layer.kind === 'depthwise' ? channel : Math.floor(index / area) % inputs;
    return (weight * (output?.[channel] ?? 1)) / (input?.[from] ?? 1);
  });
  return { ...layer, weights, bias: layer.bias.map((bias, channel) => bias * (output?.[channel] ?? 1)) };
}

/** Planar values times the factor of their channel. */
export function stretched(values: Float32Array, factors: Float64Array | undefined): Float32Array {
  if (factors === undefined) return values;
  const area = values.length / factors.length;
  return values.map((value, index) => value * factors[Math.floor(index / area)]);
}

/** Share of values [channel][sample] that, stretched, lie above the range: they are clipped. */
export function shareAbove(values: Float32Array, { range, factors }: ChannelScales): number {
  const samples = values.length / factors.length;
  const above = values.filter((value, index) => value * factors[Math.floor(index / samples)] > range.max);
  return above.length / values.length;
}
