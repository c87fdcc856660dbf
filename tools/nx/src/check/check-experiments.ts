import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DiagnosticsError, formatError } from '@graft/foundation';
import { fitOnDevice } from '../shared/fit';
import { readExperiment } from '../shared/load-experiment';

/** 0: sound, 2: an experiment is wrong. (1 is left to Node itself.) */
export type CheckStatus = 0 | 2;

/**
 * Checks experiments as `resolve` does, without the build tool, which ends every failure with exit status 1.
 * `folders` are experiment folders relative to `currentFolder`; none given means every experiment below `apps`.
 */
export function checkExperiments(
  workspaceFolder: string,
  currentFolder: string,
  folders: readonly string[],
  say: (line: string) => void,
): CheckStatus {
  const experiments =
    folders.length === 0
      ? allExperiments(workspaceFolder)
      : folders.map((folder) => relative(workspaceFolder, join(currentFolder, folder)).replaceAll('\\', '/'));
  const failed = experiments.filter((folder) => !isSound(workspaceFolder, folder, say));
  return failed.length === 0 ? 0 : 2;
}

function allExperiments(workspaceFolder: string): string[] {
  return readdirSync(join(workspaceFolder, 'apps'))
    .map((name) => `apps/${name}`)
    .filter((folder) => isFile(join(workspaceFolder, folder, 'experiment.yaml')))
    .sort();
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function isSound(workspaceFolder: string, folder: string, say: (line: string) => void): boolean {
  try {
    const experiment = readExperiment(workspaceFolder, join(workspaceFolder, folder), say);
    const { diagnostics } = fitOnDevice(experiment);
    if (diagnostics.length > 0) throw new DiagnosticsError(diagnostics);
    say(`${folder}: sound`);
    return true;
  } catch (error) {
    say(formatError(error));
    say(`${folder}: wrong`);
    return false;
  }
}
