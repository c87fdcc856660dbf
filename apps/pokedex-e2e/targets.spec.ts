import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { sha256 } from '@graft/foundation';
import { STAGE_NAMES } from '@graft/pipeline';
import { FakeK210, hasPty, PtyBoard, ReplBoard, TINY_PICTURES_PER_CLASS, tinyPicture } from '@graft/testkit';
import type { MaixPyBoard, NxResult, TemporaryWorkspace } from '@graft/testkit';
import { encodePng, REPOSITORY, tinyWorkspace } from './tiny-workspace';

const SPEC = 'apps/tiny/experiment.yaml';
const OUT = 'apps/tiny/out';
const LOCK = 'apps/tiny/experiment.lock.json';
const NEW_PICTURE = 'apps/tiny/images/red/new.png';
const KMODEL = `${OUT}/export-kmodel/tiny.kmodel`;
/** What the build tool shows by itself depends on who calls it. */
const SHOW_ALL = '--output-style=static';
/** One stage on the outputs that lie there, whatever the build tool remembers. */
const ALONE = ['--skip-nx-cache', '--exclude-task-dependencies'];

/** Those of the training library; all others are targets of an experiment. */
const BACKEND_TARGETS = ['setup-native', 'doctor'];

interface Executor {
  readonly description: string;
  readonly schema: string;
}

interface Schema {
  readonly description: string;
  readonly properties: Readonly<Record<string, { readonly description: string }>>;
}

let workspace: TemporaryWorkspace;
let first: NxResult;
let originals: ReadonlyMap<string, string>;

beforeAll(async () => {
  workspace = await tinyWorkspace();
  originals = new Map([SPEC, 'project.yaml'].map((path) => [path, workspace.read(path)]));
  const targets = [
    'check',
    'export-kmodel',
    'export-onnx',
    'export-tfjs',
    'export-tflite',
    'export-keras',
    'evaluate',
    'flash-plan',
    'cross-validate',
  ];
  first = await workspace.nx('run-many', '-t', ...targets, '-p', 'tiny', SHOW_ALL);
}, 180_000);

afterEach(() => {
  originals.forEach((text, path) => workspace.write(path, text));
  workspace.remove(LOCK);
  workspace.remove(NEW_PICTURE);
});

afterAll(() => workspace.dispose());

const run = (target: string, ...args: readonly string[]): Promise<NxResult> =>
  workspace.nx('run', `tiny:${target}`, SHOW_ALL, ...args);

const addPicture = async (): Promise<void> =>
  workspace.write(NEW_PICTURE, await encodePng(tinyPicture('red', TINY_PICTURES_PER_CLASS)));

const ranIn = ({ tasks }: NxResult): string[] => tasks.filter(({ ran }) => ran).map(({ target }) => target);

/** Whole result, so that a failing test shows what people would have seen. */
function expectSuccess({ exitCode, output }: NxResult): void {
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
}

function expectFailure({ exitCode, output }: NxResult): void {
  expect({ exitCode, output }).not.toMatchObject({ exitCode: 0 });
  expect(output).not.toMatch(/^\s+at /m);
  expect(output).not.toContain('internal:');
}

