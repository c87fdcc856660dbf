import { DiagnosticsError } from '@graft/foundation';
import { classesDiffer } from './errors';
import { mcnemarExact } from './mcnemar';
import { pairedInterval, type Difference, type PairedCounts } from './paired-interval';
import { parseAnswer, type Answer, type RunResult } from './run-result';

/** How two runs answered the same test pictures in one arithmetic. */
export interface Comparison {
  /** The first is the older run. */
  readonly counts: PairedCounts;
  /** Share right of the newer run minus that of the older one, on common pictures. Null: there are none. */
  readonly difference: Difference | null;
  /** McNemar's exact test, two-sided. */
  readonly p: number;
  /** p < 1 − confidence. */
  readonly distinguishable: boolean;
}

/** A picture that both runs tested and answered differently. */
export interface Flip {
  readonly key: string;
  readonly path: string;
  readonly label: string;
  readonly before: string;
  readonly after: string;
  readonly change: 'right now' | 'wrong now' | 'wrong in both';
}

export interface ResultComparison {
  readonly before: RunResult;
  readonly after: RunResult;
  /** Test pictures whose answers both runs kept and that have the same label in both. */
  readonly common: number;
  /** Those of both with another label: their answers are not compared. */
  readonly relabelled: number;
  readonly confidence: number;
  readonly float: Comparison;
  readonly device: Comparison;
  readonly flips: { readonly float: readonly Flip[]; readonly device: readonly Flip[] };
}

type Arithmetic = 'float' | 'device';

interface Pair {
  readonly key: string;
  readonly before: NamedAnswer;
  readonly after: NamedAnswer;
}

/** With names of classes, since their order may differ between two runs. */
interface NamedAnswer {
  readonly label: string;
  readonly float: string;
  readonly device: string;
  readonly path: string | null;
}

/**
 * Compares picture by picture.
 * @throws DiagnosticsError E742 where the two runs tell other classes apart
 */
export function compareResults(before: RunResult, after: RunResult): ResultComparison {
  if ([...before.classes].sort().join('\n') !== [...after.classes].sort().join('\n'))
    throw new DiagnosticsError([classesDiffer(before.classes, after.classes)]);
  const older = answersByKey(before);
  const both = [...answersByKey(after)].flatMap(([key, answer]): Pair[] => {
    const other = older.get(key);
    return other === undefined ? [] : [{ key, before: other, after: answer }];
  });
  const pairs = both.filter((pair) => pair.before.label === pair.after.label);
  const { confidence } = after;
  return {
    before,
    after,
    common: pairs.length,
    relabelled: both.length - pairs.length,
    confidence,
    float: compare(pairs, 'float', confidence),
    device: compare(pairs, 'device', confidence),
    flips: { float: flipsOf(pairs, 'float'), device: flipsOf(pairs, 'device') },
  };
}

function answersByKey({ classes, answers }: RunResult): Map<string, NamedAnswer> {
  const named = answers.map(parseAnswer).filter((answer): answer is Answer => answer !== null);
  return new Map(
    named.map(({ key, label, float, device, path }) => [
      key,
      { label: classes[label], float: classes[float], device: classes[device], path },
    ]),
  );
}

function compare(pairs: readonly Pair[], arithmetic: Arithmetic, confidence: number): Comparison {
  const isRight = (answer: NamedAnswer): boolean => answer[arithmetic] === answer.label;
  const count = (before: boolean, after: boolean): number =>
    pairs.filter((pair) => isRight(pair.before) === before && isRight(pair.after) === after).length;
  const counts = {
    bothRight: count(true, true),
    firstOnly: count(true, false),
    secondOnly: count(false, true),
    neitherRight: count(false, false),
  };
  const p = mcnemarExact(counts.firstOnly, counts.secondOnly);
  const turned = { ...counts, firstOnly: counts.secondOnly, secondOnly: counts.firstOnly };
  return {
    counts,
    difference: pairs.length === 0 ? null : pairedInterval(turned, confidence),
    p,
    distinguishable: p < 1 - confidence,
  };
}

/** What is wrong now first, then by path. */
const ORDER: readonly Flip['change'][] = ['wrong now', 'right now', 'wrong in both'];

function flipsOf(pairs: readonly Pair[], arithmetic: Arithmetic): Flip[] {
  const flipped = pairs.filter((pair) => pair.before[arithmetic] !== pair.after[arithmetic]);
  return flipped
    .map(({ key, before, after }): Flip => {
      const [was, is] = [before[arithmetic], after[arithmetic]];
      const change = is === after.label ? 'right now' : was === before.label ? 'wrong now' : 'wrong in both';
      // One of two answers is wrong, and that one's record has the path.
      return { key, path: placeOf(key, after.path ?? before.path), label: after.label, before: was, after: is, change };
    })
    .sort((a, b) => ORDER.indexOf(a.change) - ORDER.indexOf(b.change) || (a.path + a.key < b.path + b.key ? -1 : 1));
}

/** The frame of an animation is told after its file. */
function placeOf(key: string, path: string | null): string {
  const [digest, frame] = key.split('#');
  return [path ?? digest, ...(frame === undefined ? [] : [frame])].join('#');
}
