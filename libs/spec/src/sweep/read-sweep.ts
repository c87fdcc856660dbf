import { canonicalJson } from '@graft/foundation';
import type { Diagnostic, Place } from '@graft/foundation';
import * as problem from '../errors';
import { RANKINGS } from '../schema/sweep-schema';
import { placeOfOrigin } from '../schema/validate';
import { childOf, toPlain } from '../tree';
import type { Tree } from '../tree';
import { checkAssignment } from './assignment';
import type { Assignment } from './assignment';

export type Ranking = (typeof RANKINGS)[number];

/** One key of a grid with its values, as they were written. */
export interface SweepAxis {
  readonly key: string;
  readonly values: readonly Assignment[];
}

export interface Sweep {
  readonly axes: readonly SweepAxis[];
  readonly rankBy: Ranking;
  /** `fits`: points that do not fit the board are left out; `all`: they are errors. */
  readonly keep: 'fits' | 'all';
  readonly place: Place | null;
}

/** What stands under `sweep`, with every complaint about it. Null where nothing does, or where it cannot be used. */
export function readSweep(
  tree: Tree | undefined,
  tainted: readonly string[],
): { sweep: Sweep | null; diagnostics: readonly Diagnostic[] } {
  if (tree?.kind !== 'map') return { sweep: null, diagnostics: [] };
  const place = placeOfOrigin(tree.origin);
  const axes = [...tree.entries].flatMap(([key, { keyOrigin, value }]): SweepAxis[] =>
    isSetting(key) || value.kind !== 'list'
      ? []
      : [{ key, values: value.items.map((item) => ({ key, keyOrigin, value: item })) }],
  );
  const sweep: Sweep = {
    axes,
    place,
    rankBy: RANKINGS.find((ranking) => ranking === wordOf(tree, 'rank_by')) ?? 'device_accuracy',
    keep: wordOf(tree, 'keep') === 'all' ? 'all' : 'fits',
  };
  const diagnostics = [
    ...(axes.length === 0 && !tainted.some((path) => path.startsWith('sweep'))
      ? [problem.sweepWithoutKeys(place)]
      : []),
    ...axes.flatMap(axisProblems),
    ...overlaps(axes),
    ...sizeProblems(sweep, Number(wordOf(tree, 'max_points') ?? 64)),
  ];
  return { sweep: diagnostics.length === 0 ? sweep : null, diagnostics };
}

const isSetting = (key: string): boolean => ['rank_by', 'keep', 'max_points'].includes(key);

function wordOf(tree: Tree, key: string): string | undefined {
  const value = childOf(tree, key);
  return value?.kind === 'scalar' && value.value !== null ? value.text : undefined;
}

function axisProblems({ key, values }: SweepAxis): Diagnostic[] {
  const found = values.flatMap(checkAssignment);
  // What is said about the key is said once.
  const said = new Set<string>();
  const distinct = found.filter((one) => !said.has(canonicalJson(one)) && said.add(canonicalJson(one)));
  const texts = values.map(({ value }) => canonicalJson(toPlain(value)));
  const twice = values.filter((_, index) => texts.indexOf(texts[index]) < index);
  return [...distinct, ...twice.map(({ value }) => problem.sweptTwice(key, placeOfOrigin(value.origin)))];
}

/** `train` beside `train.epochs`: which of the two would win is nobody's guess. */
function overlaps(axes: readonly SweepAxis[]): Diagnostic[] {
  return axes.flatMap(({ key, values }) => {
    const outer = axes.find((other) => key.startsWith(`${other.key}.`));
    return outer === undefined ? [] : [problem.sweptWithin(key, outer.key, placeOfOrigin(values[0].keyOrigin))];
  });
}

function sizeProblems({ axes, place }: Sweep, most: number): Diagnostic[] {
  const points = axes.reduce((product, { values }) => product * values.length, 1);
  const counts = axes.map(({ key, values }) => `${key} ${values.length}`).join(' × ');
  return points > most ? [problem.sweepTooLarge(points, counts, most, place)] : [];
}