describe('an experiment that is in order', () => {
  test('run-many runs every stage of an empty workspace once', () => {
    expectSuccess(first);
    expect(ranIn(first).sort()).toEqual([...STAGE_NAMES].sort());
    expect(first.tasks.every(({ succeeded }) => succeeded)).toBe(true);
  });

  test('the report shows the speed that was estimated and the map of both memories', () => {
    expect(workspace.read(`${OUT}/evaluate/report.md`)).toMatch(/!\[.* layers\. KPU RAM .*\]\(memory-map\.svg\)/);
    expect(workspace.read(`${OUT}/evaluate/memory-map.svg`)).toContain('<title>conv1: lines ');
    expect(workspace.read(`${OUT}/evaluate/metrics.json`)).toContain('"estimatedMs"');
    expect(first.output).toMatch(/^speed \(estimate\) about .* pictures a second: .* ms each \(.* to .* ms\)$/m);
  });

  test('the report shows how training went', () => {
    const [, description] =
      /^!\[(.*)\]\(training-curves\.svg\)$/m.exec(workspace.read(`${OUT}/evaluate/report.md`)) ?? [];
    const { bestEpoch }: { bestEpoch: number } = JSON.parse(workspace.read(`${OUT}/train/history/summary.json`));
    expect(description).toMatch(/^Phases: training, 2 epochs\. First epoch: loss [\d.]+, accuracy [\d.]+ %/);
    expect(description).toContain(`Kept: epoch ${bestEpoch}, `);
    expect(workspace.read(`${OUT}/evaluate/training-curves.svg`)).toContain('<title>epoch 2 (training): loss ');
  });

  test('the report shows what each layer lost in 8 bits', () => {
    expect(workspace.read(`${OUT}/evaluate/report.md`)).toMatch(/^\| conv\\_dw\\_1 \| [\d.]+ dB \| `.+` \|/m);
    expect(JSON.parse(workspace.read(`${OUT}/evaluate/metrics.json`))).toMatchObject({
      quantization: { candidates: [], layers: expect.arrayContaining([expect.objectContaining({ name: 'conv1' })]) },
    });
  });

  test('after that nothing would run, and why says so', async () => {
    const { output } = await run('why');
    for (const stage of STAGE_NAMES) expect(output).toMatch(new RegExp(`^${stage} +up to date$`, 'm'));
  }, 30_000);

  test.each(STAGE_NAMES)(
    'nx run tiny:%s runs that stage alone and makes the same bytes again',
    async (stage) => {
      const manifest = `${OUT}/${stage}/manifest.json`;
      const before = workspace.read(manifest);
      const result = await run(stage, ...ALONE);
      expectSuccess(result);
      expect(result.tasks.map(({ target }) => target)).toEqual([stage]);
      expect(workspace.read(manifest)).toBe(before);
    },
    60_000,
  );

  test('another process, folder, time zone, language and user make the same network, history and kmodel, byte for byte', async () => {
    // No such user or terminal is needed for the names to be seen.
    const other = await tinyWorkspace({
      ...{ TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', USER: 'somebody', COLUMNS: '40' },
    });
    try {
      const result = await other.nx('run', 'tiny:export-kmodel');
      expect(ranIn(result)).toContain('train');
      expect(other.folder).not.toBe(workspace.folder);
      const trained = ['model/graph.json', 'model/graph.bin', 'history/history.jsonl', 'history/summary.json'];
      for (const file of [...trained.map((name) => `${OUT}/train/${name}`), KMODEL])
        expect({ file, same: other.bytes(file).equals(workspace.bytes(file)) }).toEqual({ file, same: true });
    } finally {
      other.dispose();
    }
  }, 90_000);

  test('show-config tells for each value where it comes from', async () => {
    const { output, exitCode } = await run('show-config');
    const from = (line: RegExp, origin: string): void =>
      expect(output).toMatch(new RegExp(`^ *${line.source} +# ${origin.replaceAll(/[.()]/g, '\\$&')}$`, 'm'));
    from(/epochs: 2/, `${SPEC}:25`);
    from(/batch_size: 4/, 'defaults (project.yaml:3)');
    from(/confidence_interval: 90%/, 'preset quick (project.yaml:6)');
    from(/name: adam/, 'default');
    expect(exitCode).toBe(0);
  }, 30_000);
});

/** Runs Nx until something has happened, and then does to all its processes what Ctrl-C at a terminal does. */
async function interrupted(words: readonly string[], when: () => boolean): Promise<void> {
  const [program, prefix] = workspace.nxProgram();
  const options = { cwd: workspace.folder, env: workspace.environment(), stdio: 'ignore', detached: true } as const;
  const child = spawn(program, [...prefix, ...words], options);
  const ended = once(child, 'exit');
  const timer = setInterval(() => {
    if (!when()) return;
    clearInterval(timer);
    process.kill(-(child.pid ?? 0), 'SIGINT');
  }, 50);
  await ended;
  clearInterval(timer);
}

/** Gives the experiment hidden layers with activations that the firmware lacks. */
function useHead(): void {
  workspace.edit(
    SPEC,
    '  output: conv_pw_3_relu\n',
    `  output: conv_pw_3_relu
  head:
    - { dense: 6, activation: tanh }
    - { dense: 5, activation: leaky_relu }
    - { dense: 4, activation: sigmoid }
`,
  );
}

test('a head with activations that the firmware lacks is trained, exported and answers alike on the chip', async () => {
  useHead();
  const result = await run('export-kmodel');
  expectSuccess(result);
  expect(result.output).toMatch(/agreement +100\.00 %/);
  const { output } = await run('inspect');
  // The leaky ReLU has twice its five units, and the sigmoid is a layer of its own.
  for (const layer of [/fullyConnected +\d+ +6\b/, /fullyConnected +6 +10\b/, /logistic +4 +4\b/])
    expect(output).toMatch(layer);
}, 60_000);

test('the same head runs on the KPU when it is asked for, and the last layer stays float', async () => {
  useHead();
  workspace.edit(SPEC, 'samples: 4 }', 'samples: 4 }\n  dense: kpu');
  const result = await run('export-kmodel');
  expectSuccess(result);
  expect(result.output).toMatch(
    /dense layers dense_1, dense_2, dense_3 on the KPU in 8 bits; in 8 bits \d of \d right/,
  );
  expect(result.output).toMatch(/device accuracy +\d+\.\d\d %/);
  expect(result.output).toMatch(/agreement +100\.00 %/);
  const { output } = await run('inspect');
  for (const layer of [/ quantize /, / addPadding /, / removePadding /, /fullyConnected +4 +2\b/])
    expect(output).toMatch(layer);
  for (const map of ['6×4×4', '5×4×4', '4×4×4']) expect(output).toContain(map);
  expect(output).not.toContain('logistic');
  expect(workspace.read(`${OUT}/resolve/fit/fit.txt`)).toMatch(/^dense layers +KPU, 8 bits: /m);
}, 90_000);

describe('variants', () => {
  beforeEach(() =>
    workspace.write(
      SPEC,
      `${workspace.read(SPEC)}variants:
  sure: { evaluate: { confidence_interval: 80% } }
  big: { preprocess: { image_size: 40 } }
`,
    ),
  );

  test('share every stage with equal settings, and the experiment comes back from the cache', async () => {
    // Made here, so that this test stands by itself; a new variant wakes resolve alone.
    expectSuccess(await run('export-kmodel'));
    const kmodel = workspace.bytes(KMODEL);
    const sure = await run('export-kmodel', '--configuration=sure');
    expectSuccess(sure);
    expect(ranIn(sure).sort()).toEqual(['evaluate', 'export-kmodel', 'resolve']);
    expect(sure.output).toContain('80 % interval');
    expect(workspace.bytes(`${OUT}/export-kmodel/tiny-sure.kmodel`).equals(kmodel)).toBe(true);
    expect(workspace.exists(KMODEL)).toBe(false);
    const back = await run('export-kmodel');
    expect(ranIn(back)).toEqual([]);
    expect(back.output).toContain('90 % interval');
    expect(workspace.bytes(KMODEL).equals(kmodel)).toBe(true);
    expect(ranIn(await workspace.nx('run', 'tiny:preprocess:big', SHOW_ALL))).toEqual(['resolve', 'preprocess']);
  }, 120_000);

  test('an unknown one is suggested, and nothing runs in its place', async () => {
    const result = await run('train', '-c', 'bigg');
    expectFailure(result);
    expect(result.output).toContain('did you mean --configuration=big?');
    expect(result.tasks.find(({ target }) => target === 'train')?.ran).not.toBe(true);
  }, 30_000);

  test('show-config shows what --set sets on top', async () => {
    const { output, exitCode } = await run('show-config', '--configuration=big', '--set', 'train.epochs=7');
    expect(output).toMatch(/epochs: 7 +# set \(--set train\.epochs:1\)/);
    expect(output).toMatch(/image_size: 40 +# variant big \(/);
    expect(exitCode).toBe(0);
  }, 30_000);
});

describe('sweep', () => {
  test('runs a grid whose points share stages; again, all of it comes from the cache', async () => {
    workspace.write(SPEC, `${workspace.read(SPEC)}sweep: { quantize.calibration.samples: [3, 4] }\n`);
    const plan = await run('sweep', '--plan');
    expect(plan.output).toMatch(/^sweep of tiny: 2 points$/m);
    expect(plan.output).toMatch(/train 1, quantize 2, compile 2/);
    expectSuccess(await run('export-kmodel'));
    const grid = await run('sweep');
    expectSuccess(grid);
    expect(grid.output).toMatch(
      /^\[1\/2\] quantize\.calibration\.samples 3\n +device [\d.]+ %, .*ran resolve, quantize, compile, .*export-kmodel\)/m,
    );
    const again = await run('sweep');
    expect(again.output.match(/\(all from the cache\)/g)).toHaveLength(2);
    // Outputs have taken turns, and the experiment's own are back.
    expect(workspace.exists(KMODEL)).toBe(true);
    const { points, others } = JSON.parse(workspace.read(`${OUT}/sweep/sweep.json`));
    expect([points.length, others.length]).toEqual([2, 0]);
    expect(workspace.read(`${OUT}/sweep/sweep.html`)).toContain('<svg ');
  }, 400_000);

  test('without one in the experiment says how to write it', async () => {
    const result = await run('sweep');
    expectFailure(result);
    expect(result.output).toContain('error[E520]');
  }, 30_000);
});

describe('model.output: auto', () => {
  const cutIn = (text: string): string => (JSON.parse(text) as { readonly output: string }).output;
  const auto = (): void => workspace.edit(SPEC, 'output: conv_pw_3_relu', 'output: auto');
  let chosen = '';

  // Each test stands by itself: after the first, this comes from the cache.
  beforeEach(async () => {
    auto();
    expectSuccess(await run('evaluate'));
    chosen = cutIn(workspace.read(`${OUT}/probe/cut/cut.json`));
  }, 90_000);

  test('compares the cuts that fit the board on training pictures, and the report shows them', () => {
    const report = workspace.read(`${OUT}/evaluate/report.md`);
    // 32 pixels are halved five times at most.
    const rows = report.match(/^\| (\*\*)?conv\S+ \| [\d.]+ % \| [\d.]+ % to [\d.]+ % \| [\d.]+ KB \| [\d.]+ ms \|$/gm);
    expect(rows?.length).toBeGreaterThan(3);
    expect(report).toContain(`| **${chosen.replaceAll('_', '\\_')}** | `);
    expect(report).toMatch(/cross-validated on \d+ training pictures/);
    const { nodes }: { nodes: { name: string }[] } = JSON.parse(workspace.read(`${OUT}/train/model/graph.json`));
    expect(nodes.filter(({ name }) => /^conv.*_relu$/.test(name)).at(-1)?.name).toBe(chosen);
  });

  test('is told by show-config, why and fit', async () => {
    const told = `model.output: auto is ${chosen}, as stage probe chose`;
    expect((await run('show-config')).output).toContain(`# ${told}\n`);
    expect((await run('why')).output).toContain(`${told}\n`);
    const { output } = await run('fit');
    expect(output).toMatch(/^conv_pw_3_relu +[\d.]+ KiB +[\d.]+ MiB +[\d.]+ +is compared$/m);
    expect(output).toMatch(/^The largest that is compared, conv_\w+_relu:$/m);
  }, 60_000);

  test('wakes only the report, which loses its table of cuts, when the cut that it chose is named instead', async () => {
    workspace.edit(SPEC, 'output: auto', `output: ${chosen}`);
    const result = await run('evaluate');
    expectSuccess(result);
    expect(ranIn(result)).toEqual(['resolve', 'probe', 'evaluate']);
    expect(workspace.read(`${OUT}/evaluate/report.md`)).not.toContain('cross-validated on');
  }, 60_000);

  test('chooses anew in each fold of a cross-validation', async () => {
    const result = await run('cross-validate');
    expectSuccess(result);
    expect(result.output.match(/^the backbone ends with conv\w+_relu$/gm)).toHaveLength(5);
  }, 90_000);

  test('says what comes nearest where no cut will do', async () => {
    workspace.edit(SPEC, 'threshold: 0.5', 'threshold: 0.5\nrequire: { latency: "<= 0.1 ms" }');
    const result = await run('export-kmodel');
    expectFailure(result);
    expect(ranIn(result)).toEqual(['resolve']);
    expect(result.output).toMatch(/error\[E714\] require\.latency allows 0\.1 ms a picture; the estimate is [\d.]+ ms/);
    expect(result.output).toMatch(/no cut of the backbone will do; this is about conv\w+_relu, which comes nearest/);
  }, 60_000);
});

describe('affected', () => {
  const affected = async (...files: readonly string[]): Promise<string[]> => {
    const { output } = await workspace.nx('show', 'projects', '--affected', `--files=${files.join(',')}`);
    return output.split('\n').filter((line) => /^[a-z]+$/.test(line));
  };

  beforeAll(() => workspace.write('apps/other/experiment.yaml', workspace.read(SPEC)));
  afterAll(() => workspace.remove('apps/other'));

  test.each([
    ['its own file', SPEC, ['tiny']],
    ['one of its pictures', 'apps/tiny/images/red/0.png', ['tiny']],
    ['what all share', 'project.yaml', ['other', 'tiny']],
    ['a library that a stage uses', 'libs/flasher/src/errors.ts', ['other', 'tiny']],
    ['a library that no stage uses', 'libs/testkit/src/index.ts', []],
    ['the plugin', 'tools/nx/src/targets.ts', ['other', 'tiny']],
    ['a text for people', 'README.md', []],
  ])(
    'an edit in %s (%s) concerns the experiments %j',
    async (_, file, experiments) => {
      expect(await affected(file)).toEqual(experiments);
    },
    30_000,
  );

  test('nx affected brings the experiments that an edit concerns up to date, and no other', async () => {
    const result = await workspace.nx('affected', '-t', 'export-kmodel', `--files=${SPEC}`, SHOW_ALL);
    expectSuccess(result);
    expect(ranIn(result)).toEqual([]);
    expect(result.output).toContain('nx run tiny:export-kmodel');
    expect(result.output).not.toContain('nx run other:');
  }, 30_000);
});

test('export makes all formats that export.formats lists, each as its own target does', async () => {
  workspace.edit(SPEC, 'flash:\n', 'export: { formats: [kmodel, tfjs] }\nflash:\n');
  const { tasks } = await run('export');
  const made = tasks.filter(({ target }) => target.startsWith('export-'));
  expect(made.map(({ target }) => target).sort()).toEqual(['export-kmodel', 'export-tfjs']);
  expect(made.every(({ ran }) => !ran)).toBe(true);
  const { userDefinedMetadata } = JSON.parse(workspace.read(`${OUT}/export-tfjs/model/model.json`));
  expect(userDefinedMetadata).toMatchObject({
    labels: ['blue', 'red'],
    provenance: { lockSha256: expect.stringMatching(/^[0-9a-f]{64}$/), tools: { graft: expect.any(String) } },
  });
}, 60_000);

test('export-tflite writes both variants, which say what they are', () => {
  const folder = `${OUT}/export-tflite/model`;
  const { labels, files } = JSON.parse(workspace.read(`${folder}/tiny.json`));
  expect(labels).toEqual(['blue', 'red']);
  expect(Object.keys(files)).toEqual(['tiny-float32.tflite', 'tiny-int8.tflite']);
  for (const name of Object.keys(files)) expect(workspace.read(`${folder}/${name}`)).toContain('TFL3');
  expect(workspace.read(`${folder}/labels.txt`)).toBe('blue\nred\n');
});

test('a network that was exported is a trunk to start from, and another file is noticed', async () => {
  const exported = `${OUT}/export-onnx/model/tiny.onnx`;
  workspace.write('apps/tiny/trunk.onnx', workspace.bytes(exported));
  workspace.edit(SPEC, 'weights: none', 'weights: { path: ./trunk.onnx }');
  const { tasks, output, exitCode } = await run('train');
  expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining('W640') });
  expect(tasks.filter(({ ran }) => ran).map(({ target }) => target)).toEqual(['resolve', 'fetch', 'probe', 'train']);
  expect(workspace.read(`${OUT}/fetch/lock/experiment.lock.json`)).toContain('"./trunk.onnx"');
  workspace.write('apps/tiny/trunk.onnx', Buffer.from('another file'));
  const refused = await run('fetch');
  workspace.remove('apps/tiny/trunk.onnx');
  expectFailure(refused);
  expect(refused.output).toContain('error[E830] ./trunk.onnx cannot be read as weights');
}, 120_000);

