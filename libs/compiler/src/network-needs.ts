import { unreachable } from '@graft/foundation';
import type { GraftError } from '@graft/foundation';
import type { LayerShape } from '@graft/model';
import type { MapShape } from '@graft/tensor';
import { sizeOf } from '@graft/tensor';

import type { BodyShape } from './kmodel-bytes';
import type { ProcessorWork, TimeEstimate } from './estimate-time';
import { parameterBytes, processorMs, runMs, timeEstimate } from './estimate-time';
import { convolutionBody, kmodelSize, weightBytes } from './kmodel-bytes';
import { limitViolations, linesOf, streamViolations, weightLoading } from './kpu-limits';
import { kpuMacs } from './kpu-macs';
import type { KpuGeometry } from './kpu-program';
import { denseSteps, namesAround } from './lower-dense';
import { averageMaxNames, averageMaxSteps } from './lower-pool';
import { lowerTailShapes } from './lower-tail-shapes';
import type { AverageMaxShape, CpuShape, KpuDenseShape, TailShape } from './lower-tail-shapes';
import { identityGeometry, moveSubsampling } from './move-subsampling';
import type { TailStep } from './plan-memory';
import { planMemory } from './plan-memory';
import type { KpuRun } from './split-channels';
import { runsOf, splitWideLayers } from './split-channels';

const FLOAT_BYTES = 4;

/** One layer of the file that a network becomes: on the KPU one run, of which a wide layer needs several. */
export interface FitLayer {
  readonly name: string;
  readonly kind: Exclude<BodyShape['kind'], 'fullyConnected'> | 'depthwise' | 'dense';
  /** channels × height × width, or the number of values. */
  readonly output: string;
  /** In KPU RAM; 0 on the CPU. */
  readonly inputLines: number;
  readonly outputLines: number;
  readonly weightLoads: number;
  /** What is computed, pixels that subsampling drops included. */
  readonly macs: number;
  /** In the file, padding included. */
  readonly bytes: number;
  /** Estimated from published figures, not measured. */
  readonly ms: number;
}

/** What a network takes on the chip. */
export interface NetworkNeeds {
  readonly layers: readonly FitLayer[];
  readonly kmodelBytes: number;
  readonly mainMemoryBytes: number;
  /** Most lines of KPU RAM in use at a time. */
  readonly kpuPeakLines: number;
  /** Of one picture. */
  readonly time: TimeEstimate;
  /** What the KPU cannot do. */
  readonly violations: readonly { readonly layer: string; readonly error: GraftError }[];
}

/**
 * Lowers the shapes as the compiler lowers the network and adds everything up. There is at least one convolution.
 * `denseOnKpu`: so many dense layers from the front run on the KPU.
 */
export function networkNeeds(shapes: readonly LayerShape[], denseOnKpu = 0): NetworkNeeds {
  const convolutions = loweredConvolutions(shapes);
  const tail = lowerTailShapes(
    shapes.filter(({ kind }) => kind !== 'convolution' && kind !== 'depthwise'),
    denseOnKpu,
  );
  const last = convolutions[convolutions.length - 1];
  const layers: Unsized[] = [
    ...kpuLayers(convolutions),
    dequantizeLayer(`${last.name}_dequantize`, last.output, mapText(last.output)),
    ...tail.flatMap(tailLayers),
  ];
  const size = kmodelSize(layers.map(({ body }) => body));
  const maps = [convolutions[0].input, ...convolutions.map(({ output }) => output)].map((map) => ({
    ...map,
    name: '',
  }));
  const plan = planMemory(maps, tail.flatMap(stepsOf));
  return {
    layers: layers.map(({ body: _, ...layer }, index) => ({ ...layer, bytes: size.bodies[index].bytes })),
    kmodelBytes: size.bytes,
    mainMemoryBytes: plan.mainBytes,
    kpuPeakLines: plan.kpuPeakLines,
    time: timeEstimate(
      layers.map(({ ms }) => ms),
      convolutions[0].input,
    ),
    violations: violationsOf(convolutions, tail),
  };
}

function loweredConvolutions(shapes: readonly LayerShape[]): KpuGeometry[] {
  const geometries = shapes.flatMap(({ kind, name, kernel, input, output, stride }): KpuGeometry[] =>
    kind === 'convolution' || kind === 'depthwise'
      ? [{ name, kind, kernel, input, output, subsample: stride === 2 }]
      : [],
  );
  return splitWideLayers(moveSubsampling(geometries, identityGeometry));
}

function violationsOf(convolutions: readonly KpuGeometry[], tail: readonly TailShape[]): NetworkNeeds['violations'] {
  const last = convolutions[convolutions.length - 1].name;
  const dense = tail.flatMap((node) => (node.kind === 'kpuDense' ? node.layers : []));
  return [
    ...[...convolutions, ...dense].flatMap((layer) =>
      limitViolations(layer).map((error) => ({ layer: layer.name, error })),
    ),
    ...streamViolations(convolutions).map((error) => ({ layer: last, error })),
  ];
}

