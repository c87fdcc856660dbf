import { mcnemarExact } from '../mcnemar';
import type { MeasuredPoint, PointFigures, SweepPointResult } from './sweep-point';
import { isMeasured } from './sweep-point';

/** What decides the order; see `sweep.rank_by`. */
export type SweepRanking = 'device_accuracy' | 'accuracy_per_kb' | 'accuracy_per_ms' | 'latency' | 'kmodel_size';

export interface RankedPoint extends MeasuredPoint {
  /** 1 is the best. */
  readonly rank: number;
  /** Against the most accurate point: how likely a difference like theirs is where both are equally good; 1 for that point itself. */
  readonly pValue: number;
  /** Whether it may well be as good as the most accurate point. */
  readonly likeBest: boolean;
  /** No other point is at least as accurate and smaller, or as small and more accurate. */
  readonly onSizeFront: boolean;
  readonly onSpeedFront: boolean;
}

export interface RankedSweep {
  /** Points that were measured and meet what is required, the best first. */
  readonly points: readonly RankedPoint[];
  /** All others, in the order of the grid. */
  readonly others: readonly SweepPointResult[];
  readonly rankBy: SweepRanking;
  /** The most accurate point; null where none came out. */
  readonly best: RankedPoint | null;
  readonly confidence: number;
}

/** Higher is better. */
const SCORES: Readonly<Record<SweepRanking, (figures: PointFigures) => number>> = {
  device_accuracy: ({ device }) => device.value,
  accuracy_per_kb: (figures) => accuracyPerKb(figures),
  accuracy_per_ms: (figures) => accuracyPerMs(figures),
  latency: ({ estimatedMs }) => -estimatedMs,
  kmodel_size: ({ kmodelBytes }) => -kmodelBytes,
};

/** Percent points of device accuracy for each KB (1000 bytes) of the file. */
export const accuracyPerKb = ({ device, kmodelBytes }: PointFigures): number =>
  (100 * device.value) / (kmodelBytes / 1000);

/** Percent points of device accuracy for each millisecond of a picture. */
export const accuracyPerMs = ({ device, estimatedMs }: PointFigures): number => (100 * device.value) / estimatedMs;

export interface RankOptions {
  readonly rankBy: SweepRanking;
  /** 0.95: a point is told from the best at 5 %. */
  readonly confidence: number;
}

/** Orders what came out, and says what the differences are worth. Equal scores: the more accurate, smaller, faster one first. */
export function rankPoints(results: readonly SweepPointResult[], { rankBy, confidence }: RankOptions): RankedSweep {
  const good = results.filter(isMeasured).filter(({ status }) => status === 'done');
  const order = (first: SweepRanking): MeasuredPoint[] =>
    [...good].sort((a, b) => {
      for (const ranking of [first, 'device_accuracy', 'kmodel_size', 'latency'] as const) {
        const difference = SCORES[ranking](b.figures) - SCORES[ranking](a.figures);
        if (difference !== 0) return difference;
      }
      return a.id < b.id ? -1 : 1;
    });
  const mostAccurate = order('device_accuracy')[0];
  const sizeFront = paretoFront(good, ({ kmodelBytes }) => kmodelBytes);
  const speedFront = paretoFront(good, ({ estimatedMs }) => estimatedMs);
  const points = order(rankBy).map((point, index): RankedPoint => {
    const pValue = pValueAgainst(mostAccurate.figures, point.figures);
    return {
      ...point,
      rank: index + 1,
      pValue,
      likeBest: pValue > 1 - confidence,
      onSizeFront: sizeFront.has(point.id),
      onSpeedFront: speedFront.has(point.id),
    };
  });
  return {
    points,
    others: results.filter((point) => !good.some(({ id }) => id === point.id)),
    rankBy,
    best: points.find(({ id }) => id === mostAccurate.id) ?? null,
    confidence,
  };
}

/**
 * Of points by id: those of which no other is at least as accurate at no more cost, and better in one of the two. Of equal
 * ones all stay.
 */
export function paretoFront(
  points: readonly MeasuredPoint[],
  cost: (figures: PointFigures) => number,
): ReadonlySet<string> {
  const dominates = (a: PointFigures, b: PointFigures): boolean =>
    a.device.value >= b.device.value && cost(a) <= cost(b) && (a.device.value > b.device.value || cost(a) < cost(b));
  const front = points.filter(({ figures }) => !points.some((other) => dominates(other.figures, figures)));
  return new Set(front.map(({ id }) => id));
}

/**
 * By McNemar's exact test where both were asked the same pictures. Otherwise intervals decide: 1 where they overlap, 0 where
 * they do not.
 */
function pValueAgainst(best: PointFigures, other: PointFigures): number {
  if (best.pictures !== other.pictures || best.answers.length !== other.answers.length)
    return other.device.high >= best.device.low ? 1 : 0;
  const pairs = [...best.answers].map((answer, index) => `${answer}${other.answers[index]}`);
  const count = (wanted: string): number => pairs.filter((pair) => pair === wanted).length;
  return mcnemarExact(count('10'), count('01'));
}
