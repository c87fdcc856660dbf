import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { matches, producersOf, readManifest, STAGES } from '@graft/pipeline';
import type { StageName } from '@graft/pipeline';
import { TINY_PICTURES_PER_CLASS, tinyPicture } from '@graft/testkit';
import type { NxResult, TemporaryWorkspace } from '@graft/testkit';
import { encodePng, tinyWorkspace } from './tiny-workspace';

const SPEC = 'apps/tiny/experiment.yaml';
/** Those that nothing else needs; the last test looks at what wakes the exports. */
const APART: readonly StageName[] = ['cross-validate', 'export-onnx', 'export-tfjs', 'export-tflite', 'export-keras'];
const ALL: readonly StageName[] = STAGES.map(({ name }) => name).filter((name) => !APART.includes(name));
const RUN = ['run-many', '-t', 'check', 'export-kmodel', 'evaluate', 'flash-plan', '-p', 'tiny'];

type Outputs = ReadonlyMap<StageName, ReadonlyMap<string, string>>;

interface Edit {
  readonly title: string;
  readonly edit: (workspace: TemporaryWorkspace) => void | Promise<void>;
  /** The stages that read what is edited, and no other. `flash-plan` names the settings of a model in its kit, `evaluate` shows all. */
  readonly readers: readonly StageName[];
}

const inSpec =
  (from: string, to: string) =>
  (workspace: TemporaryWorkspace): void =>
    workspace.edit(SPEC, from, to);

