import { printKeyPath, printOrigin } from './tree';
import type { KeyPath, MapTree, Origin, Tree } from './tree';

export interface ExplainedValue {
  /** As in the YAML: `model.head[0].dense`. */
  readonly keyPath: string;
  /** As written; an empty list or map stands for itself. */
  readonly value: unknown;
  /** `apps/pokedex/experiment.yaml:12`, `preset small-data (project.yaml:20)`, `default`. */
  readonly origin: string;
}

/** Every value of an experiment with where it comes from, for tools. */
export function explainedValues(experiment: { readonly merged: MapTree }): ExplainedValue[] {
  return leaves(experiment.merged, []).map(({ path, value, origin }) => ({
    keyPath: printKeyPath(path),
    value,
    origin: printOrigin(origin),
  }));
}

interface Leaf {
  readonly path: KeyPath;
  readonly value: unknown;
  readonly origin: Origin;
}

function leaves(tree: Tree, path: KeyPath): Leaf[] {
  if (tree.kind === 'scalar') return [{ path, value: tree.value, origin: tree.origin }];
  const children: [string | number, Tree][] =
    tree.kind === 'list'
      ? tree.items.map((item, index) => [index, item])
      : [...tree.entries].map(([key, { value }]) => [key, value]);
  if (children.length === 0) return [{ path, value: tree.kind === 'list' ? [] : {}, origin: tree.origin }];
  return children.flatMap(([key, child]) => leaves(child, [...path, key]));
}
