import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { evaluatePredictions, judgeGates, runResult } from '@graft/evaluation';
import type { RunResult } from '@graft/evaluation';
import {
  HISTORY_FOLDER,
  makerSettings,
  MAKERS,
  readManifest,
  settingsDigest,
  stageNamed,
  verifyLineage,
  verifyOutputs,
} from '@graft/pipeline';
import type {
  CompileSettings,
  ExportKmodelSettings,
  HistoryRecord,
  MakerSettings,
  NewRecord,
  StageName,
} from '@graft/pipeline';
import { gitIn } from './git';
import { readMeasured } from './measured';
import { provenanceOf } from './provenance';
import { resolvedKeys } from './resolved-keys';

export interface Place {
  readonly projectName: string;
  readonly projectFolder: string;
  readonly workspaceFolder: string;
}

/** What there is to remember of the model that this experiment's stages have just made, and how good it is. */
export async function recordOf(experiment: string, kmodel: Uint8Array, place: Place): Promise<NewRecord> {
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
    version: 2,
    project: projectName,
    provenance: await provenanceOf(kmodel, origin),
    settings,
    keys: await resolvedKeys(out),
    ...(await versionOf(workspaceFolder)),
    files: await filesOf(out, relative(workspaceFolder, projectFolder).replaceAll('\\', '/')),
    result: await resultIn(out),
  };
}

/** The model that lies among an experiment's outputs, with its record; null where none does, or not of one run. */
export async function presentRecord(place: Place): Promise<NewRecord | null> {
  const out = join(place.projectFolder, 'out');
  try {
    await verifyLineage(['compile'], out);
    await verifyOutputs('compile', join(out, 'compile'), stageNamed('export-kmodel').consumes);
    const { name } = await sliceIn<ExportKmodelSettings>(out, 'export-kmodel');
    return await recordOf(name, await readFile(join(out, 'compile', 'model', 'model.kmodel')), place);
  } catch {
    return null;
  }
}

/** Counts, sizes, limits and answers, from what `compile` measured. */
async function resultIn(out: string): Promise<RunResult> {
  const { predictions, facts } = await readMeasured(join(out, 'compile'));
  const { confidence, require } = await sliceIn<ExportKmodelSettings>(out, 'export-kmodel');
  const { classes } = await sliceIn<CompileSettings>(out, 'compile');
  const metrics = evaluatePredictions(predictions, { classes, confidence });
  return runResult(predictions, metrics, { ...facts, classes, gates: judgeGates(metrics, facts, require) });
}

async function sliceIn<Settings>(out: string, stage: StageName): Promise<Settings> {
  return JSON.parse(await readFile(join(out, 'resolve', `${stage}.json`), 'utf8')) as Settings;
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

/** What git says; its absence is no failure. */
export async function versionOf(workspaceFolder: string): Promise<Pick<HistoryRecord, 'commit' | 'uncommitted'>> {
  const git = gitIn(workspaceFolder);
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
