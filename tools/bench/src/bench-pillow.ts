import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@graft/foundation';

import { SCRIPTS } from '../../second-opinions/src/python-environment';
import { keepPhotograph } from './bench-preprocess';
import { makePhotographs } from './made-photographs';
import { summaryOf } from './measure';
import { Worker, type Effort } from './training-peer';

/** Photographs, and how many there are once each content counts once. */
export interface PillowRow {
  readonly what: string;
  /** Leaves JPEG files in a folder, as `fetch` does. */
  readonly gather: (folder: string) => Promise<void>;
}

/** Rows and columns of what comes out. */
const SIDE = 224;

/** Pictures a second of ours, on all cores, as a multiple of Pillow's in one process. */
export const PILLOW_GOAL = 3;

const MADE = { count: 60, height: 1200, width: 1600 };

export function pillowRows(photographs: string): PillowRow[] {
  const made = { what: `${MADE.count} made, ${MADE.width} × ${MADE.height}`, gather: gatherMade };
  if (!existsSync(photographs)) return [made];
  return [made, { what: 'photographs', gather: (folder) => gatherJpegs(photographs, folder) }];
}

async function gatherMade(folder: string): Promise<void> {
  const made = `${folder}.made`;
  for (const path of await makePhotographs(made, MADE)) await keepPhotograph(await readFile(path), folder);
}

/** Every JPEG of a folder, whatever its name; each content once. */
export async function gatherJpegs(from: string, folder: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const bytes = await readFile(join(entry.parentPath, entry.name));
    if (bytes[0] === 0xff && bytes[1] === 0xd8) await keepPhotograph(bytes, folder);
  }
}

/**
 * What Pillow does before it resizes. `profiles` is the same as ours: it decodes to the last pixel and brings colours to sRGB by
 * the profile in the file. `plain` takes the colours as they are, `draft` decodes smaller on top of that (`Image.draft`).
 */
const WAYS = ['profiles', 'plain', 'draft'] as const;
export type PillowWay = (typeof WAYS)[number];

/** Ours beside Pillow, in turns. */
export interface PillowComparison extends Pick<PillowRow, 'what'> {
  readonly pictures: number;
  readonly ours: readonly Effort[];
  /** Pillow's, by what it does. */
  readonly theirs: Readonly<Record<PillowWay, readonly Effort[]>>;
  /** Mean difference of our bytes and those of Pillow where it does the same as ours, in levels of 0 … 255. */
  readonly difference: number;
}

/** Runs ours and Pillow one after the other, so many times, each in a process of its own that has done the work once before. */
export async function benchPillow(
  python: string,
  row: PillowRow,
  pairs: number,
  side = SIDE,
): Promise<PillowComparison> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-pillow-'));
  const files = join(folder, 'files');
  const results = join(folder, 'ours');
  const result = (way: PillowWay): string => join(folder, `${way}.bin`);
  const pillow = join(SCRIPTS, 'pillow-bench.py');
  const workers: Worker[] = [];
  try {
    await row.gather(files);
    workers.push(
      new Worker('ours', process.execPath, [...WORKER, files, `${side}`, results]),
      ...WAYS.map((way) => new Worker(`Pillow, ${way}`, python, [pillow, files, `${side}`, result(way), way])),
    );
    for (const worker of workers) await worker.ready();
    const efforts = workers.map((): Effort[] => []);
    for (let pair = 0; pair < pairs; pair++)
      for (const [index, worker] of workers.entries()) efforts[index].push(await worker.run());
    const [ours, profiles, plain, draft] = efforts;
    const pictures = (await readdir(files)).length;
    const difference = await differenceOf(join(results, 'examples', 'pixels.bin'), result('profiles'));
    return { what: row.what, pictures, ours, theirs: { profiles, plain, draft }, difference };
  } finally {
    workers.forEach((worker) => worker.stop());
    await rm(folder, { recursive: true, force: true });
  }
}

const WORKER = ['-r', join(__dirname, '../../nx/load-typescript.cjs'), join(__dirname, 'preprocess-worker.ts')];

async function differenceOf(ours: string, theirs: string): Promise<number> {
  const [a, b] = [await readFile(ours), await readFile(theirs)];
  if (a.length !== b.length) throw new Error(`ours made ${a.length} bytes (${sha256(a)}), Pillow ${b.length}`);
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += Math.abs(a[at] - b[at]);
  return sum / a.length;
}

const HEADINGS = ['what', 'Pillow', 'ours', "Pillow's", 'ratio', 'spread', 'CPU time', 'goal', 'memory', 'difference'];

/** A table for people: pictures a second, medians of the ratios pair by pair (above 1: ours is faster), peak memory of ours. */
export function renderPillowTable(comparisons: readonly PillowComparison[]): string {
  const rows = [HEADINGS, HEADINGS.map(() => '---'), ...comparisons.flatMap(rowsOf)];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function rowsOf(comparison: PillowComparison): string[][] {
  return WAYS.map((way) => cellsOf(comparison, way));
}

const SAID: Readonly<Record<PillowWay, string>> = {
  profiles: 'the same',
  plain: 'ignores profiles',
  draft: 'ignores profiles, `draft`',
};

function cellsOf(comparison: PillowComparison, way: PillowWay): string[] {
  const { what, pictures, ours, difference } = comparison;
  const theirs = comparison.theirs[way];
  const isSame = way === 'profiles';
  const ratios = (of: 'wallSeconds' | 'processorSeconds') =>
    summaryOf(ours.map((effort, pair) => theirs[pair][of] / effort[of]));
  const wall = ratios('wallSeconds');
  const rate = (efforts: readonly Effort[]): string =>
    `${(pictures / summaryOf(efforts.map(({ wallSeconds }) => wallSeconds)).median).toPrecision(3)}/s`;
  const peak = Math.max(...ours.map(({ peakBytes }) => peakBytes));
  return [
    ...[what, SAID[way], rate(ours), rate(theirs)],
    ...[
      shown(wall.median),
      `${shown(wall.fastest)} … ${shown(wall.slowest)}`,
      shown(ratios('processorSeconds').median),
    ],
    ...[isSame ? `${PILLOW_GOAL} ${wall.median >= PILLOW_GOAL ? 'met' : 'missed'}` : '–'],
    ...[`${(peak / 1e9).toFixed(2)} GB`, isSame ? `${difference.toFixed(2)} levels` : '–'],
  ];
}

const shown = (ratio: number): string => ratio.toFixed(2);
