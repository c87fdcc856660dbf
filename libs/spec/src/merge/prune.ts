import { chooseBranch } from '../schema/choose-branch';
import { branchesOf } from '../schema/json-schema';
import type { JsonSchema } from '../schema/json-schema';
import type { Problem } from '../schema/validate';
import { childOf, printKeyPath, withEntry, withoutKeys } from '../tree';
import type { KeyPath, MapTree, Tree } from '../tree';

/** What is left of a tree when the parts that cannot be used are cut out, so that the rest can still be checked. */
export interface Pruned {
  readonly tree: MapTree;
  /** Key paths whose values are not what was meant; nothing is said about them a second time. */
  readonly tainted: readonly string[];
}

export function prune(schema: JsonSchema, tree: MapTree, problems: readonly Pick<Problem, 'path' | 'meant'>[]): Pruned {
  const cuts = problems.map(({ path }) => untilOptional(schema, tree, untilList(path)));
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

/** A section that lacks a key it needs, or whose kind is unknown, is cut as a whole. */
function untilOptional(schema: JsonSchema, tree: Tree, path: readonly string[]): readonly string[] {
  const [key, ...rest] = path;
  if (key === undefined || rest.length === 0) return path;
  const section = childOf(tree, key);
  const known = schema.properties?.[key] ?? schema.additionalProperties;
  if (section?.kind !== 'map' || typeof known !== 'object') return path;
  const { branch } = chooseBranch(branchesOf(known), section);
  if (branch === null) return [key];
  const kept = untilOptional(branch, section, rest);
  const isNeeded = kept.length === 1 && (branch.required ?? []).includes(kept[0]);
  return isNeeded ? [key] : [key, ...kept];
}

function cutOut(tree: MapTree, [key, ...rest]: readonly string[]): MapTree {
  if (key === undefined) return { ...tree, entries: new Map() };
  if (rest.length === 0) return withoutKeys(tree, [key]);
  const child = childOf(tree, key);
  if (child?.kind !== 'map') return tree;
  return withEntry(tree, key, cutOut(child, rest));
}

/** Whether a value at `keyPath`, or one above or below it, is not what was meant. */
export function isTainted(tainted: readonly string[], keyPath: string): boolean {
  const within = (inner: string, outer: string) =>
    outer === '' || inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
  return tainted.some((path) => within(path, keyPath) || within(keyPath, path));
}
