import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import type { SweepPointResult } from '@graft/evaluation';
import { recordsDiffer, recordsMissing } from '@graft/pipeline';
import type { SweepJob } from './prepare';

/** One point as it came out, below `out/sweep/points`: what a shard leaves for the machine that puts all together. */
export interface PointRecord {
  readonly version: 1;
  /** Of all settings that shape the point. */
  readonly key: string;
  /** Of the settings that shape its pictures. */
  readonly picturesKey: string;
  /** Digest of the programs and packages that made it. */
  readonly tools: string;
  readonly result: SweepPointResult;
}

const FOLDER = 'points';

export function recordFor(job: SweepJob, tools: string, result: SweepPointResult): PointRecord {
  const keyOf = (stage: 'preprocess' | 'export-kmodel'): string => job.keys.get(stage) ?? '';
  return { version: 1, key: keyOf('export-kmodel'), picturesKey: keyOf('preprocess'), tools, result };
}

export function writeRecord(sweepFolder: string, record: PointRecord): Promise<void> {
  return writeFileAtomic(join(sweepFolder, FOLDER, `${record.result.id}.json`), canonicalJson(record));
}

/**
 * A record of every point, from several sweep folders; where two have one, the earlier folder's.
 * @throws GraftError E524, E525
 */
export async function mergeRecords(jobs: readonly SweepJob[], folders: readonly string[]): Promise<SweepPointResult[]> {
  const found: PointRecord[] = [];
  for (const folder of folders.slice(1)) if ((await readRecords(folder)).length === 0) throw recordsMissing(folder, []);
  const all = (await Promise.all(folders.map(readRecords))).flat();
  const missing: string[] = [];
  for (const { point, keys } of jobs) {
    const record = all.find(({ key, result }) => result.id === point.id && key === keys.get('export-kmodel'));
    if (record === undefined) missing.push(point.label);
    else found.push(record);
  }
  if (missing.length > 0) throw recordsMissing(folders.join(', '), missing);
  const differences = differencesOf(found);
  if (differences.length > 0) throw recordsDiffer(differences);
  return found.map(({ result }) => result);
}

/** Against the first point, and against the first with the same pictures. */
function differencesOf(records: readonly PointRecord[]): string[] {
  return records.flatMap(({ tools, picturesKey, result }) => {
    if (tools !== records[0].tools) return [`${result.label}: other tools than ${records[0].result.label}`];
    const first = records.find((other) => other.picturesKey === picturesKey && other.result.figures !== null)?.result;
    const differs = result.figures !== null && result.figures.pictures !== first?.figures?.pictures;
    return differs ? [`${result.label}: other test pictures than ${first?.label}`] : [];
  });
}

async function readRecords(sweepFolder: string): Promise<PointRecord[]> {
  const folder = join(sweepFolder, FOLDER);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const records = await Promise.all(
    names.map((name) => readFile(join(folder, name), 'utf8').then(parseRecord, () => null)),
  );
  return records.filter((record) => record !== null);
}

/** Null: a file of somebody else. */
function parseRecord(text: string): PointRecord | null {
  try {
    const record: Partial<PointRecord> | null = JSON.parse(text);
    const isRecord = record?.version === 1 && typeof record.key === 'string' && typeof record.result?.id === 'string';
    return isRecord ? (record as PointRecord) : null;
  } catch {
    return null;
  }
}
