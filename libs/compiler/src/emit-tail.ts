import { unreachable } from '@graft/foundation';
import type { KModelLayer } from '@graft/kmodel';
import { TO_MAIN_MEMORY } from '@graft/kmodel';
import type { ClampingActivation } from '@graft/model';
import { sizeOf } from '@graft/tensor';
import type { QuantizationParameters } from '@graft/tensor';

import type { CpuNode } from './cpu-node';
import { emitConvolutions } from './emit-convolutions';
import type { KpuDense, Program } from './kpu-program';
import type { MemoryPlan } from './memory-plan';
import { tailSteps } from './tail';

const FULLY_CONNECTED_ACTIVATION: Readonly<Record<ClampingActivation, number>> = { linear: 0, relu: 1, relu6: 2 };

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
    if (node.kind === 'kpuDense') {
      emitted.push(...emitDense(node, step, plan));
      channels = node.layers[node.layers.length - 1].output.channels;
    } else {
      const place = { input: addressOf(plan, step - 1), output: addressOf(plan, step) };
      emitted.push(cpuLayer(node, place, channels, map.height * map.width));
      if (node.kind === 'dense') channels = node.units;
    }
    step += tailSteps([node], channels).length;
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

function dequantize(parameters: QuantizationParameters, count: number, place: Place): KModelLayer {
  return { kind: 'dequantize', flags: TO_MAIN_MEMORY, ...place, count, ...encoding(parameters) };
}

/** The real values of one step and of byte 0. */
function encoding({ scale, zeroPoint }: QuantizationParameters) {
  return { scale: Math.fround(scale), bias: Math.fround(-zeroPoint * scale + 0) };
}

function cpuLayer(node: CpuNode, place: Place, channels: number, area: number): KModelLayer {
  switch (node.kind) {
    case 'globalAveragePool':
      return { kind: 'globalAveragePool', flags: TO_MAIN_MEMORY, ...place, kernelSize: area, channels };
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
