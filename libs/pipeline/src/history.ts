import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import { recordUnreadable } from './errors';
import { isProvenance, type MakerSettings, type Provenance } from './provenance';

/** Where records are kept, below the root of the workspace: one small file for each model, made to be committed. */
export const HISTORY_FOLDER = '.history';

/** What is needed to make a model again. */
export interface HistoryRecord {
  readonly version: 1;
  /** Of the build tool: `npx nx run <project>:export-kmodel`. */
  readonly project: string;
  readonly provenance: Provenance;
  readonly settings: MakerSettings;
  /** The version that was checked out; null outside of git. */
  readonly commit: string | null;
  /** What differed from that version, relative to the workspace, sorted. */
  readonly uncommitted: readonly string[];
  /** SHA-256 of the YAML files and the lock, by name relative to the workspace. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Keeps a record under the digest of its model. One that tells the same origin stays as it is: a commit that touches
 * nothing of a model makes no new line in its history.
 * @param folder need not exist
 */
export async function keepRecord(folder: string, record: HistoryRecord): Promise<void> {
  const path = recordPath(folder, record.provenance.model.sha256);
  const before = await readRecord(path).catch(() => null);
  if (before !== null && sameOrigin(before, record)) return;
  await writeFileAtomic(path, canonicalJson(record));
}

/** @returns null for a model of which there is no record. @throws GraftError E509 where the record is damaged. */
export function findRecord(folder: string, modelSha256: string): Promise<HistoryRecord | null> {
  return readRecord(recordPath(folder, modelSha256));
}

/** All records that can be read, sorted by their models' digests. */
export async function listRecords(folder: string): Promise<readonly HistoryRecord[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const records = await Promise.all(names.map((name) => readRecord(join(folder, name)).catch(() => null)));
  return records.filter((record) => record !== null);
}

const recordPath = (folder: string, modelSha256: string): string => join(folder, `${modelSha256}.json`);

function sameOrigin(one: HistoryRecord, other: HistoryRecord): boolean {
  return one.project === other.project && canonicalJson(one.provenance) === canonicalJson(other.provenance);
}

async function readRecord(path: string): Promise<HistoryRecord | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    const record: unknown = JSON.parse(text);
    if (isRecord(record)) return record;
  } catch (cause) {
    throw recordUnreadable(path, cause);
  }
  throw recordUnreadable(path, undefined);
}

function isRecord(value: unknown): value is HistoryRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { version, project, provenance, uncommitted, files } = value as Partial<HistoryRecord>;
  return (
    version === 1 &&
    typeof project === 'string' &&
    isProvenance(provenance) &&
    Array.isArray(uncommitted) &&
    typeof files === 'object'
  );
}
