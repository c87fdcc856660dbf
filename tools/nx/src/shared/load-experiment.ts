import { readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { DiagnosticsError, formatDiagnostic } from '@graft/foundation';
import { loadExperiment, loadMirrors } from '@graft/spec';
import type { BenchDevice, Experiment, LoadOptions } from '@graft/spec';
import { readChoice } from './choice';

/**
 * Reads an experiment with everything it extends, in the variant that this run is about.
 * @param choice another variant, or other keys on top
 * @throws DiagnosticsError with every problem at once
 */
export function readExperiment(
  workspaceFolder: string,
  projectFolder: string,
  warn: (text: string) => void,
  choice: Pick<LoadOptions, 'variant' | 'settings'> = readChoice(),
): Experiment {
  const parsed = loadExperiment({
    experimentPath: relative(workspaceFolder, join(projectFolder, 'experiment.yaml')).replaceAll('\\', '/'),
    projectPath: 'project.yaml',
    defaultName: basename(projectFolder),
    readText: (path) => readIfPresent(join(workspaceFolder, path)),
    ...choice,
  });
  if (!parsed.ok) throw new DiagnosticsError(parsed.diagnostics);
  parsed.warnings.forEach((warning) => warn(formatDiagnostic(warning)));
  return parsed.value;
}

/**
 * The board of the bench that the experiment is for, if it is for one. Facts of a machine are in no cached output: whoever
 * touches a board reads them here. Warnings were told by `resolve`.
 */
export const readBoard = (workspaceFolder: string, projectFolder: string): BenchDevice | undefined =>
  readExperiment(workspaceFolder, projectFolder, () => undefined).board ?? undefined;

/** What project.yaml serves from elsewhere. @throws DiagnosticsError where that file is wrong */
export function readMirrors(workspaceFolder: string): Experiment['project']['mirrors'] {
  const parsed = loadMirrors({
    projectPath: 'project.yaml',
    readText: (path) => readIfPresent(join(workspaceFolder, path)),
  });
  if (!parsed.ok) throw new DiagnosticsError(parsed.diagnostics);
  return parsed.value;
}

function readIfPresent(path: string): string | null {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(path, 'utf8') : null;
}