const EDITS: readonly Edit[] = [
  { title: 'nothing', edit: () => undefined, readers: [] },
  { title: 'a comment', edit: inSpec('seed: 1', 'seed: 1 # drawn with care'), readers: ['resolve'] },
  {
    title: 'the order of keys',
    edit: inSpec('name: tiny\ndescription: Tell blue from red', 'description: Tell blue from red\nname: tiny'),
    readers: ['resolve'],
  },
  { title: 'quotes', edit: inSpec('name: tiny', 'name: "tiny"'), readers: ['resolve'] },
  { title: 'the unit of a size', edit: inSpec('2 MiB', '2097152'), readers: ['resolve'] },
  { title: 'the unit of a share', edit: inSpec('train: 60%', 'train: 0.6'), readers: ['resolve'] },
  { title: 'the description', edit: inSpec('Tell blue from red', 'Tell red from blue'), readers: ['resolve'] },
  {
    title: 'a new variant',
    edit: inSpec('seed: 1', 'seed: 1\nvariants: { big: { preprocess: { image_size: 40 } } }'),
    readers: ['resolve'],
  },
  {
    title: 'model.output',
    edit: inSpec('output: conv_pw_3_relu', 'output: conv_pw_2_relu'),
    readers: ['resolve', 'probe', 'flash-plan', 'evaluate'],
  },
  {
    title: 'model.output to auto',
    edit: inSpec('output: conv_pw_3_relu', 'output: auto'),
    readers: ['resolve', 'probe', 'flash-plan', 'evaluate'],
  },
  {
    title: 'train.epochs',
    edit: inSpec('epochs: 2', 'epochs: 3'),
    readers: ['resolve', 'train', 'flash-plan', 'evaluate'],
  },
  {
    title: 'train.optimizer: ridge',
    edit: inSpec('epochs: 2', 'epochs: 2\n  optimizer: ridge'),
    readers: ['resolve', 'train', 'flash-plan', 'evaluate'],
  },
  {
    title: 'quantize.calibration.samples',
    edit: inSpec('samples: 4', 'samples: 5'),
    readers: ['resolve', 'quantize', 'flash-plan', 'evaluate'],
  },
  {
    title: 'model.pooling',
    edit: inSpec('output: conv_pw_3_relu', 'output: conv_pw_3_relu\n  pooling: avg_max'),
    readers: ['resolve', 'train', 'flash-plan', 'evaluate'],
  },
  {
    title: 'augment.camera',
    edit: inSpec('augment: { repeats: 0 }', 'augment: { repeats: 1, camera: maix-bit, redraw: every_epoch }'),
    readers: ['resolve', 'train', 'flash-plan', 'evaluate'],
  },
  {
    title: 'quantize.calibration.method',
    edit: inSpec('samples: 4', 'samples: 4, method: auto'),
    readers: ['resolve', 'quantize', 'flash-plan', 'evaluate'],
  },
  {
    title: 'quantize.dense where there is no hidden layer',
    edit: inSpec('samples: 4 }', 'samples: 4 }\n  dense: kpu'),
    readers: ['resolve', 'evaluate'],
  },
  {
    title: 'quantize.aware_training',
    edit: inSpec('{ samples: 4 }', '{ samples: 4 }\n  aware_training: { unfreeze_from: conv_dw_1 }'),
    readers: ['resolve', 'quantize', 'flash-plan', 'evaluate'],
  },
  {
    title: 'flash.threshold',
    edit: inSpec('threshold: 0.5', 'threshold: 0.7'),
    readers: ['resolve', 'flash-plan', 'evaluate'],
  },
  {
    title: 'evaluate.unknown',
    edit: inSpec('flash:\n', 'evaluate: { unknown: { false_accept: 20% } }\nflash:\n'),
    readers: ['resolve', 'threshold', 'evaluate'],
  },
  {
    title: 'flash.self_test',
    edit: inSpec('threshold: 0.5', 'threshold: 0.5\n  self_test: 3'),
    readers: ['resolve', 'self-test', 'evaluate'],
  },
  {
    title: 'flash.engine',
    edit: inSpec('engine: sd', 'engine: dry-run'),
    readers: ['resolve', 'flash-plan', 'evaluate'],
  },
  {
    title: 'a board of the bench in place of its profile',
    edit: (workspace) => {
      workspace.edit(
        'project.yaml',
        'presets:',
        'devices: { desk: { profile: maix-bit, baud_rate: 460800 } }\npresets:',
      );
      workspace.edit(SPEC, 'flash:', 'target: desk\nflash:');
    },
    readers: ['resolve', 'evaluate'],
  },
  {
    title: 'dataset.checks',
    edit: inSpec('  limits:', '  checks: { blurred: ignore }\n  limits:'),
    readers: ['resolve', 'check', 'preprocess', 'flash-plan', 'evaluate'],
  },
  {
    title: 'dataset.split.group_by',
    edit: inSpec('test: 20% }', 'test: 20%, group_by: { glob: "**/session-*" } }'),
    readers: ['resolve', 'check', 'preprocess', 'flash-plan', 'evaluate'],
  },
  {
    title: 'the name of a class',
    edit: inSpec('name: blue', 'name: Azure'),
    readers: ['resolve', 'evaluate', 'flash-plan'],
  },
  {
    title: 'the order of the classes',
    edit: inSpec(
      '  - name: blue\n    folders: [blue]\n  - name: red\n    folders: [red]',
      '  - name: red\n    folders: [red]\n  - name: blue\n    folders: [blue]',
    ),
    readers: ['resolve', 'train', 'compile', 'evaluate', 'flash-plan'],
  },
  {
    title: 'one picture more',
    edit: async (workspace) => workspace.write('apps/tiny/images/red/new.png', await encodePng(tinyPicture('red', 99))),
    readers: ['fetch'],
  },
  {
    title: 'one picture',
    edit: async (workspace) => workspace.write('apps/tiny/images/red/0.png', await encodePng(tinyPicture('red', 98))),
    readers: ['fetch'],
  },
  {
    title: 'a default of the project that the experiment overrides',
    edit: (workspace) => workspace.edit('project.yaml', 'epochs: 9', 'epochs: 8'),
    readers: ['resolve'],
  },
  {
    title: 'a default of the project that the experiment takes',
    edit: (workspace) => workspace.edit('project.yaml', 'batch_size: 4', 'batch_size: 5'),
    readers: ['resolve', 'train', 'flash-plan', 'evaluate'],
  },
  {
    title: 'a preset',
    edit: (workspace) => workspace.edit('project.yaml', 'confidence_interval: 90%', 'confidence_interval: 95%'),
    readers: ['resolve', 'export-kmodel', 'evaluate'],
  },
  {
    title: 'a library that two stages use',
    edit: (workspace) =>
      workspace.write('libs/flasher/src/errors.ts', `${workspace.read('libs/flasher/src/errors.ts')}\n// Changed.\n`),
    readers: ['self-test', 'flash-plan'],
  },
  {
    title: 'the test of a library',
    edit: (workspace) => workspace.write('libs/image/src/planar.spec.ts', '// Changed.\n'),
    readers: [],
  },
  {
    title: 'the version of a package that four stages use',
    edit: changeSharpVersion,
    readers: ['check', 'preprocess', 'threshold', 'evaluate'],
  },
];

let workspace: TemporaryWorkspace;
let before: Outputs;

beforeAll(async () => {
  workspace = await tinyWorkspace();
  const first = await workspace.nx(...RUN);
  expect({ exitCode: first.exitCode, output: first.output }).toMatchObject({ exitCode: 0 });
  expect(ranIn(first)).toEqual([...ALL]);
  before = await outputs();
}, 180_000);

afterAll(() => workspace.dispose());

describe('changing', () => {
  test.each(EDITS)(
    '$title runs exactly the stages that read it, and others only while outputs differ',
    async ({ edit, readers }) => {
      const restore = snapshot(workspace);
      try {
        await edit(workspace);
        const result = await workspace.nx(...RUN);
        expect({ exitCode: result.exitCode, output: result.output }).toMatchObject({ exitCode: 0 });
        expect(ranIn(result)).toEqual(expectedRuns(readers, await outputs()));
      } finally {
        restore();
      }
    },
    120_000,
  );
});