describe('help', () => {
  const { executors }: { executors: Readonly<Record<string, Executor>> } = readJson('tools/nx/executors.json');

  test.each(Object.entries(executors))(
    'of %s says in whole sentences what it does and what its options do',
    async (name, executor) => {
      const schema: Schema = readJson(join('tools/nx', executor.schema));
      const project = BACKEND_TARGETS.includes(name) ? 'training' : 'tiny';
      const { output, exitCode } = await workspace.nx('run', `${project}:${name}`, SHOW_ALL, '--help');
      const shown = output.replaceAll(/\[(string|boolean)\][^\n]*|\s+/g, ' ').replaceAll(/ +/g, ' ');
      const sentences = [schema, ...Object.values(schema.properties)].map(({ description }) => description);
      for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\w.*\.$/);
      expect(shown).toContain(schema.description);
      for (const [option, { description }] of Object.entries(schema.properties)) {
        expect(shown).toContain(`--${option}`);
        for (const word of description.split(' ')) expect(shown).toContain(word);
      }
      expect(executor.description).toBe(schema.description);
      expect(exitCode).toBe(0);
    },
    30_000,
  );
});

describe('check', () => {
  const BAD = 'apps/tiny/images/red/page.png';
  afterEach(() => workspace.remove(BAD));

  test('says what it found, shows it on a page, and fails where a check says error', async () => {
    workspace.write(BAD, '<!doctype html><title>404</title>');
    const result = await run('check');
    expectFailure(result);
    expect(result.output).toMatch(/^unreadable +1 {3}error$/m);
    expect(result.output).toMatch(/error\[E212\] 1 picture cannot be read\n +images\/red\/page\.png +is an HTML page/);
    expect(workspace.read(`${OUT}/check/check.html`)).toContain('is an HTML page');
    expect(JSON.parse(workspace.read(`${OUT}/check/check.json`))).toMatchObject({ version: 1, experiment: 'tiny' });
    const refused = await run('preprocess');
    expectFailure(refused);
    expect(refused.output).toContain('error[E212]');
  }, 60_000);

  test('--list prints every check, and with a key all that it found, and leaves the outputs as they are', async () => {
    expectSuccess(await run('check'));
    const before = workspace.read(`${OUT}/check/manifest.json`);
    const { output, exitCode } = await run('check', '--list');
    expect(exitCode).toBe(0);
    expect(output).toMatch(
      /^exact_duplicate +drop +default drop +found 0\n +Pictures of one class with identical bytes/m,
    );
    expect(output.match(/^[a-z_]+ +(error|warn|drop|ignore) +default /gm)).toHaveLength(16);
    const small = await run('check', '--list=unknown_license');
    expect(small.output).toMatch(
      /^unknown_license: warn, 1 finding\n +directory:\.\/images states no licence for \d+ pictures$/m,
    );
    const wrong = await run('check', '--list=nonsense');
    expectFailure(wrong);
    expect(wrong.output).toContain('error[E283] there is no check "nonsense"');
    expect(workspace.read(`${OUT}/check/manifest.json`)).toBe(before);
  }, 60_000);

  test('lets preprocess go on without what is to be left out', async () => {
    workspace.write(BAD, '<!doctype html><title>404</title>');
    workspace.edit(SPEC, '  limits:', '  checks: { unreadable: drop }\n  limits:');
    const result = await run('preprocess');
    expectSuccess(result);
    expect(result.output).toMatch(/warning\[W212\] 1 picture cannot be read/);
  }, 60_000);
});

