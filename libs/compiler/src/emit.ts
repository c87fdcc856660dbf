import type { KModel } from '@graft/kmodel';

import { emitConvolutions } from './emit-convolutions';
import { emitTail } from './emit-tail';
import type { Program } from './kpu-program';

/** Copies a finished program into the vocabulary of the file format. */
export function emit(program: Program): KModel {
  const { plan } = program;
  if (plan === undefined) throw new Error('internal: memory is not planned');
  const output = plan.mainBuffers[plan.mainBuffers.length - 1];
  return {
    weightBits: 8,
    maxStartAddress: Math.min(...[...plan.kpuMaps, ...plan.denseMaps].map(({ line }) => line)),
    mainMemoryBytes: plan.mainBytes,
    outputs: [{ address: output.address, size: output.bytes }],
    layers: [
      ...emitConvolutions(program.layers, plan.kpuMaps, plan.mainBuffers[0].address),
      ...emitTail(program, plan),
    ],
  };
}