test('an epoch more reaches the exported file', async () => {
  const restore = snapshot(workspace);
  workspace.edit(SPEC, 'epochs: 2', 'epochs: 12');
  const result = await workspace.nx(...RUN);
  restore();
  const behind = ['train', 'quantize', 'compile', 'export-kmodel', 'threshold', 'evaluate', 'self-test', 'flash-plan'];
  expect(ranIn(result)).toEqual(['resolve', ...behind]);
}, 120_000);

test('an output deleted by hand comes back from the cache', async () => {
  workspace.remove('apps/tiny/out/train');
  const result = await workspace.nx(...RUN);
  expect(ranIn(result)).toEqual([]);
  expect(await outputs()).toEqual(before);
}, 60_000);

test('an output tampered with is put right from the cache', async () => {
  workspace.write('apps/tiny/out/train/model/graph.json', '{}');
  const result = await workspace.nx(...RUN);
  expect(ranIn(result)).toEqual([]);
  expect(await outputs()).toEqual(before);
}, 60_000);

test('a format that is written in another way wakes its own export only', async () => {
  const restore = snapshot(workspace);
  const run = ['run-many', '-t', 'export-onnx', 'export-tfjs', '-p', 'tiny'];
  await workspace.nx(...run);
  workspace.edit(SPEC, 'flash:\n', 'export: { tfjs: { shard_size: 64 KiB } }\nflash:\n');
  const { tasks } = await workspace.nx(...run);
  restore();
  expect(tasks.filter(({ ran }) => ran).map(({ target }) => target)).toEqual(['resolve', 'export-tfjs']);
}, 60_000);

test('moving the workspace to another path runs nothing', async () => {
  const moved = join(dirname(workspace.folder), 'elsewhere', 'deeper');
  const elsewhere = workspace.at(moved);
  mkdirSync(dirname(moved));
  renameSync(workspace.folder, moved);
  try {
    const result = await elsewhere.nx(...RUN);
    expect({ exitCode: result.exitCode, ran: ranIn(result) }).toEqual({ exitCode: 0, ran: [] });
  } finally {
    renameSync(moved, workspace.folder);
  }
}, 60_000);

function ranIn({ tasks }: NxResult): StageName[] {
  const ran = new Set<string>(tasks.filter((task) => task.ran).map(({ target }) => target));
  return ALL.filter((stage) => ran.has(stage));
}

/** Works out who has to run without asking the build tool: the readers, and whoever takes a file that differs now. */
function expectedRuns(readers: readonly StageName[], after: Outputs): StageName[] {
  const takesAnother = (stage: (typeof STAGES)[number]): boolean =>
    producersOf(stage).some((producer) =>
      stage.consumes
        .filter((consumed) => consumed.stage === producer)
        .some(({ files }) => !sameFiles(matching(before, producer, files), matching(after, producer, files))),
    );
  return STAGES.filter((stage) => ALL.includes(stage.name))
    .filter((stage) => readers.includes(stage.name) || takesAnother(stage))
    .map(({ name }) => name);
}

function matching(of: Outputs, stage: StageName, glob: string): [string, string][] {
  return [...(of.get(stage) ?? [])].filter(([path]) => matches(glob, path));
}

function sameFiles(a: readonly [string, string][], b: readonly [string, string][]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function outputs(): Promise<Outputs> {
  const all = new Map<StageName, ReadonlyMap<string, string>>();
  for (const stage of ALL) {
    const manifest = await readManifest(stage, join(workspace.folder, 'apps/tiny/out', stage));
    all.set(stage, new Map(manifest.outputs.map(({ path, sha256 }) => [path, sha256])));
  }
  return all;
}

/** Every edit starts from the same files. */
function snapshot(of: TemporaryWorkspace): () => void {
  const paths = [
    SPEC,
    'project.yaml',
    'package-lock.json',
    'libs/flasher/src/errors.ts',
    'libs/image/src/planar.spec.ts',
  ];
  const pictures = Array.from({ length: TINY_PICTURES_PER_CLASS }, (_, number) => `apps/tiny/images/red/${number}.png`);
  const kept = [...paths, ...pictures].map((path) => ({ path, data: of.exists(path) ? of.bytes(path) : null }));
  return () => {
    of.remove('apps/tiny/images/red/new.png');
    for (const { path, data } of kept)
      if (data === null) of.remove(path);
      else of.write(path, data);
  };
}

function changeSharpVersion(of: TemporaryWorkspace): void {
  const lock: { packages: Record<string, { version: string; integrity: string }> } = JSON.parse(
    of.read('package-lock.json'),
  );
  const entry = lock.packages['node_modules/sharp'];
  lock.packages['node_modules/sharp'] = { ...entry, version: '0.35.4', integrity: 'sha512-changed' };
  of.write('package-lock.json', JSON.stringify(lock, null, 2));
}
