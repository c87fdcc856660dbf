import type { Problem } from '../schema/validate';
import { childOf, printKeyPath, withEntry, withoutKeys } from '../tree';
import type { KeyPath, MapTree } from '../tree';

/** What is left of a tree when the parts that cannot be used are cut out, so that the rest can still be checked. */
export interface Pruned {
  readonly tree: MapTree;
  /** Key paths whose values are not what was meant; nothing is said about them a second time. */
  readonly tainted: readonly string[];
}

export function prune(tree: MapTree, problems: readonly Problem[]): Pruned {
  const cuts = problems.map(({ path }) => untilList(path));
  const meant = problems.flatMap(({ path, meant: key }) => (key === null ? [] : [[...path.slice(0, -1), key]]));
  return {
    tree: cuts.reduce(cutOut, tree),
    tainted: [...cuts, ...meant.map(untilList)].map(printKeyPath),
  };
}

/** A list with a bad item is cut as a whole: its other items would not be what was meant either. */
function untilList(path: KeyPath): readonly string[] {
  const end = path.findIndex((part) => typeof part === 'number');
  return path.slice(0, end < 0 ? path.length : end).map(String);
}

function cutOut(tree: MapTree, [key, ...rest]: readonly string[]): MapTree {
  if (key === undefined) return { ...tree, entries: new Map() };
  if (rest.length === 0) return withoutKeys(tree, [key]);
  const child = childOf(tree, key);
  return child?.kind === 'map' ? withEntry(tree, key, cutOut(child, rest)) : tree;
}

/** Whether a value at `keyPath`, or one above or below it, is not what was meant. */
export function isTainted(tainted: readonly string[], keyPath: string): boolean {
  const within = (inner: string, outer: string) =>
    outer === '' || inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
  return tainted.some((path) => within(path, keyPath) || within(keyPath, path));
}