test('contact-sheet shows training pictures plain and augmented, the same bytes each time', async () => {
  workspace.edit(SPEC, 'augment: { repeats: 0 }', 'augment: { repeats: 3, camera: maix-bit }');
  const result = await run('contact-sheet', '--pictures=2');
  expectSuccess(result);
  expect(result.output).toMatch(/^4 of \d+ training examples, each 4 times$/m);
  const [png, html] = ['png', 'html'].map((ending) => `${OUT}/contact-sheet/contact-sheet.${ending}`);
  expect(result.output).toContain(`written: ${png}`);
  expect(workspace.bytes(png).subarray(1, 4).toString()).toBe('PNG');
  expect(workspace.read(html).match(/<img /g)).toHaveLength(16);
  expect(workspace.read(html)).toContain('<th scope="col">copy 3</th>');
  const before = workspace.bytes(png);
  expectSuccess(await run('contact-sheet', '--pictures=2'));
  expect(workspace.bytes(png).equals(before)).toBe(true);
}, 60_000);

test('predict answers to pictures in both arithmetics, flags one that is known, and fails only for what cannot be read', async () => {
  workspace.write('apps/tiny/asked/new.png', await encodePng(tinyPicture('red', 300)));
  workspace.write('apps/tiny/asked/known.png', await encodePng(tinyPicture('blue', 0)));
  workspace.write('apps/tiny/asked/broken.jpg', '<html>');
  const picture = 'apps/tiny/asked/new.png';
  const result = await run(
    'predict',
    `--image=${picture}`,
    '--image=apps/tiny/asked/known.png',
    '--csv',
    '--jsonl=all.jsonl',
  );
  expectSuccess(result);
  expect(result.output).toMatch(/^apps\/tiny\/asked\/new\.png: .* on the chip/m);
  expect(result.output).toMatch(/^ {2}red {3}chip \[[#.]{20}\] .* float \[[#.]{20}\]/m);
  expect(result.output).toMatch(/has the same bytes as images\/blue\/0\.png, (which|on which)/);
  const lines = workspace.read('all.jsonl').trimEnd().split('\n');
  const answers: { picture: string; chip: { probabilities: Record<string, number> } }[] = lines.map((line) =>
    JSON.parse(line),
  );
  expect(answers.map((answer) => answer.picture)).toEqual([picture, 'apps/tiny/asked/known.png']);
  expect(workspace.read(`${OUT}/predict/predict.csv`).split('\r\n')).toHaveLength(4);
  expect(workspace.read(`${OUT}/predict/predict.html`).match(/<figure/g)).toHaveLength(2);
  expect(readdirSync(join(workspace.folder, OUT, 'predict/pictures'))).toEqual([
    '001-new.png.png',
    '002-known.png.png',
  ]);

  const broken = await run('predict', '--image=apps/tiny/asked');
  expectFailure(broken);
  expect(broken.output).toContain('error[E733] 1 of 3 pictures has no answer');
  expect(broken.output).toContain('apps/tiny/asked/broken.jpg is an HTML page');
  expect(workspace.read(`${OUT}/predict/predict.html`).match(/<figure/g)).toHaveLength(2);
  const nothing = await run('predict', '--image=nowhere/*.png');
  expectFailure(nothing);
  expect(nothing.output).toContain('E732');
  workspace.remove('apps/tiny/asked');
  workspace.remove('all.jsonl');
}, 90_000);

test('predict answers to a test picture as it was measured', async () => {
  const predictions: { path: string; float: number[]; device: number[] }[] = JSON.parse(
    workspace.read(`${OUT}/compile/measured/predictions.json`),
  );
  const [{ path, float, device }] = predictions;
  expectSuccess(await run('predict', `--image=apps/tiny/images/${path.slice(path.indexOf('/') + 1)}`, '--jsonl'));
  const answer = JSON.parse(workspace.read(`${OUT}/predict/predict.jsonl`));
  const inOrder = (of: { probabilities: Record<string, number> }) =>
    ['blue', 'red'].map((name) => of.probabilities[name]);
  inOrder(answer.chip).forEach((value, at) => expect(value).toBeCloseTo(device[at], 7));
  inOrder(answer.float).forEach((value, at) => expect(value).toBeCloseTo(float[at], 5));
  expect(answer.seen).toMatchObject({ split: 'test', same: true });
}, 60_000);

test('a threshold for "none of these" goes from pictures of no class into the report and onto the board', async () => {
  for (let number = 0; number < 6; number++) {
    const pixels = tinyPicture('red', 200 + number).map((value, at) => (at % 3 === 1 ? 255 - value : value));
    workspace.write(`apps/tiny/others/${number}.png`, await encodePng(pixels));
  }
  workspace.write('apps/tiny/others/copy.png', await encodePng(tinyPicture('red', 0)));
  workspace.edit(
    SPEC,
    '      path: ./images',
    '      path: ./images\n    - { type: directory, path: ./others, use: unknown }',
  );
  workspace.edit(SPEC, '  threshold: 0.5\n', 'evaluate: { unknown: { false_accept: 50% } }\n');
  const result = await workspace.nx('run-many', '-t', 'evaluate', 'flash-plan', '-p', 'tiny', SHOW_ALL);
  workspace.remove('apps/tiny/others');
  expectSuccess(result);
  expect(ranIn(result).sort()).toEqual(['evaluate', 'fetch', 'flash-plan', 'resolve', 'threshold']);
  expect(result.output).toContain('W731');
  expect(result.output).toContain('copy.png is a picture of a class as well');
  const { unknown } = JSON.parse(workspace.read(`${OUT}/evaluate/metrics.json`));
  expect(unknown).toMatchObject({ basis: 'unknown_pictures', falseAccept: 0.5 });
  expect(unknown.chosenOn.total + unknown.measuredOn.total).toBe(6);
  expect(unknown.chosenOn.value).toBeLessThanOrEqual(0.5);
  expect(workspace.read(`${OUT}/evaluate/report.md`)).toContain('## None of these');
  const { threshold } = JSON.parse(workspace.read(`${OUT}/threshold/threshold/threshold.json`));
  expect(workspace.read(`${OUT}/flash-plan/sd/main.py`)).toContain(`\nTHRESHOLD = ${threshold}\n`);
}, 60_000);

test('dataset.split.group_by keeps the pictures of a session on one side, whatever their class', async () => {
  const sessions = [1, 2, 3].flatMap((session) =>
    (['red', 'blue'] as const).flatMap((label) =>
      [0, 1].map((number) => ({
        path: `apps/tiny/images/${label}/session-${session}/${number}.png`,
        label,
        session,
        number,
      })),
    ),
  );
  workspace.edit(SPEC, 'test: 20% }', 'test: 20%, group_by: { pattern: "/(session-[0-9]+)/" } }');
  try {
    for (const { path, label, session, number } of sessions)
      workspace.write(path, await encodePng(tinyPicture(label, 100 + 10 * session + number)));
    expectSuccess(await run('preprocess'));
    const { examples }: { examples: readonly { path: string; group: string; split: string }[] } = JSON.parse(
      workspace.read(`${OUT}/preprocess/examples/index.json`),
    );
    for (const session of [1, 2, 3]) {
      const members = examples.filter(({ path }) => path.includes(`/session-${session}/`));
      expect(members).toHaveLength(4);
      expect(new Set(members.map(({ group, split }) => `${group} ${split}`)).size).toBe(1);
    }
  } finally {
    for (const { path } of sessions) workspace.remove(path);
  }
}, 60_000);

describe('the training library', () => {
  test('says which back end trains, why, where it looked, and how fast it is', async () => {
    const result = await workspace.nx('run', 'training:doctor', SHOW_ALL, '--json');
    expectSuccess(result);
    const { output } = result;
    const examined = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
    expect(examined).toMatchObject({
      backend: { name: expect.any(String), reason: expect.stringMatching(/./) },
      looked: [{ found: expect.any(String) }, { found: expect.any(String) }],
      forward: [{ alpha: 1 }, { alpha: 0.25 }],
    });
    expect(examined.headExamplesPerSecond).toBeGreaterThan(0);
  }, 120_000);

  test('builds nothing without a compiler, says so with a code, and training goes on', async () => {
    const compiler = process.env['CXX'];
    process.env['CXX'] = 'no-such-compiler';
    const result = await workspace.nx('run', 'training:setup-native', SHOW_ALL);
    if (compiler === undefined) delete process.env['CXX'];
    else process.env['CXX'] = compiler;
    expectFailure(result);
    expect(result.output).toMatch(/E68[01]/);
    expect(result.output).toContain('training goes on with the back end wasm');
  }, 30_000);
});

describe('inspect', () => {
  /** What the executor printed, without what Nx prints around it. */
  const jsonIn = (output: string): unknown =>
    JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));

  test('prints what the exported kmodel holds, as a page and as JSON', async () => {
    const page = await run('inspect');
    expectSuccess(page);
    expect(page.output).toMatch(/^0 +convolution +3×32×32 +8×16×16 +3×3 +5: left-top 2×2 /m);
    expect(page.output).toContain('Complaints of the validator: none');
    const json = await run('inspect', '--json');
    expect(jsonIn(json.output)).toMatchObject({ version: 3, fileBytes: workspace.bytes(KMODEL).length, findings: [] });
  }, 60_000);

  test('takes any other kmodel by its path', async () => {
    workspace.write('apps/tiny/other.kmodel', workspace.bytes(KMODEL));
    const { output, exitCode } = await run('inspect', '--file=apps/tiny/other.kmodel', '--json');
    workspace.remove('apps/tiny/other.kmodel');
    expect(jsonIn(output)).toMatchObject({ version: 3 });
    expect(exitCode).toBe(0);
  }, 30_000);

  test.each([
    ['a file that is not there', '--file=nowhere.kmodel', 'error[E356]'],
    ['a folder', '--file=apps', 'error[E357]'],
    ['a file that is no kmodel', '--file=package.json', 'error[E351]'],
    ['an option without its value', '--file', "'file' does not match the schema"],
  ])(
    'ends with a clear error for %s',
    async (_, option, message) => {
      const result = await run('inspect', option);
      expectFailure(result);
      expect(result.output).toContain(message);
    },
    30_000,
  );
});

describe('whois', () => {
  const FOUND = 'found/model.kmodel';
  beforeEach(async () => {
    expectSuccess(await run('export-kmodel'));
    workspace.write(FOUND, workspace.bytes(KMODEL));
  }, 60_000);
  afterEach(() => workspace.remove('found'));

  test('recognizes a copy of the exported model, and says how to make it again', async () => {
    // Run and not taken from the cache: a variant with the same bytes has the later record, and its name.
    expectSuccess(await run('export-kmodel', ...ALONE));
    const { output, exitCode } = await run('whois', `--file=${FOUND}`);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/model\.kmodel is a model of experiment "tiny"$/m);
    expect(output).toContain('nothing of it has changed since');
    expect(output).toMatch(/^ {2}npx nx run tiny:export-kmodel$/m);
    expect(output).toMatch(/^ {4}sharp \d+\.\d+\.\d+$/m);
  }, 60_000);

  test('names what differs now, also for a model that is no longer among the outputs', async () => {
    workspace.edit(SPEC, 'epochs: 2', 'epochs: 12');
    expectSuccess(await run('export-kmodel'));
    expect(workspace.bytes(KMODEL).equals(workspace.bytes(FOUND))).toBe(false);
    const { output, exitCode } = await run('whois', `--file=${FOUND}`);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^ {4}key train\.train\.epochs: 2 → 12$/m);
    expect(output).toMatch(new RegExp(`^ {4}file ${SPEC} changed$`, 'm'));
  }, 90_000);

  test('knows what lies among the outputs where no history was kept', async () => {
    workspace.remove('.history');
    expect((await run('whois', `--file=${FOUND}`)).exitCode).toBe(0);
  }, 60_000);

  test('recognizes the model in a package, which carries the same provenance as the card', async () => {
    workspace.edit(SPEC, 'engine: sd', 'engine: kfpkg\n  model_from: flash');
    expectSuccess(await run('flash-plan'));
    const { output, exitCode } = await run('whois', `--file=${OUT}/flash-plan/tiny.kfpkg`);
    expect(exitCode).toBe(0);
    const provenance = workspace.read(`${OUT}/flash-plan/sd/provenance.json`);
    const { settingsSha256, lockSha256 }: { settingsSha256: string; lockSha256: string } = JSON.parse(provenance);
    expect(output).toContain(`settings  ${settingsSha256}`);
    expect(output).toContain(`lock      ${lockSha256}`);
    const packed = workspace.bytes(`${OUT}/flash-plan/tiny.kfpkg`);
    expect(packed.includes(JSON.stringify(JSON.parse(provenance)))).toBe(true);
    expect(provenance).not.toContain(workspace.folder);

    workspace.remove('.history');
    workspace.edit(SPEC, 'epochs: 2', 'epochs: 12');
    workspace.write('found/old.kfpkg', packed);
    expectSuccess(await run('export-kmodel'));
    const stranger = await run('whois', '--file=found/old.kfpkg');
    expectFailure(stranger);
    expect(stranger.output).toContain('error[E508]');
    expect(stranger.output).toContain('its package says: experiment "tiny"');
  }, 120_000);

  test.each<[string, () => void, string]>([
    [
      'a model of somebody else',
      () => workspace.write(FOUND, workspace.bytes('libs/flasher/fixtures/tiny-own.kmodel')),
      'error[E508]',
    ],
    [
      'a copy with another byte, whose length it knows',
      () =>
        workspace.write(
          FOUND,
          workspace.bytes(FOUND).map((byte, at, { length }) => (at === length - 9 ? byte ^ 1 : byte)),
        ),
      '"tiny" has a model of the same length',
    ],
    ['a copy that is cut', () => workspace.write(FOUND, workspace.bytes(FOUND).subarray(0, 5000)), 'error[E35'],
    ['a file that is no model', () => workspace.write(FOUND, 'hello, is this a model?'), 'error[E351]'],
    ['a package that is cut', () => workspace.write(FOUND, Buffer.from('PK\x03\x04 and no more')), 'error[E416]'],
    ['no file', () => workspace.remove(FOUND), 'error[E356]'],
  ])(
    'ends with a clear error for %s',
    async (_, prepare, message) => {
      prepare();
      const result = await run('whois', `--file=${FOUND}`);
      expectFailure(result);
      expect(result.output).toContain(message);
    },
    60_000,
  );
});

