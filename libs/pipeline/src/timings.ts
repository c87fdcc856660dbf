import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '@graft/foundation';
import type { StageName } from './stage';

/** What one run of a stage took on this machine. It is no output: equal inputs take different times. */
export interface Timing {
  readonly seconds: number;
  /** The most that the process of the stage held, with its threads. */
  readonly peakMemoryBytes: number;
  /** Of all files that it made. */
  readonly outputBytes: number;
}

/** What past runs lead to expect: medians, and the fastest and slowest. */
export interface Expectation extends Timing {
  readonly fastest: number;
  readonly slowest: number;
  /** So many runs it is taken from. */
  readonly runs: number;
}

/** Only the last runs count: settings and machines change. */
export const TIMINGS_KEPT = 10;

/**
 * Adds a run to those of its stage. A line is appended in one call, so that runs side by side lose nothing; a file that
 * has grown to twice what counts is written anew beside and renamed.
 * @param folder of one project; need not exist
 */
export async function keepTiming(folder: string, stage: StageName, timing: Timing): Promise<void> {
  const path = timingPath(folder, stage);
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, `${JSON.stringify(timing)}\n`);
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  if (lines.length > 2 * TIMINGS_KEPT) await writeFileAtomic(path, `${lines.slice(-TIMINGS_KEPT).join('\n')}\n`);
}

/** Null: no run of this stage is known. A line that is no timing, such as half of one, is passed over. */
export async function expectationOf(folder: string, stage: StageName): Promise<Expectation | null> {
  const text = await readFile(timingPath(folder, stage), 'utf8').catch(() => '');
  const timings = text
    .split('\n')
    .map(parseTiming)
    .filter((timing) => timing !== null)
    .slice(-TIMINGS_KEPT);
  if (timings.length === 0) return null;
  const seconds = timings.map((timing) => timing.seconds);
  return {
    seconds: median(seconds),
    peakMemoryBytes: median(timings.map((timing) => timing.peakMemoryBytes)),
    outputBytes: median(timings.map((timing) => timing.outputBytes)),
    fastest: Math.min(...seconds),
    slowest: Math.max(...seconds),
    runs: timings.length,
  };
}

const timingPath = (folder: string, stage: StageName): string => join(folder, `${stage}.jsonl`);

function parseTiming(line: string): Timing | null {
  try {
    const value: unknown = JSON.parse(line);
    return isTiming(value) ? value : null;
  } catch {
    return null;
  }
}

function isTiming(value: unknown): value is Timing {
  if (typeof value !== 'object' || value === null) return false;
  const { seconds, peakMemoryBytes, outputBytes } = value as Partial<Timing>;
  return [seconds, peakMemoryBytes, outputBytes].every((number) => typeof number === 'number' && number >= 0);
}

/** The lower of the two in the middle of an even number: one that was measured. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
