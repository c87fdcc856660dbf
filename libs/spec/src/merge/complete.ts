import { branchesOf } from '../schema/json-schema';
import type { JsonSchema } from '../schema/json-schema';
import { chooseBranch } from '../schema/choose-branch';
import { DEFAULT_ORIGIN, fromPlain, isNull } from '../tree';
import type { ListTree, MapEntry, MapTree, Tree } from '../tree';

/** Every key that is missing, or null, gets its default from the schema. Keys come in the order of the schema. */
export function complete(schema: JsonSchema, tree: MapTree): MapTree {
  const { properties } = schema;
  if (properties === undefined) return tree;
  const entries = new Map<string, MapEntry>();
  for (const [key, child] of Object.entries(properties)) {
    const entry = tree.entries.get(key);
    if (entry === undefined || isNull(entry.value)) {
      const value = defaultOf(child);
      if (value !== null) entries.set(key, { keyOrigin: DEFAULT_ORIGIN, value });
    } else {
      entries.set(key, { ...entry, value: completeValue(child, entry.value) });
    }
  }
  return { ...tree, entries };
}

function completeValue(schema: JsonSchema, value: Tree): Tree {
  const { branch } = chooseBranch(branchesOf(schema), value);
  if (branch === null) return value;
  if (value.kind === 'map') return complete(branch, value);
  if (value.kind !== 'list' || branch.items === undefined) return value;
  const { items } = branch;
  return { ...value, items: value.items.map((item) => completeValue(items, item)) } satisfies ListTree;
}

/** Null: the key has no default that could be written, or the default is to be absent. */
function defaultOf(schema: JsonSchema): Tree | null {
  if (schema.default !== undefined) {
    return schema.default === null ? null : completeValue(schema, fromPlain(schema.default, DEFAULT_ORIGIN));
  }
  if (schema.properties === undefined) return null;
  return complete(schema, { kind: 'map', entries: new Map(), replaces: false, origin: DEFAULT_ORIGIN });
}
