import { posix } from 'node:path';
import type { TargetConfiguration } from '@nx/devkit';
import { producersOf, STAGES } from '@graft/pipeline';
import type { StageDeclaration } from '@graft/pipeline';
import { libraryClosure } from './libraries';

type Inputs = NonNullable<TargetConfiguration['inputs']>;

export interface ExperimentFiles {
  /** Below the workspace root. */
  readonly root: string;
  /** Folders of pictures that the experiment names, relative to `root`. */
  readonly directories: readonly string[];
  /** Other experiments that it extends, relative to `root`. */
  readonly extendedFiles: readonly string[];
}

/** Every target of an experiment. Settings are never options: an option is part of every task's hash. */
export function experimentTargets(files: ExperimentFiles): Record<string, TargetConfiguration> {
  const targets: Record<string, TargetConfiguration> = {};
  for (const stage of STAGES) targets[stage.name] = stageTarget(stage, files);
  return {
    ...targets,
    flash: { ...sideTarget('flash', 'Writes the plan to the board or card.'), dependsOn: ['flash-plan'] },
    'show-config': sideTarget('show-config', 'Prints the merged experiment and where each value comes from.'),
    why: sideTarget('why', 'Says for each stage whether it would run, and which key, file or tool changed.'),
    lock: sideTarget('lock', 'Fetches the pictures and writes experiment.lock.json anew.'),
  };
}

function stageTarget(stage: StageDeclaration, files: ExperimentFiles): TargetConfiguration {
  return {
    executor: `@graft/nx:${stage.name}`,
    cache: true,
    dependsOn: stage.name === 'resolve' ? [] : ['resolve', ...producersOf(stage)],
    inputs: [...stageInputs(stage, files), ...codeInputs(stage)],
    outputs: [`{projectRoot}/out/${stage.name}`],
    ...(stage.usesAllCores ? { parallelism: false } : {}),
    metadata: { description: stage.summary },
  };
}

function sideTarget(executor: string, description: string): TargetConfiguration {
  return { executor: `@graft/nx:${executor}`, cache: false, metadata: { description } };
}

function stageInputs(stage: StageDeclaration, files: ExperimentFiles): Inputs {
  if (stage.name === 'resolve') {
    return [
      '{projectRoot}/experiment.yaml',
      '{workspaceRoot}/project.yaml',
      ...files.extendedFiles.map((file) => `{workspaceRoot}/${posix.join(files.root, file)}`),
    ];
  }
  const consumed = stage.consumes.map(({ stage: producer, files: glob }) => `**/out/${producer}/${glob}`);
  return [
    { dependentTasksOutputFiles: `**/out/resolve/${stage.name}.json` },
    ...consumed.map((glob) => ({ dependentTasksOutputFiles: glob })),
    ...(stage.name === 'fetch' ? fetchInputs(files) : []),
    ...(stage.packages.includes('@tensorflow/tfjs-core') ? [{ runtime: 'node tools/nx/backend-identity.cjs' }] : []),
  ];
}

/** Pictures are often kept out of git, so they are hashed from the disk, wherever they lie. */
function fetchInputs(files: ExperimentFiles): Inputs {
  const directories = files.directories.map((directory) => posix.join(files.root, directory));
  const outside = directories.some((directory) => directory.startsWith('../'));
  return [
    '{projectRoot}/experiment.lock.json',
    ...directories
      .filter((directory) => !directory.startsWith('../'))
      .map((directory) => ({ fileset: `{workspaceRoot}/${directory}/**/*`, includeIgnored: true })),
    ...(outside ? [{ runtime: `node tools/nx/digest-directories.cjs ${files.root}` }] : []),
  ];
}

function codeInputs(stage: StageDeclaration): Inputs {
  return [
    { projects: libraryClosure(stage.libraries).map((library) => `@graft/${library}`), input: 'production' },
    `{workspaceRoot}/tools/nx/src/executors/${stage.name}/**/*`,
    '{workspaceRoot}/tools/nx/src/shared/**/*',
    '{workspaceRoot}/tools/nx/load-typescript.cjs',
    // Also where the list is empty: without it, the version of every installed package would count.
    { externalDependencies: [...stage.packages] },
  ];
}
