import { activationSlope } from '@graft/model';

import { activated, runTail } from '../run-tail';
import type { FloatTailNode, TailNode } from '../quantized-graph';
import type { LayerGradient } from './convolution-gradient';

type DenseTailNode = Extract<FloatTailNode, { kind: 'dense' }>;

interface TailStep {
  readonly node: FloatTailNode;
  readonly input: Float32Array;
  /** Of a dense layer, before its activation. */
  readonly sums: Float32Array;
}

export interface TailAnswer {
  /** What the network says before softmax. */
  readonly logits: Float32Array;
  readonly steps: readonly TailStep[];
}

/** The tail as the device runs it, in float32, up to the softmax. `map` is planar. */
export function tailForth(tail: readonly TailNode[], map: Float32Array, channels: number): TailAnswer {
  let values = map;
  const steps = tail.flatMap((node): TailStep[] => {
    if (node.kind === 'softmax') return [];
    if (node.kind === 'quantizedDense')
      throw new Error('internal: dense layers are put into bytes after this training');
    const input = values;
    const sums = runTail([node.kind === 'dense' ? { ...node, activation: 'linear' } : node], input, channels);
    values = node.kind === 'dense' ? sums.map((sum) => activated(sum, node.activation)) : sums;
    return [{ node, input, sums }];
  });
  return { logits: values, steps };
}

/** `gradient` is ∂loss/∂logits. Gradients of the dense layers come in their order; `input` is that by the map. */
export function tailBack({ steps }: TailAnswer, gradient: Float64Array) {
  let passed = gradient;
  const layers: LayerGradient[] = [];
  for (const { node, input, sums } of steps.toReversed()) {
    if (node.kind === 'dense') {
      const outer = passed.map((value, unit) => value * activationSlope(sums[unit], node.activation));
      layers.unshift(denseGradient(outer, input));
      passed = denseInput(node, outer);
    } else
      passed = node.kind === 'globalAverageMaxPool' ? averageMaxInput(passed, input) : meansInput(passed, input.length);
  }
  return { layers, input: passed };
}

function denseGradient(outer: Float64Array, input: Float32Array): LayerGradient {
  const weights = new Float64Array(outer.length * input.length);
  outer.forEach((value, unit) => input.forEach((x, at) => (weights[unit * input.length + at] = value * x)));
  return { weights, bias: outer };
}

function denseInput({ weights, inputs }: DenseTailNode, outer: Float64Array): Float64Array {
  return new Float64Array(inputs).map((_, at) =>
    outer.reduce((sum, value, unit) => sum + value * weights[unit * inputs + at], 0),
  );
}

function meansInput(outer: Float64Array, size: number): Float64Array {
  const area = size / outer.length;
  return new Float64Array(size).map((_, index) => outer[Math.floor(index / area)] / area);
}

/** Pixels of a map that are its maximum share what comes back for it. */
function averageMaxInput(outer: Float64Array, map: Float32Array): Float64Array {
  const channels = outer.length / 2;
  const area = map.length / channels;
  const passed = meansInput(outer.subarray(0, channels), map.length);
  for (let channel = 0; channel < channels; channel++) {
    const plane = map.subarray(channel * area, (channel + 1) * area);
    const largest = plane.reduce((a, b) => Math.max(a, b), -Infinity);
    const share = outer[channels + channel] / plane.filter((value) => value === largest).length;
    plane.forEach((value, at) => {
      if (value === largest) passed[channel * area + at] += share;
    });
  }
  return passed;
}
