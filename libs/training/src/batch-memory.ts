import type { Graph } from '@graft/model';
import { graphShapes } from '@graft/model';
import { sizeOf } from '@graft/tensor';

import { batchTooLarge } from './errors';

/** wasm can address 4 GiB; temporary maps and weights need their share. */
const LARGEST_BYTES = 2.5 * 2 ** 30;
/** Where a batch may be worked off in parts, smaller parts are as fast and leave memory to others. */
const COMFORTABLE_BYTES = 512 * 2 ** 20;
/** Batch norm saves its map, the way back holds up to two more beside each saved one. */
const MAPS_PER_NODE = 1.5;

export interface BatchPlan {
  readonly graph: Graph;
  /** Nodes that run once and save nothing. */
  readonly frozenNodes: number;
  readonly batchSize: number;
  /** Statistics of the whole batch are needed, so it cannot be worked off in parts. */
  readonly whole: boolean;
}

/** Pictures that go forth and back together; their gradients are added up to those of the batch. @throws GraftError E617 */
export function partSize({ graph, frozenNodes, batchSize, whole }: BatchPlan): number {
  const saved = graphShapes(graph).slice(Math.max(0, frozenNodes - 1));
  const bytes = saved.reduce((sum, shape) => sum + sizeOf(shape) * 4 * MAPS_PER_NODE, 0);
  const fitting = (limit: number) => Math.max(1, Math.floor(limit / bytes));
  if (!whole) return Math.min(batchSize, fitting(COMFORTABLE_BYTES));
  if (bytes * batchSize > LARGEST_BYTES) throw batchTooLarge(batchSize, bytes * batchSize, fitting(LARGEST_BYTES));
  return batchSize;
}
