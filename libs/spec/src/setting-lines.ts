import { printTree } from './print-config';
import { chooseBranch } from './schema/choose-branch';
import { branchesOf } from './schema/json-schema';
import type { JsonSchema } from './schema/json-schema';
import { parseQuantity, QUANTITIES } from './schema/quantities';
import { experimentSchema } from './schema/schemas';
import { DEFAULT_ORIGIN } from './tree';
import type { MapEntry, MapTree, ScalarTree, Tree } from './tree';

/** Keys that say nothing about a result. */
const LEFT_OUT = ['extends', 'description', 'variants', 'sweep'];

/**
 * The merged experiment as lines of YAML that can be read back. Comments, the order of keys, quotes, units and where a value
 * was written leave them as they are; `printConfig` shows those as well.
 */
export function settingLines({ merged }: { readonly merged: MapTree }): string[] {
  const entries = new Map([...merged.entries].filter(([key]) => !LEFT_OUT.includes(key)));
  return printTree(plainMap(experimentSchema, { ...merged, entries }));
}

function plain(schema: JsonSchema | undefined, tree: Tree): Tree {
  const branches = schema === undefined ? [] : branchesOf(schema);
  if (tree.kind === 'scalar') return plainScalar(branches, tree);
  const { branch } = chooseBranch(branches, tree);
  if (tree.kind === 'map') return plainMap(branch, tree);
  return { ...tree, origin: DEFAULT_ORIGIN, items: tree.items.map((item) => plain(branch?.items, item)) };
}

/** Keys of a section come in the order of the schema; those that people choose by name. */
function plainMap(schema: JsonSchema | null, map: MapTree): MapTree {
  const properties = schema?.properties;
  const others = typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  const entries = [...map.entries].map(([key, entry]): [string, MapEntry] => [
    key,
    { keyOrigin: DEFAULT_ORIGIN, value: plain(properties?.[key] ?? others, entry.value) },
  ]);
  const order = Object.keys(properties ?? {});
  const rank = (key: string): number => order.indexOf(key);
  entries.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return { ...map, origin: DEFAULT_ORIGIN, entries: new Map(entries) };
}

function plainScalar(branches: readonly JsonSchema[], scalar: ScalarTree): ScalarTree {
  const { value } = scalar;
  const isWord = branches.some((branch) => branch.enum?.includes(value) === true);
  for (const { 'x-quantity': range } of branches) {
    const quantity = range === undefined || isWord ? null : parseQuantity(range.kind, value);
    if (range !== undefined && quantity !== null) {
      const text = QUANTITIES[range.kind].print(quantity);
      return { ...scalar, value: text, text, origin: DEFAULT_ORIGIN };
    }
  }
  // A name may look like a number, and is then what was written.
  const isName = branches.some(({ type }) => Array.isArray(type) && type.includes('string'));
  const text = typeof value === 'string' || isName ? scalar.text : String(value);
  return { ...scalar, text, origin: DEFAULT_ORIGIN };
}
