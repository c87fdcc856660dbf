import type { ActivationSegment, BatchNormEntry } from '@graft/kmodel';
import type { QuantizedConvolution } from '@graft/quantization';
import type { MapShape, QuantizationParameters } from '@graft/tensor';

import type { ProvenBounds } from './arithmetic-bounds';
import type { CpuNode } from './cpu-node';
import type { MemoryPlan } from './memory-plan';

/** `count` channels from `first` on. */
export interface ChannelRange {
  readonly first: number;
  readonly count: number;
}

/** The outline of one layer of the KPU: what its limits and its memory depend on. */
export interface KpuGeometry {
  readonly name: string;
  readonly kind: 'convolution' | 'depthwise';
  readonly kernel: 1 | 3;
  /** The convolution is always computed at this size. */
  readonly input: MapShape;
  readonly output: MapShape;
  /** Keep the left-top pixel of each 2×2 afterwards. */
  readonly subsample: boolean;
  /**
   * The layer is split into one run for each range of output channels; absent where a single run makes them all. Ranges
   * follow each other, and each but the last fills whole lines of KPU RAM and whole units of 8 bytes.
   */
  readonly parts?: readonly ChannelRange[];
}

/** The numbers of one layer of the KPU; runs of a split layer differ in their batch norm entries only. */
export interface KpuArithmetic {
  readonly padValue: number;
  readonly argX: number;
  readonly shiftX: number;
  readonly argW: number;
  readonly shiftW: number;
  /** Counted once per input channel by the chip. */
  readonly argAdd: number;
  /** One per output channel. */
  readonly batchNorm: readonly BatchNormEntry[];
  readonly activation: readonly ActivationSegment[];
  /** That no picture can make a sum overflow. */
  readonly proven: ProvenBounds;
}

/** A convolution of the quantized graph on its way to registers. */
export interface KpuLayer extends KpuGeometry, Omit<QuantizedConvolution, 'stride' | keyof KpuGeometry> {
  readonly input: MapShape & QuantizationParameters;
  readonly output: MapShape & QuantizationParameters;
  /** There once it is worked out. */
  readonly arithmetic?: KpuArithmetic;
}

/** A run of dense layers on the KPU: the CPU puts the values into bytes and takes them out again. */
export interface KpuDense {
  readonly kind: 'kpuDense';
  readonly name: string;
  /** On maps of 4×4; at least one. */
  readonly layers: readonly KpuLayer[];
}

export type ProgramNode = CpuNode | KpuDense;

/** What the passes hand on: a chain of KPU layers, then the tail. */
export interface Program {
  readonly name: string;
  readonly input: MapShape & QuantizationParameters;
  readonly layers: readonly KpuLayer[];
  /** On the CPU, but for one run of dense layers at most. */
  readonly tail: readonly ProgramNode[];
  /** There once memory is planned. */
  readonly plan?: MemoryPlan;
}

/** Of the whole program, in the order in which they run. */
export function kpuLayersOf({ layers, tail }: Program): KpuLayer[] {
  return [...layers, ...tail.flatMap((node) => (node.kind === 'kpuDense' ? node.layers : []))];
}

/** Does the same to both chains of KPU layers. */
export function mapKpuLayers(program: Program, change: (layers: readonly KpuLayer[]) => readonly KpuLayer[]): Program {
  return {
    ...program,
    layers: change(program.layers),
    tail: program.tail.map((node) => (node.kind === 'kpuDense' ? { ...node, layers: change(node.layers) } : node)),
  };
}
