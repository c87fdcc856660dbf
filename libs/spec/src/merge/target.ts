import type { Diagnostic } from '@graft/foundation';
import { DEVICES } from '@graft/k210';
import * as problem from '../errors';
import type { BenchDevice } from '../experiment';
import { placeOfOrigin } from '../schema/validate';
import { nearest } from '../suggest';
import { childOf, isNull, withoutKeys } from '../tree';
import type { MapTree, ScalarTree, Tree } from '../tree';
import { isTainted } from './prune';

/**
 * A target that is no board at all is told, and left out so that everything else can still be checked.
 * @param tainted gets what is left out
 * @param diagnostics gets the complaint
 */
export function withKnownTarget(
  merged: MapTree,
  devices: readonly BenchDevice[],
  tainted: string[],
  diagnostics: Diagnostic[],
): MapTree {
  const device = targetOf(merged);
  const names = [...Object.keys(DEVICES), ...devices.map(({ name }) => name)];
  if (device === null || names.includes(device.text)) return merged;
  // A board of the bench that was cut out has its own complaints.
  if (!isTainted(tainted, 'target') && !isTainted(tainted, `devices.${device.text}`)) {
    diagnostics.push(problem.deviceUnknown(names, placeOfOrigin(device.origin), nearest(device.text, names)));
  }
  tainted.push('target');
  return withoutKeys(merged, ['target']);
}

function targetOf(tree: MapTree): ScalarTree | null {
  const target = childOf(tree, 'target');
  const device = target === undefined ? undefined : childOf(target, 'device');
  return device?.kind === 'scalar' && !isNull(device) ? device : null;
}

/** The board of the bench that is the target, and how it is written; null where the target is a built-in one. */
export function boardOf(
  tree: MapTree,
  all: Tree | undefined,
  devices: readonly BenchDevice[],
): { board: BenchDevice | null; boardTree: MapTree | null } {
  const name = targetOf(tree)?.text;
  const board = devices.find((device) => device.name === name) ?? null;
  const written = board === null || all === undefined ? undefined : childOf(all, board.name);
  return { board, boardTree: written?.kind === 'map' ? written : null };
}
