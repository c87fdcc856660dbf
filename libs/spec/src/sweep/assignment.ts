import { canonicalJson } from '@graft/foundation';
import type { Diagnostic } from '@graft/foundation';
import { assignmentUnreadable, notInASweep } from '../errors';
import { mergeMaps } from '../merge/merge';
import { normalise } from '../merge/normalise';
import { settingsSchema } from '../schema/schemas';
import { placeOfOrigin, validateTree } from '../schema/validate';
import { emptyMap, labelled, toPlain, withEntry } from '../tree';
import type { MapTree, Origin, Tree } from '../tree';
import { readYaml } from '../yaml/read-yaml';

/** One key, written with dots, and the value that it gets on top of all others. */
export interface Assignment {
  readonly key: string;
  readonly keyOrigin: Origin;
  readonly value: Tree;
}

/** Keys that name files or other settings: what they bring in must be known before anything is merged. */
const STRUCTURAL = ['extends', 'dataset.sources'];

/** `train.epochs=5`, `model.head=[{ dense: 64 }]`: a key and a value in YAML, as on the command line. */
export function parseAssignment(text: string): { assignment: Assignment | null; diagnostics: readonly Diagnostic[] } {
  const at = text.indexOf('=');
  const key = text.slice(0, Math.max(0, at)).trim();
  if (!/^\w+(?:\.\w+)*$/.test(key)) return { assignment: null, diagnostics: [assignmentUnreadable(text)] };
  // A line break would begin another key.
  const { tree, diagnostics } = readYaml(`--set ${key}`, `${key}: ${text.slice(at + 1).replaceAll(/[\r\n]+/g, ' ')}\n`);
  const entry = tree?.entries.get(key);
  if (entry === undefined) return { assignment: null, diagnostics: [...diagnostics, assignmentUnreadable(text)] };
  return { assignment: { key, ...entry }, diagnostics };
}

/** The reverse of `parseAssignment`, one text for equal values. */
export function printAssignment({ key, value }: Assignment): string {
  // Keys in order, and all of it on one line.
  return `${key}=${JSON.stringify(JSON.parse(canonicalJson(toPlain(value))))}`;
}

/** Complaints about the key or the value by itself, where it was written. */
export function checkAssignment(assignment: Assignment): readonly Diagnostic[] {
  const { key, keyOrigin } = assignment;
  const structural = STRUCTURAL.find(
    (name) => key === name || key.startsWith(`${name}.`) || name.startsWith(`${key}.`),
  );
  if (structural !== undefined) return [notInASweep(key, structural, placeOfOrigin(keyOrigin))];
  return validateTree(settingsSchema, nested(assignment)).map(({ diagnostic }) => diagnostic);
}

/** The tree with each key set in turn. */
export function withAssignments(tree: MapTree, assignments: readonly Assignment[]): MapTree {
  return assignments.reduce((below, assignment) => {
    const layer = normalise(nested(assignment), (path) => path);
    return mergeMaps(below, labelled(layer, 'set'));
  }, tree);
}

function nested({ key, keyOrigin, value }: Assignment): MapTree {
  const [first, ...rest] = key.split('.');
  if (rest.length === 0) return entryOf(first, keyOrigin, value);
  return entryOf(first, keyOrigin, nested({ key: rest.join('.'), keyOrigin, value }));
}

function entryOf(key: string, keyOrigin: Origin, value: Tree): MapTree {
  const map = withEntry(emptyMap(keyOrigin), key, value);
  return { ...map, entries: new Map([[key, { keyOrigin, value }]]) };
}
