import { readFileSync, statSync } from 'node:fs';
import { dirname, basename, join } from 'node:path';
import { createNodesFromFiles } from '@nx/devkit';
import type { CreateNodesV2, CreateNodesContextV2, PreTasksExecution, ProjectConfiguration } from '@nx/devkit';
import { STAGES } from '@graft/pipeline';
import { scanReferences } from '@graft/spec';
import { libraryClosure } from './libraries';
import { choiceIn, choiceVariables } from './shared/choice';
import { backendTargets, experimentTargets } from './targets';

/** The library whose back end people may set up and look into. */
const TRAINING = 'libs/training';

/**
 * Infers one project from every experiment.yaml below apps/. It reads a few small files, only to learn which
 * folders of pictures and which other experiments one names; everything else is the stage `resolve`'s work.
 */
export const createNodesV2: CreateNodesV2 = [
  `{apps/*/experiment.yaml,${TRAINING}/package.json}`,
  (files, _options, context) => createNodesFromFiles(inferProject, files, undefined, context),
];

export const name = '@graft/nx';

/**
 * Variants are configurations that no target declares: names in a target are part of the hash of every task, and one
 * more variant would run everything again. The build tool ignores an undeclared configuration, so it is read here and
 * handed to `resolve`, whose hash alone holds it (docs/decisions/0037-variants-by-resolve.md).
 */
export const preTasksExecution: PreTasksExecution = (_options, { argv }) => {
  Object.assign(process.env, choiceVariables(choiceIn(argv)));
};

/** An edit in the plugin or in a library that a stage runs concerns every experiment; no import tells the build tool so. */
const LIBRARIES = libraryClosure(STAGES.flatMap(({ libraries }) => [...libraries])).map((name) => `@graft/${name}`);

function inferProject(file: string, options: unknown, context: CreateNodesContextV2) {
  return dirname(file) === TRAINING
    ? { projects: { [TRAINING]: { targets: backendTargets() } } }
    : inferExperiment(file, options, context);
}

function inferExperiment(file: string, _options: unknown, context: CreateNodesContextV2) {
  const root = dirname(file);
  const references = scanReferences({
    experimentPath: file,
    projectPath: 'project.yaml',
    readText: (path) => readIfPresent(join(context.workspaceRoot, path)),
  });
  const project: ProjectConfiguration = {
    root,
    name: basename(root),
    projectType: 'application',
    tags: ['experiment'],
    implicitDependencies: ['@graft/nx', ...LIBRARIES],
    targets: experimentTargets({ root, ...references }),
  };
  return { projects: { [root]: project } };
}

function readIfPresent(path: string): string | null {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(path, 'utf8') : null;
}
