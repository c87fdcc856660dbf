import { stringify } from 'yaml';
import { printOrigin } from './tree';
import type { ListTree, MapTree, Origin, ScalarTree, Tree } from './tree';

export interface PrintOptions {
  /** Leave out what is a default. */
  readonly onlyChanged?: boolean;
}

interface Line {
  readonly text: string;
  readonly origin: Origin | null;
}

const COMMENT_COLUMN = 48;

/** The merged experiment as YAML that can be read back, each value with a comment on where it comes from. */
export function printConfig(
  experiment: { readonly merged: MapTree; readonly boardTree?: MapTree | null },
  { onlyChanged = false }: PrintOptions = {},
): string {
  const { merged } = experiment;
  // What it extends is merged in.
  const entries = new Map([...merged.entries].filter(([key]) => key !== 'extends'));
  const shown = onlyChanged ? changedOnly({ ...merged, entries }) : { ...merged, entries };
  const lines = shown === null ? [] : mapLines(shown, '');
  return [...lines, ...boardLines(experiment.boardTree ?? null)].map(printLine).join('');
}

/** The board of the bench, which is no part of the experiment. */
function boardLines(board: MapTree | null): Line[] {
  return board === null ? [] : [{ text: '# the board of devices:', origin: null }, ...mapLines(board, '#   ')];
}

/** A tree as lines of YAML that can be read back, without comments. */
export function printTree(tree: MapTree): string[] {
  return mapLines(tree, '').map(({ text }) => text);
}

function printLine({ text, origin }: Line): string {
  return origin === null ? `${text}\n` : `${text.padEnd(COMMENT_COLUMN - 1)} # ${printOrigin(origin)}\n`;
}

function mapLines(map: MapTree, indent: string): Line[] {
  return [...map.entries].flatMap(([key, { value }]) => entryLines(`${indent}${printScalar(key)}:`, value, indent));
}

function entryLines(head: string, value: Tree, indent: string): Line[] {
  if (isInline(value)) return [{ text: `${head} ${printInline(value)}`, origin: value.origin }];
  const below = value.kind === 'list' ? itemLines(value, `${indent}  `) : mapLines(value, `${indent}  `);
  return [{ text: head, origin: null }, ...below];
}

function itemLines(list: ListTree, indent: string): Line[] {
  return list.items.flatMap((item) => {
    if (item.kind !== 'map' || item.entries.size === 0) {
      return [{ text: `${indent}- ${printInline(item)}`, origin: item.origin }];
    }
    const [first, ...rest] = mapLines(item, `${indent}  `);
    return [{ ...first, text: `${indent}- ${first.text.trimStart()}` }, ...rest];
  });
}

type Inline = ScalarTree | MapTree | ListTree;

/** Scalars, and lists of scalars that come from one place. */
function isInline(tree: Tree): tree is ScalarTree {
  if (tree.kind === 'scalar') return true;
  if (tree.kind === 'map') return tree.entries.size === 0;
  return (
    tree.items.every((item) => item.kind === 'scalar') &&
    new Set(tree.items.map(({ origin }) => printOrigin(origin))).size <= 1
  );
}

function printInline(tree: Inline): string {
  if (tree.kind === 'map') return '{}';
  if (tree.kind === 'list') return `[${tree.items.map(printInline).join(', ')}]`;
  return typeof tree.value === 'string' ? printScalar(tree.value) : tree.text;
}

/** Quoted where a list or another reader would take it for something else. */
function printScalar(text: string): string {
  const quoted = stringify([text], { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();
  return quoted.slice(1, -1);
}

function changedOnly(map: MapTree): MapTree | null {
  const entries = [...map.entries].flatMap(([key, entry]) => {
    const value = entry.value.kind === 'map' ? changedOnly(entry.value) : entry.value;
    if (value === null || value.origin.kind === 'default') return [];
    return [[key, { ...entry, value }] as const];
  });
  return entries.length === 0 ? null : { ...map, entries: new Map(entries) };
}
