import { sha256 } from '@graft/foundation';
import { stringify } from 'yaml';
import { toPlain } from '../tree';
import { printAssignment } from './assignment';
import type { Assignment } from './assignment';
import type { Sweep } from './read-sweep';

/** One experiment of a grid. */
export interface SweepPoint {
  /** A name for files, from its keys and values: it stays when the grid around it changes. */
  readonly id: string;
  /** `model.alpha 0.5, preprocess.image_size 128` */
  readonly label: string;
  readonly assignments: readonly Assignment[];
  /** The assignments as `--set` takes them. */
  readonly texts: readonly string[];
  /** The assignments as YAML, to be pasted into an experiment or a variant. */
  readonly yaml: string;
}

/** Every combination of the values, the last key changing fastest. */
export function expandSweep({ axes }: Pick<Sweep, 'axes'>): SweepPoint[] {
  const combinations = axes.reduce<readonly (readonly Assignment[])[]>(
    (points, { values }) => points.flatMap((point) => values.map((value) => [...point, value])),
    [[]],
  );
  return combinations.map(pointOf);
}

function pointOf(assignments: readonly Assignment[]): SweepPoint {
  const texts = assignments.map(printAssignment);
  return {
    id: idOf(assignments, texts),
    label: assignments.map((one) => `${one.key} ${shown(one)}`).join(', '),
    assignments,
    texts,
    yaml: stringify(nestedPlain(assignments), { lineWidth: 0, nullStr: 'null' }),
  };
}

const MOST_CHARACTERS = 60;

function idOf(assignments: readonly Assignment[], texts: readonly string[]): string {
  const digest = sha256(texts.join('\n')).slice(0, 8);
  const words = assignments.map(({ key, value }) => {
    const name = key.slice(key.lastIndexOf('.') + 1);
    return value.kind === 'scalar' ? `${name}-${value.text}` : name;
  });
  const plain = words.join('_');
  // A name that leaves nothing out speaks for itself; any other one gets the digest of what it stands for.
  const isWhole = assignments.every(({ value }) => value.kind === 'scalar') && /^[\w.-]+$/.test(plain);
  const distinctNames = new Set(words.map((word) => word.split('-')[0])).size === words.length;
  if (isWhole && distinctNames && plain.length <= MOST_CHARACTERS) return plain;
  return `${plain.replaceAll(/[^\w.-]+/g, '-').slice(0, MOST_CHARACTERS - 9)}_${digest}`;
}

function shown({ value }: Assignment): string {
  if (value.kind === 'scalar') return value.text;
  return stringify(toPlain(value), { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

/** Keys with dots as maps in maps. */
function nestedPlain(assignments: readonly Assignment[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const { key, value } of assignments) {
    const path = key.split('.');
    const last = path.length - 1;
    let map = root;
    path.forEach((part, depth) => {
      if (depth === last) map[part] = toPlain(value);
      else map = (map[part] ??= {}) as Record<string, unknown>;
    });
  }
  return root;
}