function stepsOf(node: TailShape): TailStep[] {
  if (node.kind === 'kpuDense') return denseSteps(node.layers);
  if (node.kind === 'globalAverageMaxPool') return averageMaxSteps(node.name, node.input.channels);
  return [{ name: node.name, bytes: FLOAT_BYTES * node.output.channels }];
}

type Unsized = Omit<FitLayer, 'bytes'> & { readonly body: BodyShape };

/** Of a chain: the runs of the last layer send their results to main memory. */
function kpuLayers(chain: readonly KpuGeometry[]): Unsized[] {
  return chain.flatMap((layer, index) => runsOf(layer).map((run) => kpuLayer(run, index === chain.length - 1)));
}

function kpuLayer(layer: KpuRun, toMain: boolean): Unsized {
  const ms = runMs({
    depthwise: layer.kind === 'depthwise',
    input: layer.input,
    outputChannels: layer.output.channels,
    parameterBytes: parameterBytes(weightBytes(layer), layer.output.channels),
    resultBytes: toMain ? sizeOf(layer.output) : 0,
  });
  return {
    name: layer.name,
    kind: layer.kind,
    output: mapText(layer.output),
    inputLines: linesOf(layer.input),
    outputLines: linesOf(layer.output),
    weightLoads: weightLoading(layer).loads,
    macs: kpuMacs(layer),
    ms,
    body: convolutionBody(layer),
  };
}

function tailLayers(node: TailShape): Unsized[] {
  if (node.kind === 'kpuDense') return denseLayers(node);
  return node.kind === 'globalAverageMaxPool' ? averageMaxLayers(node) : [cpuShapeLayer(node)];
}

/** Layers of the file for the means and maxima of a map. */
function averageMaxLayers({ name, input, output }: AverageMaxShape): Unsized[] {
  const names = averageMaxNames(name);
  const { channels } = input;
  const text = String(channels);
  return [
    cpuLayer({ kind: 'quantizedMaxPool', name: names.max }, text, { kind: 'sum', count: sizeOf(input) }),
    dequantizeLayer(names.dequantize, { channels, height: 1, width: 1 }, text),
    cpuLayer({ kind: 'globalAveragePool', name: names.mean }, text, { kind: 'sum', count: sizeOf(input) }),
    cpuLayer({ kind: 'concat', name: names.concat }, String(output.channels), {
      kind: 'move',
      count: FLOAT_BYTES * output.channels,
    }),
  ];
}

/** Layers of the file for a run of dense layers on the KPU, those of the CPU around it included. */
function denseLayers({ layers }: KpuDenseShape): Unsized[] {
  const names = namesAround(layers);
  const [{ input }, { output }] = [layers[0], layers[layers.length - 1]];
  const move = (name: string, kind: 'quantize' | 'addPadding' | 'removePadding', channels: number, count: number) =>
    cpuLayer({ kind, name }, String(channels), { kind: 'move', count });
  return [
    move(names.quantize, 'quantize', input.channels, input.channels),
    move(names.addPadding, 'addPadding', input.channels, sizeOf(input)),
    ...kpuLayers(layers),
    move(names.removePadding, 'removePadding', output.channels, sizeOf(output)),
    dequantizeLayer(names.dequantize, { channels: output.channels, height: 1, width: 1 }, String(output.channels)),
  ];
}

function dequantizeLayer(name: string, map: MapShape, text: string): Unsized {
  return cpuLayer({ kind: 'dequantize', name }, text, { kind: 'dequantize', count: sizeOf(map) });
}

function cpuShapeLayer({ name, kind, input, output, macs }: CpuShape): Unsized {
  const text = String(output.channels);
  switch (kind) {
    case 'globalAveragePool':
      return cpuLayer({ kind, name }, text, { kind: 'sum', count: sizeOf(input) });
    case 'dense': {
      const body = { kind: 'fullyConnected', name, inputs: input.channels, units: output.channels } as const;
      return { ...cpuLayer(body, text, { kind: 'denseMac', count: input.channels * output.channels }), macs };
    }
    case 'softmax':
    case 'logistic':
      return cpuLayer({ kind, name }, text, { kind: 'exponential', count: output.channels });
    default:
      return unreachable(kind);
  }
}

function cpuLayer(body: BodyShape, output: string, work: ProcessorWork): Unsized {
  const kind = body.kind === 'fullyConnected' ? 'dense' : body.kind;
  const { name } = body;
  return { name, kind, output, inputLines: 0, outputLines: 0, weightLoads: 0, macs: 0, ms: processorMs(work), body };
}

function mapText({ channels, height, width }: MapShape): string {
  return `${channels}×${height}×${width}`;
}
