import type { KModel } from '@graft/kmodel';
import type { Activation } from '@graft/model';
import type { QuantizedGraph } from '@graft/quantization';
import type { MapShape } from '@graft/tensor';

import { canReach, jumpsOf } from './avoid-jumps';
import { emit } from './emit';
import { linesOf, weightLoading } from './kpu-limits';
import { kpuMacs } from './kpu-macs';
import type { KpuLayer, Program } from './kpu-program';
import { kpuLayersOf } from './kpu-program';
import { lower } from './lower';
import type { MemoryPlan } from './memory-plan';
import { runsOf } from './split-channels';

/** Sees the program as it came in ("lower") and after every pass. */
export type PassObserver = (pass: string, program: Program) => void;

/** One layer of the KPU, for reports. */
export interface CompiledLayerReport {
  readonly name: string;
  readonly kind: 'convolution' | 'depthwise';
  readonly kernel: 1 | 3;
  readonly input: MapShape;
  readonly output: MapShape;
  /** The left-top pixel of each 2×2 is kept. */
  readonly subsample: boolean;
  readonly inputLines: number;
  readonly outputLines: number;
  /** More than 1 where the layer is split by its output channels. */
  readonly runs: number;
  /** Of all runs. */
  readonly weightLoads: number;
  /** What the KPU computes, pixels that are dropped included. */
  readonly macs: number;
  /** Least and most bits of a live channel's multiplier: the precision of the rescaling. */
  readonly multiplierBits: { readonly least: number; readonly most: number };
  readonly activation: ActivationReport;
}

export interface ActivationReport {
  readonly kind: Activation;
  /** Largest distance of an output byte from the exact function, in output steps. Rounding alone costs 0.5. */
  readonly error: number;
  /**
   * Pairs of a channel and a falling step of the activation where a sum may be exactly the start of the step, so that
   * simulators may disagree by one step's height. 0 for everything but hard swish.
   */
  readonly ambiguousSums: number;
}

export interface Compilation {
  readonly model: KModel;
  readonly plan: MemoryPlan;
  /** Of the KPU, dense ones last. */
  readonly layers: readonly CompiledLayerReport[];
}

/**
 * Lowers a quantized graph to a kmodel v3 for the K210: convolutions and dense layers in bytes to runs of the KPU, the
 * rest of the tail to float32 layers on the CPU. Bytes of the picture are the first feature map. @throws GraftError E302 … E313
 */
export function compile(graph: QuantizedGraph, observe: PassObserver = () => undefined): Compilation {
  let finished: Program | undefined;
  for (const { pass, program } of lower(graph)) {
    observe(pass, program);
    finished = program;
  }
  if (finished?.plan === undefined) throw new Error('internal: memory is not planned');
  return { model: emit(finished), plan: finished.plan, layers: kpuLayersOf(finished).map(reportOf) };
}

function reportOf(layer: KpuLayer): CompiledLayerReport {
  const { name, kind, kernel, subsample, arithmetic } = layer;
  const { channels, height, width } = layer.output;
  const runs = runsOf(layer);
  const bits = (arithmetic?.batchNorm ?? [])
    .filter(({ multiplier }) => multiplier !== 0)
    .map(({ multiplier }) => Math.floor(Math.log2(Math.abs(multiplier))) + 1);
  return {
    name,
    kind,
    kernel,
    input: { channels: layer.input.channels, height: layer.input.height, width: layer.input.width },
    output: { channels, height, width },
    subsample,
    inputLines: linesOf(layer.input),
    outputLines: linesOf(layer.output),
    runs: runs.length,
    weightLoads: runs.reduce((sum, run) => sum + weightLoading(run).loads, 0),
    macs: kpuMacs(layer),
    multiplierBits: { least: bits.length === 0 ? 0 : Math.min(...bits), most: Math.max(0, ...bits) },
    activation: { kind: layer.activation, error: layer.table?.error ?? 0.5, ambiguousSums: ambiguousSums(layer) },
  };
}

function ambiguousSums({ arithmetic }: KpuLayer): number {
  if (arithmetic === undefined) return 0;
  const { activation, batchNorm } = arithmetic;
  return jumpsOf(activation).reduce(
    (count, jump) => count + batchNorm.filter((entry) => canReach(entry, jump)).length,
    0,
  );
}
