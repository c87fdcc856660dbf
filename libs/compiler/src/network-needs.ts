import type { GraftError } from '@graft/foundation';
import type { LayerShape } from '@graft/model';

import type { BodyShape } from './kmodel-bytes';
import { convolutionBody, kmodelSize } from './kmodel-bytes';
import { limitViolations, linesOf, streamViolations, weightLoading } from './kpu-limits';
import { kpuMacs } from './kpu-macs';
import type { KpuGeometry } from './kpu-program';
import { identityGeometry, moveSubsampling } from './move-subsampling';
import type { TailStep } from './plan-memory';
import { planMemory } from './plan-memory';
import type { KpuRun } from './split-channels';
import { runsOf, splitWideLayers } from './split-channels';

/** One layer of the file that a network becomes: on the KPU one run, of which a wide layer needs several. */
export interface FitLayer {
  readonly name: string;
  readonly kind: 'convolution' | 'depthwise' | 'dequantize' | 'globalAveragePool' | 'dense' | 'softmax';
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
}

/** What a network takes on the chip. */
export interface NetworkNeeds {
  readonly layers: readonly FitLayer[];
  readonly kmodelBytes: number;
  readonly mainMemoryBytes: number;
  /** Most lines of KPU RAM in use at a time. */
  readonly kpuPeakLines: number;
  /** What the KPU cannot do. */
  readonly violations: readonly { readonly layer: string; readonly error: GraftError }[];
}

/** Lowers the shapes as the compiler lowers the network and adds everything up. There is at least one convolution. */
export function networkNeeds(shapes: readonly LayerShape[]): NetworkNeeds {
  const convolutions = loweredConvolutions(shapes);
  const tail = shapes.filter(({ kind }) => kind !== 'convolution' && kind !== 'depthwise');
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
  const cpuLayers = [cpuLayer(`${last.name}_dequantize`, 'dequantize', mapText(last.output)), ...tail.map(tailLayer)];
  const layers = [...runs.map(kpuLayer), ...cpuLayers];
  return {
    layers: layers.map((layer, index) => ({ ...layer, bytes: size.bodies[index].bytes })),
    kmodelBytes: size.bytes,
    mainMemoryBytes: plan.mainBytes,
    kpuPeakLines: plan.kpuPeakLines,
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

function tailBody({ kind, name, input, output }: LayerShape): BodyShape {
  if (kind === 'dense') return { kind: 'fullyConnected', name, inputs: input.channels, units: output.channels };
  if (kind === 'globalAveragePool' || kind === 'softmax') return { kind, name };
  throw new Error(`internal: a ${kind} in the tail`);
}

type Unsized = Omit<FitLayer, 'bytes'>;

function kpuLayer(layer: KpuRun): Unsized {
  return {
    name: layer.name,
    kind: layer.kind,
    output: mapText(layer.output),
    inputLines: linesOf(layer.input),
    outputLines: linesOf(layer.output),
    weightLoads: weightLoading(layer).loads,
    macs: kpuMacs(layer),
  };
}

function tailLayer({ name, kind, output, macs }: LayerShape): Unsized {
  if (kind === 'convolution' || kind === 'depthwise') throw new Error(`internal: a ${kind} in the tail`);
  return { ...cpuLayer(name, kind, String(output.channels)), macs };
}

function cpuLayer(name: string, kind: FitLayer['kind'], output: string): Unsized {
  return { name, kind, output, inputLines: 0, outputLines: 0, weightLoads: 0, macs: 0 };
}

function mapText({ channels, height, width }: LayerShape['output']): string {
  return `${channels}×${height}×${width}`;
}
