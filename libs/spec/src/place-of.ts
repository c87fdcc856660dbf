import type { Place } from '@graft/foundation';
import { childOf, parseKeyPath } from './tree';
import type { KeyPath, MapTree, Origin, Tree } from './tree';

/**
 * Where the value of a key stands, for complaints that are found later. `keyPath` is written as in the YAML:
 * `model.alpha`, `model.head[0].dense`. A value that was not written points to the nearest section around it that was;
 * null where there is none.
 */
export function placeOf(experiment: { readonly merged: MapTree }, keyPath: string): Place | null {
  return placeIn(experiment.merged, parseKeyPath(keyPath));
}

/** The same for a tree. */
export function placeIn(tree: MapTree, path: KeyPath): Place | null {
  const origins: Origin[] = [];
  let node: Tree | undefined = tree;
  for (const part of path) {
    // A value's own place where it is written on the key's line; a section is found by its key.
    const key: Origin | undefined = node.kind === 'map' ? node.entries.get(String(part))?.keyOrigin : undefined;
    node = childOf(node, part);
    if (node === undefined) break;
    origins.push(node.origin.kind === 'default' && key !== undefined ? key : node.origin);
  }
  const written = origins.findLast((origin) => origin.kind === 'file');
  return written?.kind === 'file' ? written.place : null;
}
