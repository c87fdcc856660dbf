import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import { recordUnreadable } from './errors';
import { isProvenance, type MakerSettings, type Provenance } from './provenance';

/** Where records are kept, below the root of the workspace: one small file for each model, made to be committed. */
export const HISTORY_FOLDER = '.history';

/** A run: what is needed to make its model again, and how good that was. */
export interface HistoryRecord {
  /** 1: without what the run resulted in, and in a folder that all experiments shared. */
  readonly version: 1 | 2;
  /** Of the build tool: `npx nx run <project>:export-kmodel`. */
  readonly project: string;
  readonly provenance: Provenance;
  readonly settings: MakerSettings;
  /** Every value of the experiment, defaults as well, by its key in the YAML. Null in version 1. */
  readonly keys: Readonly<Record<string, unknown>> | null;
  /** The version that was checked out; null outside of git. */
  readonly commit: string | null;
  /** What differed from that version, relative to the workspace, sorted. */
  readonly uncommitted: readonly string[];
  /** SHA-256 of the YAML files and the lock, by name relative to the workspace. */
  readonly files: Readonly<Record<string, string>>;
  /**
   * One more than the largest among the records of this project when this one was first made: an order without a clock
   * (L. Lamport 1978, CACM 21). Runs on two branches may share a number; version 1 has 0.
   */
  readonly order: number;
  /** Figures, limits and answers, as `runResult` of the evaluation library gives them. Null in version 1. */
  readonly result: unknown;
}

/** Its place in the order is given when it is kept. */
export type NewRecord = Omit<HistoryRecord, 'order'>;

/** Records as they were read, and the files that could not be. */
export interface History {
  readonly records: readonly HistoryRecord[];
  readonly unreadable: readonly string[];
}

/**
 * Keeps a record below its project, under the digest of its model. One that tells the same run stays as it is: a commit
 * that touches nothing of a model makes no new line in its history. One of the same model and another origin or result
 * takes its place, in the order as well.
 * @param folder need not exist
 */
export async function keepRecord(folder: string, record: NewRecord): Promise<void> {
  const { project, provenance } = record;
  const path = recordPath(folder, project, provenance.model.sha256);
  const before = await readRecord(path).catch(() => null);
  if (before !== null && isSameRun(before, record)) return;
  const others = (await readHistory(folder)).records.filter((one) => one.project === project);
  const order = before?.order ?? Math.max(0, ...others.map((one) => one.order)) + 1;
  await writeFileAtomic(path, canonicalJson({ ...record, order }));
  await removeShared(folder, record);
}

/** @returns null for a model of which there is no record. @throws GraftError E509 where the record is damaged. */
export async function findRecord(folder: string, modelSha256: string): Promise<HistoryRecord | null> {
  const name = `${modelSha256}.json`;
  const path = (await recordPaths(folder)).find((one) => one === join(folder, name) || one.endsWith(join('/', name)));
  return path === undefined ? null : readRecord(path);
}

/** All records, sorted by project and digest of the model. */
export async function readHistory(folder: string): Promise<History> {
  const paths = await recordPaths(folder);
  const read = await Promise.all(paths.map((path) => readRecord(path).catch(() => path)));
  return {
    records: read.filter((one) => one !== null && typeof one !== 'string'),
    unreadable: read.filter((one) => typeof one === 'string'),
  };
}

/** Null where the text is no record. */
export function parseRecord(text: string): HistoryRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value)) return null;
    return value.version === 1 ? { ...value, keys: null, order: 0, result: null } : value;
  } catch {
    return null;
  }
}

/** Where a project's records lie below the folder of all. */
export const projectFolder = (project: string): string => encodeURIComponent(project);

const recordPath = (folder: string, project: string, modelSha256: string): string =>
  join(folder, projectFolder(project), `${modelSha256}.json`);

/** A folder of all experiments is what version 1 had. */
async function recordPaths(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  const paths = [folder, ...below.sort()].map(async (place) =>
    (await readdir(place).catch(() => []))
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => join(place, name)),
  );
  return (await Promise.all(paths)).flat();
}

/** The record of version 1 of a model that has a new one. */
async function removeShared(folder: string, { project, provenance }: Pick<HistoryRecord, 'project' | 'provenance'>) {
  const path = join(folder, `${provenance.model.sha256}.json`);
  const shared = await readRecord(path).catch(() => null);
  if (shared?.project === project) await rm(path, { force: true });
}

function isSameRun(one: HistoryRecord, other: NewRecord): boolean {
  const told = ({ version, project, provenance, result }: NewRecord) =>
    canonicalJson([version, project, provenance, result]);
  return told(one) === told(other);
}

async function readRecord(path: string): Promise<HistoryRecord | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (text === null) return null;
  const record = parseRecord(text);
  if (record === null) throw recordUnreadable(path, undefined);
  return record;
}

function isRecord(value: unknown): value is HistoryRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { version, project, provenance, uncommitted, files, order, keys } = value as Partial<HistoryRecord>;
  return (
    typeof project === 'string' &&
    isProvenance(provenance) &&
    Array.isArray(uncommitted) &&
    typeof files === 'object' &&
    (version === 1 || (version === 2 && typeof order === 'number' && typeof keys === 'object'))
  );
}
