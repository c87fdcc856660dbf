import type { MapEntry, MapTree, Tree } from '../tree';

/** Maps merge; scalars and lists of the upper tree replace. Null stays as a mark that returns a key to its default. */
export function mergeMaps(lower: MapTree, upper: MapTree): MapTree {
  if (upper.replaces) return upper;
  const entries = new Map<string, MapEntry>(lower.entries);
  for (const [key, entry] of upper.entries) {
    const below = entries.get(key);
    entries.set(key, below === undefined ? entry : { ...entry, value: mergeValues(below.value, entry.value) });
  }
  return { ...upper, entries, replaces: lower.replaces };
}

function mergeValues(lower: Tree, upper: Tree): Tree {
  if (upper.kind !== 'map') return upper;
  if (lower.kind === 'map') return mergeMaps(lower, upper);
  // What lies further below was taken away by the scalar between them, and stays so.
  return { ...upper, replaces: true };
}
