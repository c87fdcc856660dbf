import type { TargetConfiguration } from '@nx/devkit';
import { producersOf, STAGES } from '@graft/pipeline';
import type { StageDeclaration } from '@graft/pipeline';
import type { ExportFormat } from '@graft/spec';
import { libraryClosure } from './libraries';
import { isOutside, shellWord } from './outside';
import { SETTINGS_VARIABLE, VARIANT_VARIABLE } from './shared/choice';

type Inputs = NonNullable<TargetConfiguration['inputs']>;

export interface ExperimentFiles {
  /** The experiment's folder, relative to the workspace, as all paths here. */
  readonly root: string;
  /** Folders of pictures that the experiment names. */
  readonly directories: readonly string[];
  /** Archives and lists of addresses that it names. */
  readonly sourceFiles: readonly string[];
  /** Other experiments that it extends. */
  readonly extendedFiles: readonly string[];
  /** What `export` makes. */
  readonly formats: readonly ExportFormat[];
}

/** Every target of an experiment. Settings are never options: an option is part of every task's hash. */
export function experimentTargets(files: ExperimentFiles): Record<string, TargetConfiguration> {
  const targets: Record<string, TargetConfiguration> = {};
  for (const stage of STAGES) targets[stage.name] = stageTarget(stage, files);
  return {
    ...targets,
    export: {
      executor: 'nx:noop',
      cache: false,
      dependsOn: files.formats.map((format) => `export-${format}`),
      metadata: { description: 'Makes the network in all formats that export.formats lists.' },
    },
    flash: { ...sideTarget('flash', 'Writes the plan to the board or card.'), dependsOn: ['flash-plan'] },
    'verify-device': {
      ...sideTarget('verify-device', 'Lets the board compute test pictures, and compares.'),
      dependsOn: ['flash-plan'],
    },
    fit: sideTarget('fit', 'Says what the network needs on the board, how long a picture takes, what else would fit.'),
    'show-config': sideTarget('show-config', 'Prints the merged experiment and where each value comes from.'),
    why: sideTarget('why', 'Says for each stage whether it would run, and which key, file or tool changed.'),
    plan: sideTarget('plan', 'Says what a target would run, and what past runs lead to expect of time and memory.'),
    history: sideTarget('history', 'Lists the runs of this experiment, with figures and what each changed.'),
    compare: sideTarget('compare', 'Compares two runs: settings, figures with a test, flipped pictures.'),
    passes: {
      ...sideTarget('passes', 'Shows what each pass makes of the network.'),
      dependsOn: ['quantize'],
    },
    sweep: {
      ...sideTarget('sweep', 'Runs the grid under sweep, ranks its points, draws what they trade.'),
      parallelism: false,
    },
    inspect: sideTarget('inspect', 'Prints what a kmodel holds, of this experiment or of anybody else.'),
    'contact-sheet': {
      ...sideTarget('contact-sheet', 'Shows training pictures as the network sees them, plain and augmented.'),
      dependsOn: ['preprocess'],
    },
    predict: {
      ...sideTarget('predict', 'Answers to pictures, in float and in the arithmetic of the chip.'),
      dependsOn: ['fetch', 'preprocess', 'train', 'compile', 'threshold'],
    },
    'predict-imagenet': {
      ...sideTarget('predict', 'Answers to pictures with the pretrained network of 1000 classes; trains nothing.'),
      options: { model: 'imagenet' },
    },
    whois: sideTarget('whois', 'Says where a kmodel or a package with one comes from, and how to make it again.'),
    licenses: {
      ...sideTarget('licenses', 'Writes ATTRIBUTION.md: licences and credits of the pictures.'),
      dependsOn: ['fetch'],
    },
    lock: sideTarget('lock', 'Fetches the pictures and writes experiment.lock.json anew.'),
  };
}

/** Targets of the training library: what concerns this machine and no experiment. */
export function backendTargets(): Record<string, TargetConfiguration> {
  return {
    'setup-native': sideTarget('setup-native', 'Builds the fast back end where its usual download is out of reach.'),
    doctor: sideTarget('doctor', 'Says which back end trains here, why, and how fast this machine is.'),
  };
}

function stageTarget(stage: StageDeclaration, files: ExperimentFiles): TargetConfiguration {
  return {
    executor: `@graft/nx:${stage.name}`,
    cache: true,
    dependsOn: stage.name === 'resolve' ? [] : ['resolve', ...producersOf(stage), ...(stage.alongside ?? [])],
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
      { env: VARIANT_VARIABLE },
      { env: SETTINGS_VARIABLE },
      ...files.extendedFiles.filter(isInside).map((file) => `{workspaceRoot}/${file}`),
      ...digestOutside('files', files.extendedFiles, files.root),
    ];
  }
  const consumed = stage.consumes.map(({ stage: producer, files: glob }) => `**/out/${producer}/${glob}`);
  return [
    { dependentTasksOutputFiles: `**/out/resolve/${stage.name}.json` },
    ...consumed.map((glob) => ({ dependentTasksOutputFiles: glob })),
    ...(stage.name === 'fetch' ? fetchInputs(files) : []),
    ...(stage.packages.includes('@tensorflow/tfjs-core') ? [{ runtime: 'node tools/nx/backend-identity.cjs' }] : []),
    ...(stage.namesTools === true ? [{ runtime: 'node tools/nx/maker-tools.cjs' }] : []),
  ];
}

/** Pictures are often kept out of git, so they are hashed from the disk, wherever they lie. */
function fetchInputs({ root, directories, sourceFiles }: ExperimentFiles): Inputs {
  return [
    '{projectRoot}/experiment.lock.json',
    ...directories
      .filter(isInside)
      .map((directory) => ({ fileset: `{workspaceRoot}/${directory}/**/*`, includeIgnored: true })),
    ...sourceFiles.filter(isInside).map((file) => ({ fileset: `{workspaceRoot}/${file}`, includeIgnored: true })),
    ...digestOutside('sources', [...directories, ...sourceFiles], root),
  ];
}

function digestOutside(kind: 'files' | 'sources', paths: readonly string[], root: string): Inputs {
  return paths.some(isOutside) ? [{ runtime: `node tools/nx/digest-outside.cjs ${kind} ${shellWord(root)}` }] : [];
}

const isInside = (path: string): boolean => !isOutside(path);

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
