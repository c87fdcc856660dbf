import { join } from 'node:path';
import { GraftError } from '@graft/foundation';
import { expectationOf, producersOf, readManifest, STAGES, stageSettings, verifyOutputs } from '@graft/pipeline';
import type { Expectation, FetchSettings, FileRecord, Manifest, StageDeclaration, StageName } from '@graft/pipeline';
import type { Experiment } from '@graft/spec';
import { settingChanges, tableChanges } from './changes';
import type { Change } from './changes';
import { toolFingerprint } from './fingerprint';
import { fitOnDevice, resolvedBy } from './fit';
import { keysOf } from './keys';
import { resolvedKeys } from './resolved-keys';
import { fetchFiles, resolveFiles } from './source-files';

export interface StageVerdict {
  readonly stage: StageName;
  readonly verdict: 'up to date' | 'would run' | 'runs if its input changes';
  readonly reasons: readonly Change[];
  /** Of a run of it on this machine; null: none is known. */
  readonly expected: Expectation | null;
}

export interface Question {
  readonly experiment: Experiment;
  readonly workspaceFolder: string;
  readonly projectFolder: string;
  /** Times of past runs, by stage. */
  readonly timingFolder: string;
}

/** Compares each stage's manifest with the experiment, the files and the code as they are now. Runs nothing. */
export async function explainStages(question: Question): Promise<StageVerdict[]> {
  const verdicts: StageVerdict[] = [];
  const settings: Partial<Record<StageName, unknown>> = stageSettings(
    question.experiment.spec,
    resolvedBy(question.experiment, fitOnDevice(question.experiment)),
  );
  for (const stage of STAGES) {
    const waiting = producersOf(stage).filter((producer) =>
      verdicts.some((verdict) => verdict.stage === producer && verdict.verdict !== 'up to date'),
    );
    verdicts.push({
      ...(await explainStage(question, stage, { settings: settings[stage.name] ?? null, waiting })),
      expected: await expectationOf(question.timingFolder, stage.name),
    });
  }
  return verdicts;
}

interface Surroundings {
  readonly settings: unknown;
  /** Producers that would or might run themselves. */
  readonly waiting: readonly StageName[];
}

async function explainStage(
  question: Question,
  stage: StageDeclaration,
  { settings, waiting }: Surroundings,
): Promise<Omit<StageVerdict, 'expected'>> {
  const folder = join(question.projectFolder, 'out', stage.name);
  const done = await finished(stage.name, folder);
  if (typeof done === 'string') return { stage: stage.name, verdict: 'would run', reasons: [done] };
  const reasons = [
    ...(stage.name === 'resolve' ? await keyChanges(question) : []),
    ...settingChanges(done.inputs.settings, settings),
    ...tableChanges('file', done.inputs.files, await currentFiles(question, stage, done)),
    ...toolChanges(done, await toolFingerprint(stage, question.workspaceFolder)),
  ];
  if (reasons.length > 0) return { stage: stage.name, verdict: 'would run', reasons };
  if (waiting.length === 0) return { stage: stage.name, verdict: 'up to date', reasons: [] };
  const reason = `depends on what ${waiting.join(' and ')} will make`;
  return { stage: stage.name, verdict: 'runs if its input changes', reasons: [reason] };
}

/** The manifest of a finished stage, or why there is none. */
async function finished(stage: StageName, folder: string): Promise<Manifest | Change> {
  try {
    const manifest = await readManifest(stage, folder);
    await verifyOutputs(stage, folder, [{ stage, files: '**/*' }]);
    return manifest;
  } catch (error) {
    if (!(error instanceof GraftError)) throw error;
    if (error.code === 'E501') return 'it has not run yet, or its output is gone';
    return [error.message, ...error.details].join(': ');
  }
}

/** By their names in the YAML; each stage behind names what it sees of them in its own words. */
async function keyChanges({ experiment, projectFolder }: Question): Promise<Change[]> {
  const before = await resolvedKeys(join(projectFolder, 'out'));
  return before === null ? [] : settingChanges(before, keysOf(experiment));
}

async function currentFiles(
  question: Question,
  stage: StageDeclaration,
  done: Manifest,
): Promise<Record<string, string>> {
  const { experiment, workspaceFolder, projectFolder } = question;
  if (stage.name === 'resolve') return resolveFiles(workspaceFolder, experiment.files);
  const files: Record<string, string> = {};
  if (stage.name === 'fetch') {
    const { sources }: Pick<FetchSettings, 'sources'> = experiment.spec.dataset;
    Object.assign(files, await fetchFiles(projectFolder, [...sources, experiment.spec.model.weights]));
  }
  for (const producer of producersOf(stage)) {
    const consumed = stage.consumes.filter((one) => one.stage === producer);
    const folder = join(projectFolder, 'out', producer);
    const outputs = await verifyOutputs(producer, folder, consumed).catch(() => null);
    // A producer that is not whole has its own line; its consumers only wait for what it will make.
    Object.assign(files, outputs === null ? filesOf(done, producer) : byName(producer, outputs));
  }
  return files;
}

function byName(producer: StageName, outputs: readonly FileRecord[]): Record<string, string> {
  return Object.fromEntries(outputs.map(({ path, sha256 }) => [`${producer}/${path}`, sha256]));
}

function filesOf(done: Manifest, producer: StageName): Record<string, string> {
  return Object.fromEntries(Object.entries(done.inputs.files).filter(([name]) => name.startsWith(`${producer}/`)));
}

function toolChanges(done: Manifest, now: Record<string, string>): Change[] {
  return tableChanges('tool', done.tools, now);
}
