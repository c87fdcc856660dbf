import { canonicalJson, sha256 } from '@graft/foundation';
import { shardUnreadable } from './errors';
import type { StageName } from './stage';
import { producersOf, stageNamed } from './stages';

/** The settings of every stage, as `stageSettings` gives them. */
type Slices = Readonly<Partial<Record<StageName, unknown>>>;

/** The stages that the kmodel of an experiment comes out of, in the order of the data; `resolve` is everybody's own. */
export const CHAIN: readonly StageName[] = chainTo('export-kmodel');

/**
 * One key for each stage of the chain, from its settings and the keys of its producers: experiments with an equal key share
 * the stage, given equal pictures and tools.
 */
export function stageKeys(slices: Slices): ReadonlyMap<StageName, string> {
  const keys = new Map<StageName, string>();
  for (const stage of CHAIN) {
    const producers = producersOf(stageNamed(stage)).map((producer) => keys.get(producer) ?? '');
    // Settings are told by their text; what hands a file out differs in its name only.
    keys.set(stage, sha256(canonicalJson([withoutName(stage, slices[stage]), ...producers])));
  }
  return keys;
}

export interface PlannedPoint {
  readonly keys: ReadonlyMap<StageName, string>;
}

/** How many runs of each stage a list of points takes at most; equal outputs make it fewer. */
export function countRuns(points: readonly PlannedPoint[]): ReadonlyMap<StageName, number> {
  return new Map(CHAIN.map((stage) => [stage, new Set(points.map(({ keys }) => keys.get(stage))).size]));
}

/** Points that share early stages come one after the other; otherwise the order stays. */
export function inSharedOrder<Point extends PlannedPoint>(points: readonly Point[], stages = CHAIN): Point[] {
  const [stage, ...rest] = stages;
  if (stage === undefined) return [...points];
  const groups = new Map<string | undefined, Point[]>();
  for (const point of points) groups.set(point.keys.get(stage), [...(groups.get(point.keys.get(stage)) ?? []), point]);
  return [...groups.values()].flatMap((group) => inSharedOrder(group, rest));
}

export interface Shard {
  /** 1 … count */
  readonly number: number;
  readonly count: number;
}

/** `2/3`. @throws GraftError E521 */
export function parseShard(text: string): Shard {
  const [, number, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const shard = { number: Number(number), count: Number(count) };
  if (!(shard.number >= 1 && shard.number <= shard.count)) throw shardUnreadable(text);
  return shard;
}

/**
 * One machine's part: neighbours in the shared order, so that few stages run on two machines. The parts of all shards are
 * disjoint, hold every point, and differ by at most one point in size, since the last stages take most of the time.
 */
export function shardOf<Point extends PlannedPoint>(points: readonly Point[], { number, count }: Shard): Point[] {
  const ordered = inSharedOrder(points);
  const border = (index: number): number => Math.round((index * ordered.length) / count);
  return ordered.slice(border(number - 1), border(number));
}

function chainTo(last: StageName): StageName[] {
  const seen = new Set<StageName>();
  const visit = (stage: StageName): void => {
    producersOf(stageNamed(stage)).forEach(visit);
    seen.add(stage);
  };
  visit(last);
  return [...seen];
}

function withoutName(stage: StageName, slice: unknown): unknown {
  if (stage !== 'export-kmodel' || typeof slice !== 'object' || slice === null) return slice ?? null;
  const { name: _, ...rest }: { name?: unknown } = slice;
  return rest;
}
