import { unreachable } from '@graft/foundation';
import type { KModelLayer } from '@graft/kmodel';
import { TO_MAIN_MEMORY } from '@graft/kmodel';
import type { ClampingActivation } from '@graft/model';
import { sizeOf } from '@graft/tensor';
import type { MapShape, QuantizationParameters } from '@graft/tensor';

import type { CpuNode } from './cpu-node';
import { emitConvolutions } from './emit-convolutions';
import type { KpuDense, Program } from './kpu-program';
import type { MemoryPlan } from './memory-plan';
import { tailSteps } from './tail';

const FULLY_CONNECTED_ACTIVATION: Readonly<Record<ClampingActivation, number>> = { linear: 0, relu: 1, relu6: 2 };

/** One layer of the firmware. */
type SingleNode = Exclude<CpuNode, { kind: 'globalAverageMaxPool' }>;

interface Place {
  readonly input: number;
  readonly output: number;
}

/**
 * Everything behind the convolutions, beginning with their real values. Flags are as the reference compiler sets them;
 * the runtime looks at them in convolutions only.
 */
export function emitTail({ layers, tail }: Program, plan: MemoryPlan): KModelLayer[] {
  const map = layers[layers.length - 1].output;
  const emitted = [dequantize(map, sizeOf(map), { input: addressOf(plan, 0), output: addressOf(plan, 1) })];
  let step = 2;
  let channels = map.channels;
  for (const node of tail) {
    const steps = tailSteps([node], channels).length;
    if (node.kind === 'kpuDense') {
      emitted.push(...emitDense(node, step, plan));
      channels = node.layers[node.layers.length - 1].output.channels;
    } else if (node.kind === 'globalAverageMaxPool') {
      emitted.push(...emitAverageMax(map, plan));
      channels *= 2;
    } else {
      const place = { input: addressOf(plan, step - 1), output: addressOf(plan, step) };
      emitted.push(cpuLayer(node, place, channels, map.height * map.width));
      if (node.kind === 'dense') channels = node.units;
    }
    step += steps;
  }
  return emitted;
}

/** Where what the step leaves in main memory stands. */
function addressOf({ mainBuffers }: MemoryPlan, step: number): number {
  const buffer = mainBuffers.find(({ firstStep }) => firstStep === step);
  if (buffer === undefined) throw new Error(`internal: step ${step} leaves nothing in main memory`);
  return buffer.address;
}

/** Into bytes, into KPU RAM as left-top pixels, through the layers, and back. `step`: of the first of these. */
function emitDense({ layers }: KpuDense, step: number, plan: MemoryPlan): KModelLayer[] {
  const [{ input }, { output }] = [layers[0], layers[layers.length - 1]];
  const lastRun = step + 1 + layers.length;
  const bytes = addressOf(plan, step);
  const maps = addressOf(plan, lastRun);
  const pixels = addressOf(plan, lastRun + 1);
  const floats = addressOf(plan, lastRun + 2);
  return [
    {
      kind: 'quantize',
      flags: 0,
      input: addressOf(plan, step - 1),
      output: bytes,
      count: input.channels,
      ...encoding(input),
    },
    {
      kind: 'addPadding',
      flags: 0,
      input: bytes,
      destinationLine: plan.denseMaps[0].line,
      channels: input.channels,
    },
    ...emitConvolutions(layers, plan.denseMaps, maps),
    { kind: 'removePadding', flags: TO_MAIN_MEMORY, input: maps, output: pixels, channels: output.channels },
    dequantize(output, output.channels, { input: pixels, output: floats }),
  ];
}

/** The first layers behind the map's real values; in the order of `averageMaxSteps`. */
function emitAverageMax(map: MapShape & QuantizationParameters, plan: MemoryPlan): KModelLayer[] {
  const { channels, height, width } = map;
  const [bytes, floats, maxBytes, maxima, means, both] = [0, 1, 2, 3, 4, 5].map((step) => addressOf(plan, step));
  const size = Float32Array.BYTES_PER_ELEMENT * channels;
  return [
    {
      ...{ kind: 'quantizedMaxPool', flags: TO_MAIN_MEMORY, input: bytes, output: maxBytes },
      ...{ inputWidth: width, inputHeight: height, inputChannels: channels },
      ...{ outputWidth: 1, outputHeight: 1, outputChannels: channels, kernelWidth: width, kernelHeight: height },
      ...{ strideWidth: 1, strideHeight: 1, paddingWidth: 0, paddingHeight: 0 },
    },
    dequantize(map, channels, { input: maxBytes, output: maxima }),
    globalAveragePool({ input: floats, output: means }, channels, height * width),
    {
      ...{ kind: 'concat', flags: TO_MAIN_MEMORY, output: both },
      inputs: [
        { start: means, size },
        { start: maxima, size },
      ],
    },
  ];
}

function globalAveragePool(place: Place, channels: number, area: number): KModelLayer {
  return { kind: 'globalAveragePool', flags: TO_MAIN_MEMORY, ...place, kernelSize: area, channels };
}

function dequantize(parameters: QuantizationParameters, count: number, place: Place): KModelLayer {
  return { kind: 'dequantize', flags: TO_MAIN_MEMORY, ...place, count, ...encoding(parameters) };
}

/** The real values of one step and of byte 0. */
function encoding({ scale, zeroPoint }: QuantizationParameters) {
  return { scale: Math.fround(scale), bias: Math.fround(-zeroPoint * scale + 0) };
}

function cpuLayer(node: SingleNode, place: Place, channels: number, area: number): KModelLayer {
  switch (node.kind) {
    case 'globalAveragePool':
      return globalAveragePool(place, channels, area);
    case 'dense':
      return {
        kind: 'fullyConnected',
        flags: 0,
        ...place,
        inputChannels: node.inputs,
        outputChannels: node.units,
        activation: FULLY_CONNECTED_ACTIVATION[node.activation],
        weights: node.weights,
        bias: node.bias,
      };
    case 'softmax':
    case 'logistic':
      return { kind: node.kind, flags: TO_MAIN_MEMORY, ...place, channels };
    default:
      return unreachable(node);
  }
}
