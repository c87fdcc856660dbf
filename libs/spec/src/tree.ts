import type { Place } from '@graft/foundation';

/** Where a value was written. */
export interface FileOrigin {
  readonly kind: 'file';
  readonly place: Place;
  /** `preset small-data`, `defaults`; null: the value stands in an experiment itself. */
  readonly layer: string | null;
}

export type Origin = { readonly kind: 'default' } | FileOrigin;

export const DEFAULT_ORIGIN: Origin = { kind: 'default' };

export type ScalarValue = string | number | boolean | null;

/** One value. `text` is what was written, for example `0x300000` for 3145728. */
export interface ScalarTree {
  readonly kind: 'scalar';
  readonly value: ScalarValue;
  readonly text: string;
  readonly quoted: boolean;
  readonly origin: Origin;
}

export interface MapTree {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
  /** Takes the place of what lies below instead of being merged with it. */
  readonly replaces: boolean;
  readonly origin: Origin;
}

export interface MapEntry {
  /** Where the key itself stands. */
  readonly keyOrigin: Origin;
  readonly value: Tree;
}

export interface ListTree {
  readonly kind: 'list';
  readonly items: readonly Tree[];
  readonly origin: Origin;
}

/** A YAML file, or several merged, as data: every value knows where it was written. */
export type Tree = ScalarTree | MapTree | ListTree;

/** Key names and list indices from the root. */
export type KeyPath = readonly (string | number)[];

/** `model.head[0].dense` */
export function printKeyPath(path: KeyPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** The reverse of `printKeyPath`, for keys without dots and brackets. */
export function parseKeyPath(text: string): KeyPath {
  return [...text.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([part, index]) => (index === undefined ? part : Number(index)));
}

export function childOf(tree: Tree, part: string | number): Tree | undefined {
  if (typeof part === 'number') return tree.kind === 'list' ? tree.items[part] : undefined;
  return tree.kind === 'map' ? tree.entries.get(part)?.value : undefined;
}

export const isNull = (tree: Tree | undefined): boolean =>
  tree === undefined || (tree.kind === 'scalar' && tree.value === null);

export const emptyMap = (origin: Origin = DEFAULT_ORIGIN): MapTree => ({
  kind: 'map',
  entries: new Map(),
  replaces: false,
  origin,
});

export const scalarTree = (value: ScalarValue, origin: Origin): ScalarTree => ({
  kind: 'scalar',
  value,
  text: String(value),
  quoted: typeof value === 'string',
  origin,
});

/** A map with one entry more, or with another value for a key that it has. */
export function withEntry(map: MapTree, key: string, value: Tree): MapTree {
  const keyOrigin = map.entries.get(key)?.keyOrigin ?? value.origin;
  return { ...map, entries: new Map([...map.entries, [key, { keyOrigin, value }]]) };
}

export function withoutKeys(map: MapTree, keys: readonly string[]): MapTree {
  return { ...map, entries: new Map([...map.entries].filter(([key]) => !keys.includes(key))) };
}

/** Plain data, as the schema sees it. */
export function toPlain(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(toPlain);
  return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, toPlain(value)]));
}

/** Plain data as a tree, every part of it from one origin. */
export function fromPlain(value: unknown, origin: Origin): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => fromPlain(item, origin)), origin };
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return scalarTree(value, origin);
  }
  if (typeof value !== 'object') throw new Error(`internal: ${typeof value} cannot stand in YAML`);
  const entries = Object.entries(value).map(([key, member]): [string, MapEntry] => [
    key,
    { keyOrigin: origin, value: fromPlain(member, origin) },
  ]);
  return { kind: 'map', entries: new Map(entries), replaces: false, origin };
}

/** The same tree, labelled as a part of a preset or of the defaults. */
export function labelled<T extends Tree>(tree: T, layer: string): T;
export function labelled(tree: Tree, layer: string): Tree {
  const relabel = (origin: Origin): Origin => (origin.kind === 'default' ? origin : { ...origin, layer });
  if (tree.kind === 'scalar') return { ...tree, origin: relabel(tree.origin) };
  if (tree.kind === 'list') {
    return { ...tree, items: tree.items.map((item) => labelled(item, layer)), origin: relabel(tree.origin) };
  }
  const entries = [...tree.entries].map(([key, { keyOrigin, value }]): [string, MapEntry] => [
    key,
    { keyOrigin: relabel(keyOrigin), value: labelled(value, layer) },
  ]);
  return { ...tree, entries: new Map(entries), origin: relabel(tree.origin) };
}

/** `apps/pokedex/experiment.yaml:12`, `preset small-data (project.yaml:20)`, `default`. */
export function printOrigin(origin: Origin): string {
  if (origin.kind === 'default') return 'default';
  const at = `${origin.place.file}:${origin.place.line}`;
  return origin.layer === null ? at : `${origin.layer} (${at})`;
}
