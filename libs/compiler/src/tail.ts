import type { CpuNode } from './lower-tail';
import type { TailStep } from './plan-memory';

/** How many values each node of the tail gives, `channels` being what the pooled map has. */
export function tailSteps(tail: readonly CpuNode[], channels: number): TailStep[] {
  let values = channels;
  return tail.map((node) => {
    if (node.kind === 'dense') values = node.units;
    return { name: node.name, values };
  });
}
