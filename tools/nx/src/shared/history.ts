import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { HISTORY_FOLDER, makerSettings, MAKERS, readManifest, settingsDigest, verifyLineage } from '@graft/pipeline';
import type { HistoryRecord, MakerSettings } from '@graft/pipeline';
import { provenanceOf } from './provenance';

export interface Place {
  readonly projectName: string;
  readonly projectFolder: string;
  readonly workspaceFolder: string;
}

/** What there is to remember of the model that this experiment's stages have just made. */
export async function recordOf(experiment: string, kmodel: Uint8Array, place: Place): Promise<HistoryRecord> {
  const { projectName, projectFolder, workspaceFolder } = place;
  const out = join(projectFolder, 'out');
  const settings = await settingsIn(join(out, 'resolve'));
  const origin = {
    experiment,
    settingsSha256: settingsDigest(settings),
    fetchFolder: join(out, 'fetch'),
    workspaceFolder,
  };
  return {
    version: 1,
    project: projectName,
    provenance: await provenanceOf(kmodel, origin),
    settings,
    ...(await versionOf(workspaceFolder)),
    files: await filesOf(out, relative(workspaceFolder, projectFolder).replaceAll('\\', '/')),
  };
}

/** The model that lies among an experiment's outputs, with its record; null where none does, or not of one run. */
export async function presentRecord(place: Place): Promise<HistoryRecord | null> {
  const folder = join(place.projectFolder, 'out', 'export-kmodel');
  try {
    await verifyLineage(['export-kmodel'], join(place.projectFolder, 'out'));
    const { inputs, outputs } = await readManifest('export-kmodel', folder);
    const { name } = inputs.settings as { readonly name: string };
    const file = outputs.find(({ path }) => path === `${name}.kmodel`);
    return file === undefined ? null : await recordOf(name, await readFile(join(folder, file.path)), place);
  } catch {
    return null;
  }
}

async function settingsIn(folder: string): Promise<MakerSettings> {
  const slices = await Promise.all(
    MAKERS.map(async (name) => [name, JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'))] as const),
  );
  return makerSettings(Object.fromEntries(slices) as Record<(typeof MAKERS)[number], unknown>);
}

/** The YAML files, and the lock where there is one, as the stages read them. */
async function filesOf(out: string, project: string): Promise<Record<string, string>> {
  const [resolve, fetch] = [
    await readManifest('resolve', join(out, 'resolve')),
    await readManifest('fetch', join(out, 'fetch')),
  ];
  const locks = Object.entries(fetch.inputs.files).filter(([name]) => name === 'experiment.lock.json');
  return {
    ...resolve.inputs.files,
    ...Object.fromEntries(locks.map(([name, digest]) => [`${project}/${name}`, digest])),
  };
}

const run = promisify(execFile);

/** What git says; its absence is no failure. */
export async function versionOf(workspaceFolder: string): Promise<Pick<HistoryRecord, 'commit' | 'uncommitted'>> {
  const git = (...words: string[]): Promise<string> =>
    run('git', words, { cwd: workspaceFolder, maxBuffer: 2 ** 24 }).then(({ stdout }) => stdout);
  try {
    const commit = (await git('rev-parse', '--verify', 'HEAD')).trim();
    const status = await git(
      'status',
      '--porcelain=v1',
      '-z',
      '--no-renames',
      '--',
      '.',
      `:(exclude)${HISTORY_FOLDER}`,
    );
    const uncommitted = status
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => line.slice(3));
    return { commit, uncommitted: uncommitted.sort() };
  } catch {
    return { commit: null, uncommitted: [] };
  }
}
