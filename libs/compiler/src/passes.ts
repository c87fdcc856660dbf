import type { QuantizedConvolution, QuantizedGraph } from '@graft/quantization';

import { assignArithmetic } from './assign-arithmetic';
import { notForTheKpu } from './errors';
import { limitViolations, streamViolations } from './kpu-limits';
import type { KpuLayer, Program } from './kpu-program';
import { kpuLayersOf, mapKpuLayers } from './kpu-program';
import { lowerTail } from './lower-tail';
import { identityGeometry, moveSubsampling } from './move-subsampling';
import { planMemory } from './plan-memory';
import { splitWideLayers } from './split-channels';
import { tailSteps } from './tail';

export interface Pass {
  readonly name: string;
  readonly run: (program: Program) => Program;
}

/** In this order; each is checked by `verify` before the next one runs. */
export const PASSES: readonly Pass[] = [
  { name: 'move subsampling', run: moveSubsamplingPass },
  { name: 'split wide layers', run: (program) => mapKpuLayers(program, splitWideLayers) },
  { name: 'check limits', run: checkLimits },
  { name: 'assign arithmetic', run: assignArithmetic },
  { name: 'plan memory', run: planMemoryPass },
];

/** Stride 2 is a convolution at full size and a subsample at its end; activations of dense layers are the firmware's. */
export function programOf({ name, input, convolutions, tail }: QuantizedGraph): Program {
  if (convolutions.length === 0) throw notForTheKpu(name, 'the network has no convolution to start with');
  return { name, input, layers: convolutions.map(kpuLayer), tail: lowerTail(tail) };
}

function kpuLayer({ stride, ...layer }: QuantizedConvolution): KpuLayer {
  return { ...layer, subsample: stride === 2 };
}

function moveSubsamplingPass(program: Program): Program {
  return { ...program, layers: moveSubsampling(program.layers, identityLayer) };
}

/** Bytes in = bytes out: the middle weight byte is 0, the largest 127 steps of 1/127. */
function identityLayer(halving: KpuLayer): KpuLayer {
  const { output } = halving;
  const { channels, scale, zeroPoint } = output;
  const weights = new Uint8Array(channels * channels).fill(128);
  for (let channel = 0; channel < channels; channel++) weights[channel * (channels + 1)] = 255;
  const geometry = identityGeometry(halving);
  return {
    ...geometry,
    kind: 'convolution',
    input: { ...geometry.input, scale, zeroPoint },
    output,
    weights,
    weightZeroPoint: 128,
    weightScales: new Float64Array(channels).fill(1 / 127),
    bias: new Float64Array(channels),
    activation: 'linear',
  };
}

function checkLimits(program: Program): Program {
  const violations = [...kpuLayersOf(program).flatMap(limitViolations), ...streamViolations(program.layers)];
  if (violations.length > 0) throw violations[0];
  return program;
}

function planMemoryPass(program: Program): Program {
  const maps = [
    { ...program.input, name: 'picture' },
    ...program.layers.map(({ output, name }) => ({ ...output, name })),
  ];
  return { ...program, plan: planMemory(maps, tailSteps(program.tail, maps[maps.length - 1].channels)) };
}
