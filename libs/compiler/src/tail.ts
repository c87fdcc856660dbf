import type { FloatTailNode } from '@graft/quantization';

import type { TailStep } from './plan-memory';

/** How many values each node of the tail gives, `channels` being what the pooled map has. */
export function tailSteps(tail: readonly Pick<FloatTailNode, 'kind' | 'name'>[], channels: number): TailStep[] {
  let values = channels;
  return tail.map((node) => {
    if (isDense(node)) values = node.units;
    return { name: node.name, values };
  });
}

function isDense(node: Pick<FloatTailNode, 'kind' | 'name'>): node is Extract<FloatTailNode, { kind: 'dense' }> {
  return node.kind === 'dense';
}
