import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '@graft/foundation';
import type { ExampleIndex } from '@graft/image';
import type { Experiment } from '@graft/spec';
import type { ExecutorContext } from '@nx/devkit';
import { explainStages, type StageVerdict } from './explain-stages';
import { readExperiment } from './load-experiment';
import { cacheFolderOf, experimentOf } from './stage-executor';
import { strictProblems } from './strict';
import { timingFolder } from './timing';

export interface Explained {
  readonly experiment: Experiment;
  readonly verdicts: readonly StageVerdict[];
  /** Strict limits that the test pictures cannot meet, as many as there were in the last run of `preprocess`. */
  readonly warnings: readonly Diagnostic[];
}

/** What each stage of the experiment in question would do now, and why. Runs nothing. */
export async function explainExperiment(context: ExecutorContext, warn: (line: string) => void): Promise<Explained> {
  const { projectName, projectFolder } = experimentOf(context);
  const experiment = readExperiment(context.root, projectFolder, warn);
  const verdicts = await explainStages({
    experiment,
    workspaceFolder: context.root,
    projectFolder,
    timingFolder: timingFolder(cacheFolderOf(context.root), projectName),
  });
  return { experiment, verdicts, warnings: strictProblems(experiment, await testPictures(projectFolder)) };
}

/** Null before `preprocess` has run. */
async function testPictures(projectFolder: string): Promise<number | null> {
  const path = join(projectFolder, 'out', 'preprocess', 'examples', 'index.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const { examples }: Pick<ExampleIndex, 'examples'> = JSON.parse(text);
  return examples.filter(({ split }) => split === 'test').length;
}
