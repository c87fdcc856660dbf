import { sha256 } from '@graft/foundation';
import { HISTORY_FOLDER, noRecordIn, orderRecords, parseRecord, projectFolder } from '@graft/pipeline';
import type { HistoryRecord } from '@graft/pipeline';
import type { Git } from '../../shared/git';
import type { FoundRun } from './find-run';

/** The commit that a branch, tag or digits of a commit stand for; null where git knows none, or is not there. */
export async function commitNamed(git: Git, revision: string): Promise<string | null> {
  const peeled = `${revision}^{commit}`;
  const found = await git('rev-parse', '--verify', '--quiet', '--end-of-options', peeled).catch(() => null);
  return found === null || found.trim() === '' ? null : found.trim();
}

export interface Revision {
  /** As it was asked for. */
  readonly revision: string;
  readonly commit: string;
}

/**
 * The run of a project that belongs to a commit, out of git's objects: nothing is checked out. Of several records the
 * newest whose YAML files and lock are those of the commit; where none fits, the newest, and it is told.
 * @throws GraftError E514 where the commit has no record of the project
 */
export async function recordAt(git: Git, { revision, commit }: Revision, project: string): Promise<FoundRun> {
  const names = await recordNames(git, commit);
  const texts = await Promise.all(
    names.filter((name) => mayBelong(name, project)).map((name) => show(git, commit, name)),
  );
  const records = texts
    .map((text) => (text === null ? null : parseRecord(text)))
    .filter((record) => record !== null)
    .filter((record) => record.project === project);
  const newestFirst = orderRecords(records).reverse();
  const [newest] = newestFirst;
  if (newest === undefined) throw noRecordIn(revision, project, projectsIn(names));
  for (const record of newestFirst) if (await fits(git, commit, record)) return { record, notes: [] };
  const note = `no record in ${revision} fits its experiment.yaml, project.yaml and lock: this is its newest one`;
  return { record: newest, notes: [note] };
}

/** Relative to the workspace, which may be a folder of the repository. */
async function recordNames(git: Git, commit: string): Promise<string[]> {
  const listed = await git('ls-tree', '-r', '-z', '--name-only', commit, '--', `${HISTORY_FOLDER}/`);
  return listed.split('\0').filter((name) => name.endsWith('.json'));
}

/** In the project's folder, or at the top, where version 1 kept those of all. */
const mayBelong = (name: string, project: string): boolean =>
  name.startsWith(`${HISTORY_FOLDER}/${projectFolder(project)}/`) || name.split('/').length === 2;

function projectsIn(names: readonly string[]): string[] {
  const folders = names.map((name) => name.split('/')).filter(({ length }) => length === 3);
  return [...new Set(folders.map(([, project]) => project))];
}

const show = (git: Git, commit: string, name: string): Promise<string | null> =>
  git('show', '--end-of-options', `${commit}:./${name}`).catch(() => null);

async function fits(git: Git, commit: string, { files }: HistoryRecord): Promise<boolean> {
  for (const [name, digest] of Object.entries(files)) {
    const text = await show(git, commit, name);
    if (text === null || sha256(text) !== digest) return false;
  }
  return true;
}