describe('runs', () => {
  const shortModel = (): string => sha256(workspace.bytes(KMODEL)).slice(0, 8);
  const jsonIn = (output: string): string => output.slice(output.indexOf('\n{') + 1, output.lastIndexOf('\n}') + 2);

  test('are recorded, listed and compared; the pictures that flipped are named, also for a pull request', async () => {
    expectSuccess(await run('export-kmodel'));
    workspace.remove('.history');
    expectSuccess(await run('export-kmodel', ...ALONE));
    const before = shortModel();
    workspace.edit(SPEC, 'epochs: 2', 'epochs: 4');
    expectSuccess(await run('export-kmodel'));
    const after = shortModel();

    const { output: table } = await run('history');
    expect(table).toMatch(new RegExp(`^${before} .* \\(\\d+/\\d+\\) `, 'm'));
    expect(table).toMatch(new RegExp(`^${after} +current .* train\\.epochs: 2 → 4$`, 'm'));

    const compared = await run('compare', `--to=${before}`);
    expectSuccess(compared);
    expect(compared.output).toMatch(new RegExp(`^${after} against ${before}$`, 'm'));
    expect(compared.output).toMatch(/^ {2}key train\.epochs: 2 → 4$/m);
    expect(compared.output).toMatch(/^device: not distinguishable \(.*McNemar's exact test p = /m);
    const { output: markdown } = await run('compare', `--to=${before}`, '--markdown');
    expect(markdown).toContain(`## ${after} against ${before}\n`);
    expect(markdown).toContain('- `key train.epochs: 2 → 4`');
    const { output: json } = await run('compare', `--to=${before}`, '--json');
    expect(JSON.parse(jsonIn(json))).toMatchObject({ result: { relabelled: 0, device: { distinguishable: false } } });
    const stranger = await run('compare', '--to=0000000');
    expectFailure(stranger);
    expect(stranger.output).toMatch(/error\[E511\] "0000000" is no run/);
  }, 120_000);

  test('that miss a strict limit fail with interval and pictures, and are recorded all the same', async () => {
    workspace.edit(SPEC, 'threshold: 0.5', 'threshold: 0.5\nrequire: { device_accuracy: ">= 99%", strict: true }');
    const result = await run('export-kmodel');
    expectFailure(result);
    // 0.99 · 1.645² / 0.01 = 267.9, with intervals of 90 %
    expect(result.output).toContain('require.strict: device_accuracy takes at least 268 test pictures');
    expect(result.output).toMatch(/error\[E710\] require\.device_accuracy asks for at least 99\.00 % at the lower end/);
    expect(result.output).toMatch(/not even (\d+) of \1 right would do: it takes at least 268 test pictures/);
    expect((await run('history')).output).toMatch(/ current .* device_accuracy +/);
    const planned = await run('plan');
    expect(planned.output).toMatch(
      /warning\[W741\] require\.device_accuracy cannot be met strictly with \d+ test pictures/,
    );
    workspace.edit(SPEC, '">= 99%"', '">= 100%"');
    const impossible = await run('export-kmodel');
    expectFailure(impossible);
    expect(ranIn(impossible)).toEqual(['resolve']);
    expect(impossible.output).toMatch(/error\[E740\] require\.device_accuracy asks for 100\.00 %/);
  }, 90_000);

  test('are planned with what past ones took', async () => {
    expectSuccess(await run('export-kmodel'));
    workspace.edit(SPEC, 'epochs: 2', 'epochs: 7');
    const { output, exitCode } = await run('plan');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^fetch +up to date$/m);
    expect(output).toMatch(/^train +would run +[\d.]+ s +[\d.]+ s … [\d.]+ s +\d+ MB +[\d.]+ MB +\d+$/m);
    expect(output).toMatch(/^would run: about [\d.]+ s$/m);
    expect(output).not.toContain('cross-validate');
    expect((await run('why')).output).toMatch(/^saved: fetch, .*preprocess, .*; about [\d.]+ s$/m);
  }, 90_000);
});

describe('fit', () => {
  test('says from the experiment alone what the network needs and what else would fit, as a page and as JSON', async () => {
    workspace.remove(OUT);
    const page = await run('fit');
    expectSuccess(page);
    expect(page.output).toMatch(/^conv1 +8×16×16 +64 \+ 32 /m);
    expect(page.output).toMatch(/^time +about .* estimated, not measured$/m);
    expect(page.output).toMatch(/^minimum +4\.20 MiB +[\d.]+ MiB left +fits$/m);
    const { output } = await run('fit', '--json');
    const json: unknown = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
    await run('export-kmodel');
    expect(json).toMatchObject({ report: { fits: true, kmodelBytes: workspace.bytes(KMODEL).length } });
  }, 90_000);

  test('prints the same for a network that does not fit, and fails', async () => {
    workspace.write('project.yaml', readText('project.yaml'));
    workspace.write(SPEC, WORKSHOP);
    const result = await run('fit');
    expectFailure(result);
    expect(result.output).toMatch(/^full +2\.40 MiB +[\d.]+ MiB missing +does not fit$/m);
    expect(result.output).toMatch(/^model\.output \w+, model\.head \[[\d, ]+\] /m);
    expect(result.output).toMatch(/error\[E301\] the model will not fit on maix-bit/);
  }, 30_000);
});

const withPty = hasPty() ? test : test.skip;
if (!hasPty()) console.warn('skipped: python3, which makes a pseudo-terminal, is not installed');

describe('flash', () => {
  /** An experiment for the engine isp, and a board in its loader at a serial port; `options` lead to it. */
  async function withBoard(use: (fake: PtyBoard, options: readonly string[]) => Promise<void>): Promise<void> {
    const stub = Uint8Array.from({ length: 2000 }, (_, index) => index * 31 + 5);
    const fake = await PtyBoard.start(new FakeK210({ wiring: 'A', stub }));
    try {
      fake.enterIsp();
      workspace.write('stub.bin', stub);
      workspace.edit(SPEC, 'engine: sd', 'engine: isp\n  model_from: flash');
      await use(fake, [`--port=${fake.path}`, '--reset=none', '--stub=stub.bin']);
    } finally {
      await fake.stop();
      workspace.remove('stub.bin');
    }
  }

  function expectFlashed({ board }: PtyBoard): void {
    const model = workspace.bytes(KMODEL);
    expect(Buffer.compare(board.chip.read(0x300000, model.length), model)).toBe(0);
  }

  test('copies the card folder to where the card is mounted', async () => {
    const card = join(workspace.folder, 'mounted');
    mkdirSync(card);
    const result = await run('flash', `--card=${card}`, '--cardFilesystem=any');
    expectSuccess(result);
    expect(readdirSync(card).sort()).toEqual(readdirSync(join(workspace.folder, OUT, 'flash-plan/sd')).sort());
    expect(workspace.bytes('mounted/tiny.kmodel').equals(workspace.bytes(KMODEL))).toBe(true);
  }, 60_000);

  withPty(
    'writes the model to a board at a serial port, block by block, and says so',
    async () => {
      await withBoard(async (fake, options) => {
        // A board of the bench that is not there: what the command line says wins.
        workspace.edit('project.yaml', 'presets:', 'devices: { desk: { profile: maix-bit, serial: "X1" } }\npresets:');
        workspace.edit(SPEC, 'flash:', 'target: desk\nflash:');
        const missing = await run('flash', '--reset=none', '--stub=stub.bin');
        expectFailure(missing);
        expect(missing.output).toContain('error[E438] no serial port has the serial number "X1" of the board "desk"');
        const result = await run('flash', ...options);
        expectSuccess(result);
        expectFlashed(fake);
        expect(result.output).toMatch(/\d+ bytes written over .* and confirmed/);
        const config = await run('show-config', '--onlyChanged');
        expect(config.output).toMatch(/device: desk +# apps\/tiny[^]*# the board of devices:\n# +profile: maix-bit/);
      });
    },
    90_000,
  );

  withPty(
    'that is stopped with Ctrl-C, without a terminal, lets go of the port and says what the board holds',
    async () => {
      await withBoard(async (fake, options) => {
        expectSuccess(await run('flash-plan'));
        const isWriting = (): boolean => fake.board.writes.length > 0;
        await interrupted(['run', 'tiny:flash', ...options, '--baud=19200'], isWriting);
        // The build tool ends at once, and the run behind it as soon as it has let go of the port.
        const failure = `${OUT}/flash/failure.txt`;
        for (let wait = 0; wait < 100 && !workspace.exists(failure); wait++) await setTimeout(100);
        const told = workspace.read(failure);
        expect(told).toMatch(/error\[E412\] flashing was stopped\n +4096 of \d+ bytes are written and confirmed/);
        expect(told).toContain('not whole: tiny.kmodel');
        fake.enterIsp();
        const again = await run('flash', ...options);
        expectSuccess(again);
        expect(again.output).toContain('the last run did not end well:');
        expect(workspace.exists(failure)).toBe(false);
        expectFlashed(fake);
      });
    },
    90_000,
  );

  test('packs the model for flashing tools', async () => {
    workspace.edit(SPEC, 'engine: sd', 'engine: kfpkg\n  model_from: flash');
    const result = await run('flash');
    expectSuccess(result);
    expect(result.output).toContain(join(workspace.folder, OUT, 'flash-plan/tiny.kfpkg'));
  }, 60_000);

  test('says where the card folder lies when no card is named', async () => {
    const result = await run('flash');
    expectSuccess(result);
    expect(result.output).toContain(join(workspace.folder, OUT, 'flash-plan/sd'));
    expect(result.output).toMatch(/card +tiny\.kmodel, \d+ bytes/);
  }, 30_000);

  test('prints the plan of a dry run and refuses to copy it', async () => {
    workspace.edit(SPEC, 'engine: sd', 'engine: dry-run');
    const card = join(workspace.folder, 'not-for-writing');
    mkdirSync(card);
    const refused = await run('flash', `--card=${card}`);
    expectFailure(refused);
    expect(refused.output).toContain('error[E414]');
    expect(readdirSync(card)).toEqual([]);
    const result = await run('flash');
    expectSuccess(result);
    expect(result.output).toMatch(/loads kmodel v3 from \/sd\/tiny\.kmodel/);
    expect(result.output).toContain('dry run: nothing was written');
  }, 60_000);

  test.each([
    ['a card that is not there', ['--card=nowhere'], 'error[E413]'],
    ['a port with an engine that has no use for it', ['--port=COM7'], 'error[E414]'],
    ['an option that does not exist', ['--crad=/media/card'], "'crad' is not found in schema"],
    ['an option without its value', ['--card'], "'card' does not match the schema"],
  ])(
    'ends with a clear error for %s',
    async (_, options, message) => {
      const result = await run('flash', ...options);
      expectFailure(result);
      expect(result.output).toContain(message);
    },
    30_000,
  );

  test('refuses a plan that was changed by hand', async () => {
    await run('flash-plan');
    workspace.edit(`${OUT}/flash-plan/sd/main.py`, 'import gc', 'import gc  # mine');
    const result = await run('flash', '--exclude-task-dependencies');
    expectFailure(result);
    expect(result.output).toContain('error[E503]');
  }, 30_000);
});

describe('verify-device', () => {
  const withSelfTest = (): void => workspace.edit(SPEC, 'engine: sd', 'engine: sd\n  self_test: 4');

  /** Runs the target against a MaixPy at a serial port, whose card is the one that was filled and whose KPU is the simulator. */
  async function verify(board: Partial<MaixPyBoard>): Promise<NxResult> {
    const card = join(workspace.folder, 'card');
    const files = readdirSync(card).map((name) => [`/sd/${name}`, readFileSync(join(card, name))] as const);
    const kpu = join(REPOSITORY, 'libs/flasher/fixtures/simulated-kpu.cjs');
    const maixpy = { kpu, files: Object.fromEntries(files), ...board };
    const fake = await ReplBoard.start({ card: true, busy: true, maixpy });
    try {
      return await run('verify-device', `--port=${await fake.putOnPty()}`);
    } finally {
      await fake.stop();
    }
  }

  withPty(
    'lets a board at a serial port compute its pictures, and fails where an answer is another one',
    async () => {
      withSelfTest();
      mkdirSync(join(workspace.folder, 'card'));
      expectSuccess(await run('flash', '--card=card', '--cardFilesystem=any'));
      const result = await verify({});
      expectSuccess(result);
      expect(result.output).toMatch(/^firmware: MaixPy /m);
      expect(result.output.match(/^golden-\d\.bmp +(blue|red) [\d.]+ +\1 [\d.]+ +0\.0000\d\d +PASS$/gm)).toHaveLength(
        4,
      );
      expect(result.output).toContain('the board computes what the simulator computes');

      const deviating = await verify({ deviation: 0.3 });
      expectFailure(deviating);
      expect(deviating.output.match(/ FAIL$/gm)).toHaveLength(4);
      expect(deviating.output).toMatch(/error\[E442\] 4 of 4 pictures failed/);
      expect(deviating.output).toMatch(/hint: the firmware or the chip computes something else/);

      const empty = await verify({ files: {} });
      expectFailure(empty);
      expect(empty.output).toContain('error[E440]');
      workspace.remove('card');
    },
    120_000,
  );

  test('tests with the pictures that there are', async () => {
    workspace.edit(SPEC, 'engine: sd', 'engine: sd\n  self_test: 60');
    const result = await run('self-test');
    expectSuccess(result);
    expect(result.output).toMatch(/warning\[W421\] flash\.self_test asks for 60 pictures, the test part has \d:/);
  }, 60_000);

  test('says how to come to a self-test where the experiment has none', async () => {
    const result = await run('verify-device', '--port=COM7');
    expectFailure(result);
    expect(result.output).toMatch(/error\[E444\].*\n.*hint: set flash\.self_test: 8/);
  }, 60_000);
});

describe('passes', () => {
  test('prints what each pass changes, from the trained graph to the planned memory', async () => {
    const result = await run('passes');
    expectSuccess(result);
    const heads = [...result.output.matchAll(/^── (.*)$/gm)].map(([, name]) => name);
    expect(heads.slice(0, 4)).toEqual(['train', 'fold batch norm', 'quantize', 'move subsampling']);
    expect(heads[heads.length - 1]).toBe('plan memory');
    const folded = result.output.split('── fold batch norm')[1].split('── quantize')[0];
    expect(folded).toMatch(/^conv1: convolution$/m);
    expect(folded).toMatch(/^ +bias +/m);
    expect(folded).not.toContain('batchNorm');
    expect(result.output).toMatch(/^most in use at a time: \d+ of 32768 lines$/m);
  }, 60_000);

  test('--dump-passes writes a file a pass with every number, the same bytes each time, and wakes no stage', async () => {
    const result = await run('passes', '--dump-passes=dump/one');
    expectSuccess(result);
    const names = readdirSync(join(workspace.folder, 'dump/one')).sort();
    expect(names.slice(0, 4)).toEqual([
      '00-train.txt',
      '01-fold-batch-norm.txt',
      '02-quantize.txt',
      '03-move-subsampling.txt',
    ]);
    const last = workspace.read(`dump/one/${names[names.length - 1]}`);
    expect(last).toMatch(/^ {2}norm 0 +\(sum · \d+ >> \d+\) \+ -?\d+$/m);
    expect(ranIn(result)).toEqual(['passes']);

    expectSuccess(await run('passes', '--dumpPasses=dump/two'));
    for (const name of names) expect(workspace.read(`dump/two/${name}`)).toBe(workspace.read(`dump/one/${name}`));
    expect(ranIn(await run('export-kmodel'))).toEqual([]);
    workspace.remove('dump');
  }, 90_000);

  test.each([
    ['trained graph', `${OUT}/train/model/graph.json`],
    ['quantized graph', `${OUT}/quantize/model/quantized.json`],
  ])(
    'refuses a %s that was changed by hand',
    async (_, path) => {
      workspace.edit(path, '"name"', '"Name"');
      const result = await run('passes', '--exclude-task-dependencies');
      await run('quantize');
      expectFailure(result);
      expect(result.output).toContain('error[E503]');
    },
    60_000,
  );
});

describe('an experiment that is wrong', () => {
  /** `file:line:column`, the line itself, and carets below the text that is meant. */
  const marked = (path: string, line: string, meant: string, note = ''): string => {
    const number = workspace.read(path).split('\n').indexOf(line) + 1;
    const column = line.indexOf(meant) + 1;
    const gutter = String(number).padStart(5);
    const caret = `      | ${' '.repeat(column - 1)}${'^'.repeat(meant.length)}`;
    return `  ${path}:${number}:${column}\n${gutter} | ${line}\n${caret}${note === '' ? '' : ` ${note}`}`;
  };

  test('is told all its problems at once, each with place, caret and remedy, and leaves no output', async () => {
    workspace.remove(OUT);
    workspace.edit(SPEC, 'epochs: 2', 'epoch: 2');
    workspace.edit(SPEC, 'samples: 4', 'samples: many');
    workspace.edit(SPEC, 'test: 20%', 'test: 30%');
    workspace.edit(SPEC, 'seed: 1\n', 'seed: 1\nseed: 2\n');
    const result = await run('export-kmodel');
    expectFailure(result);
    for (const block of [
      `error[E102] unknown key "epoch"\n${marked(SPEC, '  epoch: 2', 'epoch', 'did you mean "epochs"?')}`,
      `error[E015] YAML: key "seed" is given twice\n${marked(SPEC, 'seed: 2', 'seed', 'first on line 4; keep one')}`,
      marked(SPEC, '  calibration: { samples: many }', 'many'),
      'error[E131] split parts add up to 110%, not 100%',
    ]) {
      expect(result.output).toContain(block);
    }
    expect(ranIn(result)).toEqual(['resolve']);
    expect(workspace.exists(OUT) ? readdirSync(join(workspace.folder, OUT)) : []).toEqual([]);
  }, 30_000);

  test('a network that does not fit the board is refused before anything is fetched or trained', async () => {
    workspace.remove(OUT);
    workspace.write('project.yaml', readText('project.yaml'));
    workspace.write(SPEC, WORKSHOP);
    const result = await run('export-kmodel');
    expectFailure(result);
    expect(result.output).toMatch(/error\[E301\] the model will not fit on maix-bit.* its largest layer is "dense_1"/);
    const [, layer] = /^ +project\.yaml:(\d+):\d+$/m.exec(result.output) ?? [];
    expect(workspace.read('project.yaml').split('\n')[Number(layer) - 1]).toMatch(/dense: 1024/);
    expect(result.output).toMatch(/hint: .*head \[\d+(, \d+)*\] gives [\d.]+ MiB/);
    expect(ranIn(result)).toEqual(['resolve']);
    expect(workspace.exists(OUT) ? readdirSync(join(workspace.folder, OUT)) : []).toEqual([]);
  }, 30_000);

  test('a model that misses what is required is E710, and no earlier model takes its place', async () => {
    await run('export-kmodel');
    workspace.edit(SPEC, 'learning_rate: 0.01', 'learning_rate: 0.000001');
    workspace.edit(SPEC, 'epochs: 2', 'epochs: 1');
    workspace.edit(SPEC, 'threshold: 0.5', 'threshold: 0.5\nrequire: { device_accuracy: ">= 99%" }');
    const result = await run('flash-plan');
    expectFailure(result);
    expect(result.output).toMatch(/error\[E710\] require\.device_accuracy asks for at least 99\.00 %/);
    expect(ranIn(result)).not.toContain('flash-plan');
    const alone = await run('flash-plan', ...ALONE);
    expectFailure(alone);
    expect(alone.output).toMatch(/error\[E50[17]\] .*"export-kmodel"/);
  }, 60_000);
});

describe('a latency that is required', () => {
  test('is checked before anything is fetched, with a place and with what is fast enough', async () => {
    workspace.remove(OUT);
    workspace.edit(SPEC, 'threshold: 0.5', 'threshold: 0.5\nrequire: { latency: "<= 0.1 ms" }');
    const result = await run('export-kmodel');
    expectFailure(result);
    expect(ranIn(result)).toEqual(['resolve']);
    expect(result.output).toMatch(/error\[E714\] require\.latency allows 0\.1 ms a picture; the estimate is [\d.]+ ms/);
    expect(result.output).toMatch(/^ +apps\/tiny\/experiment\.yaml:\d+:\d+$/m);
    expectFailure(await run('fit'));
  }, 60_000);
});

describe('pictures under a lock', () => {
  test('one that the lock does not list is named, and taken and decoded alone once it is accepted', async () => {
    expectSuccess(await run('lock'));
    expect(workspace.read(LOCK).match(/^ +\{"path":/gm)).toHaveLength(2 * TINY_PICTURES_PER_CLASS);
    expectSuccess(await run('preprocess'));
    await addPicture();

    const refused = await run('preprocess');
    expectFailure(refused);
    expect(refused.output).toMatch(/error\[E230\].*1 added, 0 removed, 0 changed\n +added +0\/red\/new\.png/);
    expect(refused.output).toContain('npx nx run tiny:lock');

    expectSuccess(await run('lock'));
    const accepted = await run('preprocess');
    expectSuccess(accepted);
    expect(ranIn(accepted)).toEqual(['fetch', 'preprocess']);
    expect(accepted.output).toContain(`1 pictures decoded, ${2 * TINY_PICTURES_PER_CLASS} reused`);
    // None where it landed in the test part.
    const { output } = await run('train');
    expect(output).toMatch(/^[01] examples went through the frozen layers, [1-9]\d+ came from the cache$/m);
  }, 60_000);

  test('have their size, hash and side in it, and are told when a change of the seed moves them', async () => {
    workspace.edit(SPEC, 'test: 20% }', 'test: 20%, group_by: near_duplicate }');
    expectSuccess(await run('lock'));
    const facts =
      /"width":40,"height":40,"phash":"[0-9a-f]{16}","split":"(train|validation|test)","alike":"[0-9a-f]{64}"}/g;
    expect(workspace.read(LOCK).match(facts)).toHaveLength(2 * TINY_PICTURES_PER_CLASS);
    const before = workspace.read(LOCK);
    const unmoved = await run('preprocess');
    expectSuccess(unmoved);
    expect(unmoved.output).not.toContain('W234');
    expectSuccess(await run('lock'));
    expect(workspace.read(LOCK)).toBe(before);
    workspace.edit(SPEC, 'seed: 1', 'seed: 2');
    expect((await run('preprocess')).output).toMatch(/warning\[W234\] \d+ pictures on another side of the split/);
  }, 60_000);
});

describe('preprocess asked for again', () => {
  test('keeps what it made as long as that is whole and would be made again', async () => {
    const pixels = `${OUT}/preprocess/examples/pixels.bin`;
    expectSuccess(await run('preprocess'));
    const made = workspace.bytes(pixels);
    const kept = await run('preprocess', ...ALONE);
    expectSuccess(kept);
    expect(kept.output).toMatch(/^nothing has changed: \d+ examples as they were, no picture decoded$/m);

    workspace.write(pixels, Buffer.alloc(made.length));
    const mended = await run('preprocess', ...ALONE);
    expectSuccess(mended);
    expect(mended.output).toMatch(/0 pictures decoded, [1-9]\d* reused/);
    expect(workspace.bytes(pixels).equals(made)).toBe(true);
  }, 30_000);
});

describe('why', () => {
  test('names the key, the file and the waiting stages after edits', async () => {
    await workspace.nx('run-many', '-t', 'evaluate', 'flash-plan', '-p', 'tiny');
    workspace.edit(SPEC, 'epochs: 2', 'epochs: 3');
    workspace.edit(SPEC, 'threshold: 0.5', 'threshold: 0.7');
    await addPicture();
    const { output } = await run('why');
    expect(verdict(output, 'resolve')).toEqual([
      'would run',
      'key flash.threshold: 0.5 → 0.7',
      'key train.epochs: 2 → 3',
      `file ${SPEC} changed`,
    ]);
    expect(verdict(output, 'fetch')).toEqual(['would run', 'file ./images/red/new.png is new']);
    expect(verdict(output, 'preprocess')).toEqual(['runs if its input changes', 'depends on what fetch will make']);
    expect(verdict(output, 'train')).toEqual(['would run', 'key train.epochs: 2 → 3']);
    expect(verdict(output, 'flash-plan')).toEqual([
      'would run',
      'key flash.threshold: 0.5 → 0.7',
      expect.stringMatching(/^key settingsSha256: /),
    ]);
  }, 60_000);

  test('tells of a producer whose output is gone, and lets its consumers wait for it', async () => {
    await run('export-kmodel');
    workspace.remove(`${OUT}/train`);
    const { output } = await run('why');
    expect(verdict(output, 'train')).toEqual(['would run', 'it has not run yet, or its output is gone']);
    expect(verdict(output, 'quantize')).toEqual(['runs if its input changes', 'depends on what train will make']);
  }, 60_000);

  const verdict = (output: string, stage: string): string[] => {
    const lines = output.split('\n');
    const start = lines.findIndex((line) => line.startsWith(`${stage} `));
    const end = lines.findIndex((line, index) => index > start && !line.startsWith('    '));
    return [lines[start].slice(stage.length).trim(), ...lines.slice(start + 1, end).map((line) => line.trim())];
  };
});

describe('a consumer refuses', () => {
  beforeAll(() => run('train'), 60_000);

  test.each([
    ['a producer without a manifest', 'E501', () => workspace.remove(`${OUT}/train/manifest.json`)],
    ['a manifest that is cut', 'E502', () => workspace.write(`${OUT}/train/manifest.json`, '{"version":1,')],
    ['an output that was changed', 'E503', () => workspace.edit(`${OUT}/train/model/graph.json`, '0', '1')],
    ['settings that were changed', 'E503', () => workspace.edit(`${OUT}/resolve/quantize.json`, '4', '5')],
  ])(
    '%s (%s)',
    async (_, code, spoil) => {
      await run('train');
      spoil();
      const result = await run('quantize', ...ALONE);
      expectFailure(result);
      expect(result.output).toContain(`error[${code}]`);
    },
    60_000,
  );
});

const WORKSHOP = `version: 1
name: tiny
extends: [workshop-2019]
classes: [blue, red]
dataset:
  sources:
    - type: directory
      path: ./images
`;

function readText(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

function readJson<T>(path: string): T {
  return JSON.parse(readText(path)) as T;
}
