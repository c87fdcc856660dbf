import { activated } from '@graft/model';

import { dequantize } from '../byte-values';
import { outputBytes, padByte } from '../quantized-convolution';
import type { TailNode, QuantizedConvolution, QuantizedGraph } from '../quantized-graph';

/** Real numbers of a layer that a slope can be asked of. */
interface Numbers {
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/**
 * The function whose gradient straight-through estimation takes, written down plainly in float64: the quantized network,
 * but each rounding adds what it added at this picture and these weights, whatever comes in, and a clamped value stays.
 * Slopes are taken by central differences.
 */
export function surrogateAt(graph: QuantizedGraph, picture: Uint8Array, target: Float32Array) {
  const dense = graph.tail.filter((node) => node.kind === 'dense');
  const numbers: Numbers[] = [
    ...graph.convolutions.map(({ weights, weightScales, weightZeroPoint, bias }) => ({
      weights: Float64Array.from(
        weights,
        (byte, at) => (byte - weightZeroPoint) * weightScales[Math.floor((at * weightScales.length) / weights.length)],
      ),
      bias: bias.slice(),
    })),
    ...dense.map(({ weights, bias }) => ({ weights: Float64Array.from(weights), bias: Float64Array.from(bias) })),
  ];
  // Bytes as they are at this point, and the real values before rounding that belong to them.
  const bytes: Uint8Array[] = [];
  graph.convolutions.reduce((map, layer) => {
    const next = outputBytes(layer, map);
    bytes.push(next);
    return next;
  }, picture);
  const first = Float64Array.from(picture, (byte) => (byte - graph.input.zeroPoint) * graph.input.scale);
  const offsets: Float64Array[] = [];
  let map = first;
  graph.convolutions.forEach((layer, at) => {
    const real = Float64Array.from(dequantize(bytes[at], layer.output));
    const smooth = smoothOutput(layer, numbers[at], map);
    offsets.push(real.map((value, index) => value - smooth[index]));
    map = real;
  });
  const { channels } = graph.convolutions[graph.convolutions.length - 1].output;
  const loss = (): number => {
    const last = graph.convolutions.reduce(
      (values, layer, at) => smoothOutput(layer, numbers[at], values).map((value, index) => value + offsets[at][index]),
      first,
    );
    const logits = smoothTail(graph.tail, numbers.slice(graph.convolutions.length), last, channels);
    return logits.reduce((sum, logit, k) => sum + (logit - target[k]) ** 2, 0) / 2;
  };
  return {
    slope: (layer: number, kind: keyof Numbers, place: number): number => {
      const values = numbers[layer][kind];
      const step = 1e-6;
      const middle = values[place];
      values[place] = middle + step;
      const above = loss();
      values[place] = middle - step;
      const below = loss();
      values[place] = middle;
      return (above - below) / (2 * step);
    },
  };
}

/** Real output without rounding: the line of the table, or the clamp of the range. */
function smoothOutput(layer: QuantizedConvolution, numbers: Numbers, map: Float64Array): Float64Array {
  const { output, table } = layer;
  const sums = plainConvolution(layer, numbers, map);
  return sums.map((sum) => {
    const place =
      table === undefined ? sum / output.scale + output.zeroPoint : onLine(table.segments, sum / table.unit);
    return (Math.min(255, Math.max(0, place)) - output.zeroPoint) * output.scale;
  });
}

function onLine(segments: NonNullable<QuantizedConvolution['table']>['segments'], sum: number): number {
  const segment = segments.findLast(({ start }) => start <= Math.round(sum)) ?? segments[0];
  return ((sum - segment.start) * segment.multiplier) / 2 ** segment.shift + segment.bias;
}

function plainConvolution(layer: QuantizedConvolution, { weights, bias }: Numbers, map: Float64Array): Float64Array {
  const { kind, kernel, stride, input, output } = layer;
  const outside = (padByte(input) - input.zeroPoint) * input.scale;
  const reach = (kernel - 1) / 2;
  const perOutput = weights.length / output.channels;
  const area = output.height * output.width;
  return new Float64Array(output.channels * area).map((_, index) => {
    const channel = Math.floor(index / area);
    const row = Math.floor((index % area) / output.width) * stride - reach;
    const column = (index % output.width) * stride - reach;
    let sum = bias[channel];
    for (let at = 0; at < perOutput; at++) {
      const from = kind === 'depthwise' ? channel : Math.floor(at / kernel ** 2);
      const y = row + Math.floor((at % kernel ** 2) / kernel);
      const x = column + (at % kernel);
      const inside = y >= 0 && y < input.height && x >= 0 && x < input.width;
      const value = inside ? map[(from * input.height + y) * input.width + x] : outside;
      sum += weights[channel * perOutput + at] * value;
    }
    return sum;
  });
}

function smoothTail(
  tail: readonly TailNode[],
  numbers: readonly Numbers[],
  map: Float64Array,
  channels: number,
): Float64Array {
  const dense = tail.filter((node) => node.kind === 'dense');
  return dense.reduce(
    (values, { inputs, activation }, at) =>
      numbers[at].bias.map((start, unit) => {
        const row = numbers[at].weights.subarray(unit * inputs, (unit + 1) * inputs);
        return activated(
          row.reduce((sum, weight, index) => sum + weight * values[index], start),
          activation,
        );
      }),
    pooled(tail, map, channels),
  );
}

function pooled(tail: readonly TailNode[], map: Float64Array, channels: number): Float64Array {
  const area = map.length / channels;
  const planes = Array.from({ length: channels }, (_, channel) => map.subarray(channel * area, (channel + 1) * area));
  const means = planes.map((plane) => plane.reduce((a, b) => a + b, 0) / area);
  const both = tail.some(({ kind }) => kind === 'globalAverageMaxPool');
  return Float64Array.from(both ? [...means, ...planes.map((plane) => Math.max(...plane))] : means);
}
