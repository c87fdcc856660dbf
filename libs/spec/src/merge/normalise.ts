import { posix } from 'node:path';
import { childOf, emptyMap, isNull, scalarTree, withEntry } from '../tree';
import type { ListTree, MapTree, Tree } from '../tree';

/** Maps whose keys belong together: they replace an inherited one as a whole. */
const WHOLE_MAPS = [
  ['model', 'weights'],
  ['model', 'freeze'],
  ['train', 'optimizer'],
  ['train', 'lr_schedule'],
] as const;

/**
 * Brings short forms to their long form, so that both merge alike, and names of classes to text. `rebase` rewrites the
 * paths of picture folders, weights and files for the experiment that inherits them.
 */
export function normalise(tree: MapTree, rebase: (path: string) => string): MapTree {
  let result = tree;
  result = change(result, ['classes'], (classes) => (classes.kind === 'list' ? longClasses(classes) : classes));
  result = change(result, ['target'], (target) => longForm(target, 'device'));
  result = change(result, ['train', 'optimizer'], (optimizer) => longForm(optimizer, 'name'));
  result = change(result, ['train', 'lr_schedule'], (schedule) => longForm(schedule, 'name'));
  for (const path of WHOLE_MAPS) {
    result = change(result, path, (value) => (value.kind === 'map' ? { ...value, replaces: true } : value));
  }
  result = change(result, ['model', 'weights'], (weights) =>
    weights.kind === 'map' ? rebasedSource(weights, rebase, ['path']) : weights,
  );
  return change(result, ['dataset', 'sources'], (sources) =>
    sources.kind === 'list' ? rebased(sources, rebase) : sources,
  );
}

/** The tree with one value changed, if it has that value. */
function change(tree: MapTree, [key, ...rest]: readonly string[], edit: (value: Tree) => Tree): MapTree {
  const value = childOf(tree, key);
  if (value === undefined || isNull(value)) return tree;
  if (rest.length === 0) return withEntry(tree, key, edit(value));
  return value.kind === 'map' ? withEntry(tree, key, change(value, rest, edit)) : tree;
}

/** `adam` → `{ name: adam }` */
function longForm(value: Tree, key: string): Tree {
  if (value.kind !== 'scalar') return value;
  return { ...withEntry(emptyMap(value.origin), key, value), replaces: true };
}

function longClasses(classes: ListTree): ListTree {
  return { ...classes, items: classes.items.map(longClass) };
}

function longClass(item: Tree): Tree {
  const named = item.kind === 'map' ? item : withEntry(emptyMap(item.origin), 'name', item);
  const name = asText(childOf(named, 'name') ?? item);
  const folders = childOf(named, 'folders');
  const list: ListTree = {
    kind: 'list',
    origin: name.origin,
    ...(folders?.kind === 'list' ? folders : {}),
    items: folders?.kind === 'list' ? folders.items.map(asText) : [name],
  };
  return withEntry(withEntry(named, 'name', name), 'folders', list);
}

function asText(value: Tree): Tree {
  return value.kind === 'scalar' ? scalarTree(value.text, value.origin) : value;
}

/** Keys of a source that name something on the disk. */
const SOURCE_PATHS = ['path', 'list'] as const;

function rebased(sources: ListTree, rebase: (path: string) => string): ListTree {
  return {
    ...sources,
    items: sources.items.map((source) => (source.kind === 'map' ? rebasedSource(source, rebase) : source)),
  };
}

function rebasedSource(
  source: MapTree,
  rebase: (path: string) => string,
  keys: readonly string[] = SOURCE_PATHS,
): MapTree {
  return keys.reduce((result, key) => {
    const path = childOf(result, key);
    if (path?.kind !== 'scalar' || isNull(path)) return result;
    return withEntry(result, key, scalarTree(rebase(path.text), path.origin));
  }, source);
}

/** One spelling for each relative path: `./a`, `../a`; absolute ones stay. */
export function tidyPath(path: string): string {
  const tidy = posix.normalize(path).replace(/(?<=.)\/$/, '');
  return isAbsolutePath(tidy) || tidy.startsWith('..') || tidy === '.' ? tidy : `./${tidy}`;
}

export function isAbsolutePath(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:/.test(path);
}

/** How `path`, written in a file of `fromFolder`, reads from `toFolder`; both are relative to the workspace. */
export function rebasePath(path: string, fromFolder: string, toFolder: string): string {
  if (isAbsolutePath(path) || fromFolder === toFolder) return tidyPath(path);
  // Not path.relative, which asks for the current folder of the process.
  const target = segments(posix.join(fromFolder, path));
  const base = segments(toFolder);
  const differs = base.findIndex((segment, index) => segment !== target[index]);
  const common = differs < 0 ? base.length : differs;
  return tidyPath([...base.slice(common).map(() => '..'), ...target.slice(common)].join('/') || '.');
}

const segments = (path: string): string[] =>
  posix
    .normalize(path)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
