import { KPU } from '@graft/k210';

import type { ConvolutionLayer, KModel, KModelLayer, KModelOutput, LayerKind } from '../kmodel';
import { readAndPlace } from '../read';
import { validateKModel } from '../validate';
import type { Finding } from '../validate';
import type { PlacedBody } from '../write';
import { inspectConvolution } from './convolution';
import type { ConvolutionInspection } from './convolution';
import { followData } from './data-flow';
import type { DataFlow } from './data-flow';
import { commonRange, impliedRanges } from './ranges';
import type { RealRange } from './ranges';
import type { Place, Port } from './traffic';

/** Everything that can be said about a kmodel v3 from its bytes, as plain data: it survives JSON. */
export interface Inspection {
  readonly version: 3;
  readonly fileBytes: number;
  readonly weightBits: 8 | 16;
  /** Of all convolutions. */
  readonly weightBytes: number;
  /** Products for one picture on the KPU. */
  readonly macs: number;
  readonly kpuRam: KpuRamInspection;
  /** What the runtime allocates. */
  readonly mainMemoryBytes: number;
  readonly outputs: readonly KModelOutput[];
  readonly layers: readonly LayerInspection[];
  /** What `validateKModel` complains about. */
  readonly findings: readonly Finding[];
}

export interface KpuRamInspection {
  /** Lowest line in use, as the header states it; 32768 without convolutions. */
  readonly statedFirstLine: number;
  /** Of all maps; null without any. */
  readonly firstLine: number | null;
  readonly lastLine: number | null;
  /** Most that one layer reads and writes together. */
  readonly peakBytes: number;
}

export interface LayerInspection {
  readonly index: number;
  readonly kind: LayerKind;
  readonly flags: number;
  /** Where it stands in the file, with its padding. */
  readonly body: PlacedBody;
  readonly inputs: readonly TensorInspection[];
  /** Two where a convolution writes to main memory as well. */
  readonly outputs: readonly TensorInspection[];
  readonly convolution: ConvolutionInspection | null;
  /** The other numbers of a CPU layer, by their names in the format. */
  readonly settings: Readonly<Record<string, number>>;
}

export interface TensorInspection extends Port {
  /** Layers that wrote what is read, −1 for the model's input. Empty: nothing that fits was written there. */
  readonly writtenBy: readonly number[];
  readonly range: RealRange;
}

/**
 * Reads a kmodel and says what is in it.
 * @throws ByteError E350 … E354 for bytes that are no kmodel v3
 */
export function inspectKModel(bytes: Uint8Array): Inspection {
  const { model, bodies } = readAndPlace(bytes);
  const flow = followData(model.layers);
  const ranges = impliedRanges(model.layers, flow);
  const layers = model.layers.map((layer, index): LayerInspection => ({
    index,
    kind: layer.kind,
    flags: layer.flags,
    body: bodies[index],
    ...tensorsOf(flow, ranges, index),
    convolution: layer.kind === 'convolution' ? inspectConvolution(layer, model.weightBits) : null,
    settings: layer.kind === 'convolution' ? {} : settingsOf(layer),
  }));
  return {
    version: 3,
    fileBytes: bytes.length,
    weightBits: model.weightBits,
    weightBytes: totalOf(layers, ({ weights }) => weights.bytes),
    macs: totalOf(layers, ({ macs }) => macs),
    kpuRam: kpuRamOf(model, layers),
    mainMemoryBytes: model.mainMemoryBytes,
    outputs: model.outputs,
    layers,
    findings: validateKModel(bytes),
  };
}

function tensorsOf(
  { layers, writers }: DataFlow,
  ranges: readonly RealRange[],
  index: number,
): Pick<LayerInspection, 'inputs' | 'outputs'> {
  const { reads, writes } = layers[index];
  return {
    inputs: reads.map(({ values, ...port }) => ({
      ...port,
      writtenBy: values.map((value) => writers[value]),
      range: commonRange(values, ranges),
    })),
    outputs: writes.map(({ value, ...port }) => ({ ...port, writtenBy: [index], range: ranges[value] })),
  };
}

/** Fields that shapes, addresses and flags do not show. */
const SETTINGS = [
  ...['scale', 'bias', 'activation', 'alignCorners'],
  ...['kernelWidth', 'kernelHeight', 'strideWidth', 'strideHeight', 'paddingWidth', 'paddingHeight'],
  ...['offsetA', 'multiplierA', 'shiftA', 'offsetB', 'multiplierB', 'shiftB'],
  ...['outputOffset', 'outputMultiplier', 'outputShift'],
];

function settingsOf(layer: Exclude<KModelLayer, ConvolutionLayer>): Record<string, number> {
  const settings: Record<string, number> = {};
  for (const [name, value] of Object.entries(layer)) {
    if (SETTINGS.includes(name) && typeof value === 'number') settings[name] = value;
  }
  return settings;
}

function totalOf(layers: readonly LayerInspection[], part: (one: ConvolutionInspection) => number): number {
  return layers.reduce((sum, { convolution }) => sum + (convolution === null ? 0 : part(convolution)), 0);
}

function kpuRamOf(model: KModel, layers: readonly LayerInspection[]): KpuRamInspection {
  let [first, end, peak] = [Infinity, 0, 0];
  for (const { inputs, outputs } of layers) {
    const maps = [...inputs, ...outputs].map(({ place }) => place).filter(isKpu);
    for (const { firstLine, lines } of maps) {
      first = Math.min(first, firstLine);
      end = Math.max(end, firstLine + lines);
    }
    const lines = maps.reduce((sum, map) => sum + map.lines, 0);
    peak = Math.max(peak, lines * KPU.lineBytes);
  }
  const used = first < Infinity;
  return {
    statedFirstLine: model.maxStartAddress,
    firstLine: used ? first : null,
    lastLine: used ? end - 1 : null,
    peakBytes: peak,
  };
}

function isKpu(place: Place): place is Extract<Place, { memory: 'kpu' }> {
  return place.memory === 'kpu';
}
