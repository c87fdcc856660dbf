import type { ProgramNode } from './kpu-program';
import { denseSteps } from './lower-dense';
import { averageMaxSteps } from './lower-pool';
import type { TailStep } from './plan-memory';

const FLOAT_BYTES = 4;

/** What each step of the tail leaves behind, `channels` being what the map before it has. */
export function tailSteps(tail: readonly ProgramNode[], channels: number): TailStep[] {
  let values = channels;
  return tail.flatMap((node) => {
    if (node.kind === 'kpuDense') {
      values = node.layers[node.layers.length - 1].output.channels;
      return denseSteps(node.layers);
    }
    if (node.kind === 'globalAverageMaxPool') {
      const steps = averageMaxSteps(node.name, values);
      values *= 2;
      return steps;
    }
    if (node.kind === 'dense') values = node.units;
    return [{ name: node.name, bytes: FLOAT_BYTES * values }];
  });
}
