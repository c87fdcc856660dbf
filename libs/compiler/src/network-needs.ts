import { unreachable } from '@graft/foundation';
import type { GraftError } from '@graft/foundation';
import type { LayerShape } from '@graft/model';
import { sizeOf } from '@graft/tensor';

import type { BodyShape } from './kmodel-bytes';
import type { ProcessorWork, TimeEstimate } from './estimate-time';
import { parameterBytes, processorMs, runMs, timeEstimate } from './estimate-time';
import { convolutionBody, kmodelSize, weightBytes } from './kmodel-bytes';
import { limitViolations, linesOf, streamViolations, weightLoading } from './kpu-limits';
import { kpuMacs } from './kpu-macs';
import type { KpuGeometry } from './kpu-program';
import { lowerTailShapes, type TailShape } from './lower-tail-shapes';
import { identityGeometry, moveSubsampling } from './move-subsampling';
import type { TailStep } from './plan-memory';
import { planMemory } from './plan-memory';
import type { KpuRun } from './split-channels';
import { runsOf, splitWideLayers } from './split-channels';

/** One layer of the file that a network becomes: on the KPU one run, of which a wide layer needs several. */
export interface FitLayer {
  readonly name: string;
  readonly kind: 'convolution' | 'depthwise' | 'dequantize' | 'globalAveragePool' | 'dense' | 'logistic' | 'softmax';
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

/** Lowers the shapes as the compiler lowers the network and adds everything up. There is at least one convolution. */
export function networkNeeds(shapes: readonly LayerShape[]): NetworkNeeds {
  const convolutions = loweredConvolutions(shapes);
  const tail = lowerTailShapes(shapes.filter(({ kind }) => kind !== 'convolution' && kind !== 'depthwise'));
  const runs = convolutions.flatMap(runsOf);
  const last = convolutions[convolutions.length - 1];
  const size = kmodelSize([
    ...runs.map(convolutionBody),
    { kind: 'dequantize', name: `${last.name}_dequantize` },
    ...tail.map(tailBody),
  ]);
  const steps: TailStep[] = tail.map(({ name, output }) => ({ name, values: output.channels }));
  const maps = [convolutions[0].input, ...convolutions.map(({ output }) => output)].map((map) => ({
    ...map,
    name: '',
  }));
  const plan = planMemory(maps, steps);
  const cpuLayers = [
    cpuLayer(`${last.name}_dequantize`, 'dequantize', mapText(last.output), {
      kind: 'dequantize',
      count: sizeOf(last.output),
    }),
    ...tail.map(tailLayer),
  ];
  const toMain = runs.length - runsOf(last).length;
  const layers = [...runs.map((run, index) => kpuLayer(run, index >= toMain)), ...cpuLayers];
  return {
    layers: layers.map((layer, index) => ({ ...layer, bytes: size.bodies[index].bytes })),
    kmodelBytes: size.bytes,
    mainMemoryBytes: plan.mainBytes,
    kpuPeakLines: plan.kpuPeakLines,
    time: timeEstimate(
      layers.map(({ ms }) => ms),
      convolutions[0].input,
    ),
    violations: violationsOf(convolutions),
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

function violationsOf(convolutions: readonly KpuGeometry[]): NetworkNeeds['violations'] {
  const last = convolutions[convolutions.length - 1].name;
  return [
    ...convolutions.flatMap((layer) => limitViolations(layer).map((error) => ({ layer: layer.name, error }))),
    ...streamViolations(convolutions).map((error) => ({ layer: last, error })),
  ];
}

function tailBody({ kind, name, input, output }: TailShape): BodyShape {
  if (kind === 'dense') return { kind: 'fullyConnected', name, inputs: input.channels, units: output.channels };
  return { kind, name };
}

type Unsized = Omit<FitLayer, 'bytes'>;

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
  };
}

function tailLayer({ name, kind, input, output, macs }: TailShape): Unsized {
  const text = String(output.channels);
  switch (kind) {
    case 'globalAveragePool':
      return cpuLayer(name, kind, text, { kind: 'sum', count: sizeOf(input) });
    case 'dense':
      return { ...cpuLayer(name, kind, text, { kind: 'denseMac', count: input.channels * output.channels }), macs };
    case 'softmax':
    case 'logistic':
      return cpuLayer(name, kind, text, { kind: 'exponential', count: output.channels });
    default:
      return unreachable(kind);
  }
}

function cpuLayer(name: string, kind: FitLayer['kind'], output: string, work: ProcessorWork): Unsized {
  return { name, kind, output, inputLines: 0, outputLines: 0, weightLoads: 0, macs: 0, ms: processorMs(work) };
}

function mapText({ channels, height, width }: LayerShape['output']): string {
  return `${channels}×${height}×${width}`;
}
