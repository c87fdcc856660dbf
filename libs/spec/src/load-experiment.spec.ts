import { formatDiagnostic } from '@graft/foundation';
import fc from 'fast-check';
import { loadExperiment, loadMirrors } from './load-experiment';
import { diagnosticsOf, EXPERIMENT, load, loaded, MINIMAL, summaryOf } from './testing/load-files';

const PROJECT = 'project.yaml';
const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const withProject = (own: string, project: string) => ({ [EXPERIMENT]: `${MINIMAL}${own}`, [PROJECT]: project });

describe('the smallest experiment', () => {
  const { spec } = loaded(MINIMAL);

  test('takes its name from the folder', () => expect(spec.name).toBe('pokedex'));

  test('has its classes in order, each meaning the folder of its name', () => {
    expect(spec.classes).toEqual([
      { name: 'charizard', key: 'charizard', folders: ['charizard'] },
      { name: 'pikachu', key: 'pikachu', folders: ['pikachu'] },
    ]);
  });

  test('trains a head on the weights that npm has, cut where the pictures tell', () => {
    expect(spec.model).toMatchObject({
      alpha: 1,
      output: 'auto',
      head: [],
      freeze: { type: 'backbone' },
      weights: { type: 'npm', package: '@vladmandic/face-api', version: '1.7.15' },
    });
  });

  test('goes to a Maix Bit with full firmware', () => {
    expect(spec.target).toEqual({ device: 'maix-bit', firmware: 'full' });
  });

  test('hides answers below 60 % on the board, unless evaluate.unknown chooses a threshold that no number overrides', () => {
    const thresholdOf = (own: string) => loaded(`${MINIMAL}${own}`).spec.flash.threshold;
    const unknown = 'evaluate: { unknown: { false_accept: 2% } }\n';
    expect([thresholdOf(''), thresholdOf('flash: { threshold: 80% }\n')]).toEqual([0.6, 0.8]);
    expect([thresholdOf(unknown), thresholdOf(`${unknown}flash: { threshold: 80% }\n`)]).toEqual([null, 0.8]);
    expect(loaded(`${MINIMAL}${unknown}`).spec.evaluate.unknown).toEqual({ falseAccept: 0.02 });
  });

  test('sees bytes from -1 to 1', () => {
    const { scale, offset } = spec.preprocess.normalize;
    expect([offset, 127.5 * scale + offset, 255 * scale + offset]).toEqual([-1, 0, 1]);
  });

  test('requires nothing', () => {
    const { strict, ...limits } = spec.require;
    expect(new Set(Object.values(limits))).toEqual(new Set([null]));
    expect(strict).toEqual([]);
  });
});

describe('spelling', () => {
  const specOf = (own: string) => loaded(`${MINIMAL}${own}`).spec;

  test.each([
    ['units', 'flash: { gc_heap: 256 KiB }\n', 'flash: { gc_heap: 262144 }\n'],
    ['quotes', 'train: { optimizer: "sgd" }\n', "train: {optimizer: 'sgd'}\n"],
    ['shares', 'augment: { random_zoom: 20% }\n', 'augment: { random_zoom: 0.2 }\n'],
    ['angles', 'augment: { random_rotation: 20 deg }\n', 'augment: { random_rotation: 20 }\n'],
    ['addresses', 'flash: { address: 0x400000 }\n', 'flash: { address: 4194304 }\n'],
    ['key order and comments', 'seed: 1\nname: a\n', '# first\nname: a # x\nseed: 1\n'],
    [
      'short and long forms',
      'train: { optimizer: sgd }\ntarget: maix-go\n',
      'train: { optimizer: { name: sgd } }\ntarget: { device: maix-go }\n',
    ],
    [
      'short and long forms of a schedule',
      'train: { lr_schedule: step }\n',
      'train: { lr_schedule: { name: step, every: 10, factor: 0.1 } }\n',
    ],
    ['one size for both sides', 'preprocess: { image_size: 128 }\n', 'preprocess: { image_size: [128, 128] }\n'],
    ['a value and its default', 'train: { epochs: 30 }\n', ''],
    ['an empty value and its default', 'train:\naugment: { repeats: null }\n', ''],
    ['colours', 'preprocess: { background: "#AABBCC" }\n', 'preprocess: { background: "#aabbcc" }\n'],
  ])('%s make no difference', (_, one, other) => {
    expect(specOf(one)).toEqual(specOf(other));
  });

  test('of a path makes no difference', () => {
    const pathOf = (path: string) => loaded(MINIMAL.replace('./images', path)).spec.dataset.sources[0];
    expect(['images', './images/', '././images', './x/../images'].map(pathOf)).toEqual(
      Array(4).fill(pathOf('./images')),
    );
  });
});

describe('values', () => {
  test('of every section arrive', () => {
    const { spec } = loaded(`version: 1
name: other
classes: [{ name: Charizard!, folders: [charizard, mega] }, pikachu]
dataset:
  sources:
    - type: npm
      package: "@a/b"
      version: 1.2.3
      integrity: sha512-${'A'.repeat(86)}==
      pictures: { Charizard!: a/*.png, pikachu: [b/*.png] }
      license: MIT
  limits: { max_per_class: 7, max_file_size: 1 MB }
  split: { train: 50%, validation: 25%, test: 25%, group_by: name }
preprocess: { image_size: [96, 128], frames: { max: all }, normalize: 0..1 }
augment: { composite: none, random_flip: both }
model: { alpha: 0.5, weights: imagenet, head: [{ dense: 10 }, { dropout: 25% }, { dense: 5, activation: linear }], freeze: { first: 20 } }
train: { class_weights: { Charizard!: 2 }, callbacks: { early_stopping: none, checkpoint: { save_best_only: false } } }
require: { device_accuracy: ">= 90%", kmodel_size: "<= 2 MiB", latency: "<= 60 ms", strict: [latency, device_accuracy] }
target: { firmware: minimum }
`);
    expect(spec.classes[0]).toEqual({ name: 'Charizard!', key: 'charizard', folders: ['charizard', 'mega'] });
    expect(spec.dataset.sources).toEqual([
      {
        type: 'npm',
        package: '@a/b',
        version: '1.2.3',
        integrity: `sha512-${'A'.repeat(86)}==`,
        pictures: { charizard: ['a/*.png'], pikachu: ['b/*.png'] },
        use: 'all',
        include: null,
        exclude: [],
        license: 'MIT',
        attribution: null,
      },
    ]);
    expect(spec.dataset.limits).toEqual({ maxPerClass: 7, maxFileBytes: 1_000_000 });
    expect(spec.dataset.split).toEqual({
      train: 0.5,
      validation: 0.25,
      test: 0.25,
      groupBy: 'name',
      method: 'stable_hash',
    });
    expect(spec.preprocess).toMatchObject({ imageSize: { height: 96, width: 128 }, maxFrames: null });
    expect(spec.augment).toMatchObject({ composite: null, flip: 'both' });
    expect(spec.model).toMatchObject({
      alpha: 0.5,
      weights: { type: 'imagenet' },
      output: 'auto',
      freeze: { type: 'first', layers: 20 },
      head: [
        { type: 'dense', units: 10, activation: 'relu' },
        { type: 'dropout', rate: 0.25 },
        { type: 'dense', units: 5, activation: 'linear' },
      ],
    });
    expect(spec.train).toMatchObject({ classWeights: { charizard: 2 }, earlyStopping: null, checkpoint: null });
    expect(spec.require).toEqual({
      minDeviceAccuracy: 0.9,
      maxAccuracyDrop: null,
      minAgreement: null,
      maxKmodelBytes: 2097152,
      maxLatencyMs: 60,
      strict: ['device_accuracy', 'latency'],
    });
    expect(spec.target).toEqual({ device: 'maix-bit', firmware: 'minimum' });
  });

  test('without anything random there are no copies, and a wish for some is answered', () => {
    const still =
      'augment: { random_flip: none, random_rotation: 0, random_zoom: 0, random_translation: 0, random_brightness: 0%, random_contrast: 0, random_saturation: 0, composite: none';
    expect(loaded(`${MINIMAL}${still} }\n`).spec.augment.repeats).toBe(0);
    expect(summaryOf(`${MINIMAL}${still} }\n`)).toEqual([]);
    expect(summaryOf(`${MINIMAL}${still}, repeats: 5 }\n`)).toEqual([expect.stringContaining('W103')]);
    expect(summaryOf(`${MINIMAL}${still}, redraw: every_epoch }\n`)).toEqual([expect.stringContaining('W103')]);
    expect(loaded(`${MINIMAL}${still}, camera: maix-bit }\n`).spec.augment.repeats).toBe(4);
  });

  test('copies are blurred, covered, or seen by a camera only where that is asked for', () => {
    expect(loaded(MINIMAL).spec.augment).toMatchObject({ blur: null, erasing: null, camera: null, redraw: 'once' });
    const asked = 'augment: { random_blur: { sigma: 2 }, random_erasing: {}, camera: maix-bit, redraw: every_epoch }\n';
    expect(loaded(`${MINIMAL}${asked}`).spec.augment).toMatchObject({
      blur: { sigma: 2, probability: 0.1 },
      erasing: { area: 0.15, probability: 0.2 },
      camera: 'maix-bit',
      redraw: 'every_epoch',
    });
  });
});

describe('merging', () => {
  const project = `version: 1
defaults: { train: { epochs: 11, batch_size: 8 }, seed: 1 }
presets:
  slow: { train: { epochs: 100, learning_rate: 0.01 } }
  sgd: { train: { optimizer: { name: sgd, momentum: 0.1 } }, model: { head: [{ dense: 5 }] } }
  both: { extends: [slow, sgd], train: { epochs: 50 } }
  clean: { train: null }
mirrors: { "https://a.example/": ./mirror/ }
`;

  test('goes from defaults over the project and presets to the experiment', () => {
    const { train, seed } = loaded(withProject('extends: [slow]\ntrain: { epochs: 3 }\n', project)).spec;
    expect(train).toMatchObject({ epochs: 3, batchSize: 8, learningRate: 0.01, labelSmoothing: 0 });
    expect(seed).toBe(1);
  });

  test('lets the later preset win', () => {
    expect(loaded(withProject('extends: [slow, both]\n', project)).spec.train.epochs).toBe(50);
    expect(loaded(withProject('extends: [both, slow]\n', project)).spec.train.epochs).toBe(100);
  });

  test('replaces lists and maps that belong together', () => {
    const { model, train } = loaded(
      withProject(
        'extends: sgd\nmodel: { head: [{ dropout: 0.5 }] }\ntrain: { optimizer: { name: adam, beta_1: 0.8 } }\n',
        project,
      ),
    ).spec;
    expect(model.head).toEqual([{ type: 'dropout', rate: 0.5 }]);
    expect(train.optimizer).toEqual({ name: 'adam', beta1: 0.8, beta2: 0.999, epsilon: 1e-7 });
  });

  test('leaves aside what is about epochs and steps where the optimizer has none', () => {
    const text = 'train: { optimizer: { name: ridge, penalty: 0.3 }, epochs: 50, learning_rate: 1 }\n';
    const { train } = loaded(withProject(text, project)).spec;
    expect(train).toMatchObject({ optimizer: { name: 'ridge', penalty: 0.3 }, epochs: 1, learningRate: 0 });
    expect(train).toMatchObject({ earlyStopping: null, checkpoint: null, schedule: { name: 'constant' } });
  });

  test('returns a key to its default with null, and a whole section, too', () => {
    expect(loaded(withProject('train: { epochs: null }\n', project)).spec.train).toMatchObject({
      epochs: 30,
      batchSize: 8,
    });
    const cleaned = loaded(withProject('extends: [slow, clean]\ntrain: { epochs: 2 }\n', project)).spec.train;
    expect(cleaned).toMatchObject({ epochs: 2, batchSize: 32, learningRate: 0.001 });
  });

  test('merges with another experiment, whose pictures stay where they are and whose name does not come along', () => {
    const { spec, files } = loaded({
      [EXPERIMENT]: 'version: 1\nextends: [../photos/experiment.yaml]\ntrain: { epochs: 2 }\n',
      'apps/photos/experiment.yaml': `${MINIMAL}name: photos\ndescription: theirs\ntrain: { epochs: 9, batch_size: 4 }\n`,
    });
    expect(spec).toMatchObject({ name: 'pokedex', description: '', train: { epochs: 2, batchSize: 4 } });
    expect(spec.dataset.sources[0]).toMatchObject({ path: '../photos/images' });
    expect(files).toEqual(['apps/photos/experiment.yaml', EXPERIMENT]);
  });

  test('keeps a folder outside the workspace', () => {
    const { spec } = loaded({
      [EXPERIMENT]: 'version: 1\nextends: [../../x/y/experiment.yaml]\n',
      'x/y/experiment.yaml': MINIMAL.replace('./images', '../../../shared/photos'),
    });
    expect(spec.dataset.sources[0]).toMatchObject({ path: '../../../shared/photos' });
  });

  test('finds mirrors and every file that was read', () => {
    const { project: settings, files } = loaded(withProject('', project));
    expect(settings.mirrors).toEqual({ 'https://a.example/': './mirror/' });
    expect(files).toEqual([EXPERIMENT, PROJECT]);
  });

  test('gives mirrors without any experiment, and what is wrong with project.yaml', () => {
    const mirrorsIn = (text: string | null) => loadMirrors({ projectPath: PROJECT, readText: () => text });
    expect(mirrorsIn(project)).toMatchObject({ ok: true, value: { 'https://a.example/': './mirror/' } });
    expect(mirrorsIn(null)).toMatchObject({ ok: true, value: {} });
    expect(mirrorsIn('version: 1\nmirror: {}\n')).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'E102', place: { file: PROJECT, line: 2 } }],
    });
  });

  test('takes no time for presets that double each other', () => {
    const presets = Array.from({ length: 60 }, (_, index) => `  p${index + 1}: { extends: [p${index}, p${index}] }`);
    const text = `version: 1\npresets:\n  p0: { seed: 5 }\n${presets.join('\n')}\n`;
    expect(loaded(withProject('extends: [p60]\n', text)).spec.seed).toBe(5);
  });
});

describe('each complaint has its code and stands at its place', () => {
  test.each([
    ['E101', 'a missing key', 'version: 1\n', ['E101 experiment.yaml:1:1', 'E101 experiment.yaml:1:1']],
    ['E102', 'an unknown key', `${MINIMAL}train:\n  epoch: 3\n`, ['E102 experiment.yaml:5:3']],
    ['E103', 'a wrong type', `${MINIMAL}train: { epochs: many }\n`, ['E103 experiment.yaml:4:18']],
    [
      'E103',
      'a range of versions',
      MINIMAL.replace(
        'type: directory, path: ./images',
        `type: npm, package: a, version: ^1.0.0, integrity: sha512-${'A'.repeat(86)}==`,
      ),
      ['E103 experiment.yaml:3:56'],
    ],
    ['E105', 'a value out of range', `${MINIMAL}train: { epochs: 0 }\n`, ['E105 experiment.yaml:4:18']],
    ...[
      ['has no parentheses', 'session-[0-9]'],
      ['is no expression', '(session'],
    ].map(([what, pattern]): [string, string, string, string[]] => [
      'E144',
      `a pattern that ${what}`,
      `version: 1\nclasses: [a, b]\ndataset:\n  sources: [{ type: directory, path: ./x }]\n  split: { group_by: { pattern: '${pattern}' } }\n`,
      ['E144 experiment.yaml:5:33'],
    ]),
    ['E105', 'a share out of range', `${MINIMAL}augment: { random_zoom: 95% }\n`, ['E105 experiment.yaml:4:25']],
    ['E105', 'one class', MINIMAL.replace(', pikachu', ''), ['E105 experiment.yaml:2:1']],
    ['E107', 'another version', MINIMAL.replace('version: 1', 'version: 2'), ['E107 experiment.yaml:1:10']],
    ['E110', 'another word', `${MINIMAL}preprocess: { resize: corp }\n`, ['E110 experiment.yaml:4:23']],
    [
      'E111',
      'a source of a later version',
      MINIMAL.replace('type: directory', 'type: git'),
      ['E111 experiment.yaml:3:30'],
    ],
    ['E121', 'an unknown preset', `${MINIMAL}extends: [smal-data]\n`, ['E121 experiment.yaml:4:11']],
    ['E130', 'a class twice', MINIMAL.replace('pikachu', 'charizard'), ['E130 experiment.yaml:2:22']],
    [
      'E130',
      'a folder in two classes',
      MINIMAL.replace('pikachu]', '{ name: x, folders: [x, charizard] }]'),
      ['E130 experiment.yaml:2:46'],
    ],
    ['E131', 'a wrong sum', MINIMAL.replace('}] }', '}], split: { train: 75% } }'), ['E131 experiment.yaml:3:76']],
    [
      'E132',
      'weights of no class',
      `${MINIMAL}train: { class_weights: { pikachoo: 2 } }\n`,
      ['E132 experiment.yaml:4:27'],
    ],
    ['E134', 'default weights of another width', `${MINIMAL}model:\n  alpha: 0.5\n`, ['E134 experiment.yaml:5:10']],
    [
      'E136',
      'early stopping without validation',
      MINIMAL.replace('}] }', '}], split: { train: 85%, validation: 0% } }'),
      ['E136 experiment.yaml:3:93', 'E136 experiment.yaml:3:93'],
    ],
    [
      'E136',
      'a schedule that waits for a plateau without validation',
      `${MINIMAL.replace('}] }', '}], split: { train: 85%, validation: 0% } }')}train:
  callbacks: { early_stopping: none, checkpoint: none }
  lr_schedule: plateau\n`,
      ['E136 experiment.yaml:6:16'],
    ],
    [
      'E139',
      'a warm-up of all epochs',
      `${MINIMAL}train: { epochs: 5, warmup_epochs: 5 }\n`,
      ['E139 experiment.yaml:4:36'],
    ],
    [
      'E139',
      'a warm-up of all epochs of the second phase',
      `${MINIMAL}train: { warmup_epochs: 3, fine_tune: { unfreeze_from: conv_pw_7, epochs: 3 } }\n`,
      ['E139 experiment.yaml:4:25'],
    ],
    [
      'E140',
      'fine-tuning behind the end of the network',
      `${MINIMAL}model: { output: conv_pw_7_relu }\ntrain: { fine_tune: { unfreeze_from: conv_dw_8 } }\n`,
      ['E140 experiment.yaml:5:38'],
    ],
    [
      'E140',
      'fine-tuning of what is not frozen',
      `${MINIMAL}model: { freeze: none }\ntrain: { fine_tune: { unfreeze_from: conv_pw_7 } }\n`,
      ['E140 experiment.yaml:5:38'],
    ],
    [
      'E140',
      'training in 8 bits behind the end of the network',
      `${MINIMAL}model: { output: conv_pw_7_relu }\nquantize: { aware_training: { unfreeze_from: conv_dw_8 } }\n`,
      ['E140 experiment.yaml:5:46'],
    ],
    [
      'E136',
      'training in 8 bits without pictures that judge it',
      `${MINIMAL.replace('}] }', '}], split: { train: 85%, validation: 0% } }')}train:
  callbacks: { early_stopping: none, checkpoint: none }
quantize: { aware_training: {} }\n`,
      ['E136 experiment.yaml:6:13'],
    ],
    [
      'E145',
      'ridge with what it cannot do',
      `${MINIMAL}model: { head: [{ dense: 5 }], freeze: { first: 5 } }
augment: { redraw: every_epoch, repeats: 2 }
train: { optimizer: ridge, fine_tune: { unfreeze_from: conv_pw_7 } }\n`,
      [
        'E145 experiment.yaml:4:10',
        'E145 experiment.yaml:4:32',
        'E145 experiment.yaml:5:20',
        'E145 experiment.yaml:6:28',
      ],
    ],
    [
      'E137',
      'sizes in the wrong order',
      `${MINIMAL}augment: { composite: { scale: [90%, 30%] } }\n`,
      ['E137 experiment.yaml:4:33'],
    ],
    [
      'E138',
      'an address between sectors',
      `${MINIMAL}flash: { address: 0x300001, model_from: flash }\n`,
      ['E138 experiment.yaml:4:19'],
    ],
    [
      'E132',
      'an address of no class',
      MINIMAL.replace(
        'directory, path: ./images',
        `http, items: [{ url: "https://a.org/x", sha256: ${DIGEST}, label: x }]`,
      ),
      ['E132 experiment.yaml:3:151'],
    ],
    [
      'E133',
      'a class that no address has',
      MINIMAL.replace(
        'directory, path: ./images',
        `http, items: [{ url: "https://a.org/x", sha256: ${DIGEST}, label: pikachu }]`,
      ),
      ['E133 experiment.yaml:2:11'],
    ],
    [
      'E141',
      'an archive without a place',
      MINIMAL.replace('directory, path: ./images', 'archive'),
      ['E141 experiment.yaml:3:30'],
    ],
    [
      'E141',
      'an archive with two places',
      MINIMAL.replace(
        'directory, path: ./images',
        `archive, path: a.zip, url: "https://a.org/a.zip", sha256: ${DIGEST}`,
      ),
      ['E141 experiment.yaml:3:57'],
    ],
    [
      'E142',
      'an archive from an address without its digest',
      MINIMAL.replace('directory, path: ./images', 'archive, url: "https://a.org/a.zip"'),
      ['E142 experiment.yaml:3:44'],
    ],
    [
      'E143',
      'addresses without any',
      MINIMAL.replace('directory, path: ./images', 'http'),
      ['E143 experiment.yaml:3:30'],
    ],
    [
      'E103',
      'an address with a password',
      MINIMAL.replace('directory, path: ./images', `archive, url: "https://me:secret@a.org/a.zip", sha256: ${DIGEST}`),
      ['E103 experiment.yaml:3:44'],
    ],
    [
      'W102',
      'an archive with an absolute path',
      MINIMAL.replace('directory, path: ./images', 'archive, path: /data/a.zip'),
      ['W102 experiment.yaml:3:45'],
    ],
    [
      'W102',
      'a list with an absolute path',
      MINIMAL.replace('directory, path: ./images', 'http, list: /data/a.csv'),
      ['W102 experiment.yaml:3:42'],
    ],
    ['W101', 'a class like a number', MINIMAL.replace('pikachu', '25'), ['W101 experiment.yaml:2:22']],
    ['W101', 'a class like a truth value', MINIMAL.replace('pikachu', 'off'), ['W101 experiment.yaml:2:22']],
    ['W102', 'an absolute path', MINIMAL.replace('./images', '/data/images'), ['W102 experiment.yaml:3:47']],
  ])('%s: %s', (code, _, text, expected) => {
    expect(expected[0]).toContain(code);
    expect(summaryOf(text)).toEqual(expected);
  });

  test('any layer may be fine-tuned, or trained in 8 bits, where the cuts are compared', () => {
    expect(summaryOf(`${MINIMAL}quantize: { aware_training: { unfreeze_from: conv_dw_13 } }\n`)).toEqual([]);
    expect(summaryOf(`${MINIMAL}train: { fine_tune: { unfreeze_from: conv_dw_13 } }\n`)).toEqual([]);
  });

  test('E100: a missing file, where it is named', () => {
    expect(summaryOf({})).toEqual(['E100']);
    expect(summaryOf(`${MINIMAL}extends: [../x/experiment.yaml]\n`)).toEqual(['E100 experiment.yaml:4:11']);
  });

  test('E112: a folder whose name cannot be the name of a file on the board', () => {
    const parsed = loadExperiment({
      experimentPath: 'apps/my photos/experiment.yaml',
      projectPath: PROJECT,
      defaultName: 'my photos',
      readText: (path) => (path === PROJECT ? null : MINIMAL),
    });
    expect(parsed).toMatchObject({ ok: false, diagnostics: [{ code: 'E112' }] });
    expect(summaryOf(`${MINIMAL}name: a b\n`)).toEqual(['E103 experiment.yaml:4:7']);
  });

  test('E120: a circle, printed', () => {
    const project = 'version: 1\npresets:\n  a: { extends: [b] }\n  b: { extends: [c] }\n  c: { extends: [b] }\n';
    const [diagnostic, ...others] = diagnosticsOf(withProject('extends: [a]\n', project));
    expect(others).toEqual([]);
    expect(diagnostic).toMatchObject({ code: 'E120', message: expect.stringContaining('b → c → b') });
    expect(diagnostic.place).toMatchObject({ file: PROJECT, line: 5 });
    const selfish = summaryOf(`${MINIMAL}extends: [./experiment.yaml]\n`);
    expect(selfish).toEqual(['E120 experiment.yaml:4:11']);
  });

  test('E132 and E133: pictures of no class, and a class without pictures', () => {
    const text = (pictures: string) => `version: 1
classes: [charizard, pikachu]
dataset:
  sources:
    - type: npm
      package: a
      version: 1.0.0
      integrity: sha512-${'A'.repeat(86)}==
      pictures: ${pictures}
`;
    expect(summaryOf(text('{ charizard: a, pikachoo: b }'))).toEqual(['E132 experiment.yaml:9:33']);
    expect(summaryOf(text('{ charizard: a }'))).toEqual(['E133 experiment.yaml:2:22']);
    expect(summaryOf(text('{ charizard: a, pikachu: b }'))).toEqual([]);
  });

  test('E730: pictures of no class under the names of classes; a source with use: unknown brings none of a class', () => {
    const text = (keys: string) => `version: 1
classes: [charizard, pikachu]
dataset:
  sources:
    - { type: npm, package: a, version: 1.0.0, integrity: sha512-${'A'.repeat(86)}==, pictures: { charizard: a, pikachu: b } }
    - type: npm
      package: b
      version: 1.0.0
      integrity: sha512-${'A'.repeat(86)}==
      use: unknown
      ${keys}
`;
    expect(summaryOf(text('pictures: { pikachu: c }'))).toEqual(['E730 experiment.yaml:11:7']);
    expect(summaryOf(text('include: ["c/**"]'))).toEqual([]);
    const alone = text('include: ["c/**"]').replace(', pikachu: b', '');
    expect(summaryOf(alone)).toEqual(['E133 experiment.yaml:2:22']);
  });

  test('a problem of the project stands in the project, whoever loads it', () => {
    const project = 'version: 1\ndefaults: { train: { epochs: 0 } }\npresets: { x: { modl: 1 } }\n';
    expect(summaryOf(withProject('', project))).toEqual(['E105 project.yaml:2:30', 'E102 project.yaml:3:17']);
  });

  test('a problem of an extended file stands there', () => {
    expect(
      summaryOf({
        [EXPERIMENT]: 'version: 1\nextends: ../b/experiment.yaml\n',
        'apps/b/experiment.yaml': `${MINIMAL}train: { epochs: -1 }\n`,
      }),
    ).toEqual(['E105 experiment.yaml:4:18']);
  });
});

test('all problems of all files come together, sorted by file and line', () => {
  const text = `version: 1
classes: [charizard, pikachu]
dataset:
  sources: [{ type: directory, path: ./images }]
  split:
    train: 75%
model:
  alpha: 0.7
train:
  learning_rat: 0.001
`;
  expect(diagnosticsOf(text).map(formatDiagnostic).join('\n\n')).toBe(`error[E131] split parts add up to 105%, not 100%
  apps/pokedex/experiment.yaml:6:12
    6 |     train: 75%
      |            ^^^ with validation 15% and test 15%, write 70%

error[E110] model.alpha must be one of 0.25, 0.5, 0.75, 1
  apps/pokedex/experiment.yaml:8:10
    8 |   alpha: 0.7
      |          ^^^ nearest: 0.75

error[E102] unknown key "learning_rat"
  apps/pokedex/experiment.yaml:10:3
   10 |   learning_rat: 0.001
      |   ^^^^^^^^^^^^ did you mean "learning_rate"?`);
});

test('a key given twice hides no other problem', () => {
  const text = `${MINIMAL}seed: 1\nseed: 2\ntrain:\n  epoch: 3\nquantize: { calibration: { samples: many } }\n`;
  expect(summaryOf(text)).toEqual([
    'E015 experiment.yaml:5:1',
    'E102 experiment.yaml:7:3',
    'E103 experiment.yaml:8:37',
  ]);
});

describe('what is complained about once is not complained about again', () => {
  test.each([
    ['a part of the split that is misspelt', 'split: { trian: 60%, validation: 20%, test: 20% }', ['E102']],
    ['a part of the split that is no share', 'split: { train: most }', ['E103']],
    ['a part of the split that is given twice', 'split: { train: 75%, train: 60% }', ['E015']],
    ['a part of the split with a tag', 'split: { train: !share 75% }', ['E014']],
  ])('%s', (_, split, codes) => {
    const text = MINIMAL.replace('}] }', `}], ${split} }`);
    expect(diagnosticsOf(text).map(({ code }) => code)).toEqual(codes);
  });

  test('sources that cannot be read are not missing', () => {
    expect(
      diagnosticsOf(MINIMAL.replace('path: ./images', 'pth: ./images'))
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['E101', 'E102']);
  });
});

describe('remedies', () => {
  test.each([
    ['epochs: 3\n', 'it belongs under "train"'],
    ['model:\n  seed: 3\n', 'it belongs to the top level, without indentation'],
    ['model: { head: [{ dropuot: 0.5 }] }\n', 'did you mean "dropout"?'],
    ['target: maix-bt\n', 'did you mean "maix-bit"?'],
    ['augment: { random_zoom: 15 }\n', 'write 15%'],
    ['train: { optimizer: { name: sdg } }\n', 'did you mean "sgd"?'],
  ])('%j', (own, note) => {
    expect(diagnosticsOf(`${MINIMAL}${own}`)[0].note).toBe(note);
  });
});

test('no experiment and no project make it throw', () => {
  const keys = fc.constantFrom(
    'version',
    'classes',
    'dataset',
    'sources',
    'model',
    'head',
    'train',
    'optimizer',
    'extends',
    'target',
    'split',
    'train',
    'weights',
    'presets',
    'defaults',
    'a',
    '__proto__',
    'constructor',
  );
  const scalars = fc.constantFrom(
    1,
    0,
    -3,
    0.5,
    'a',
    'x.yaml',
    '15%',
    null,
    true,
    '',
    'none',
    'directory',
    'sgd',
    '2 MiB',
  );
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      scalars,
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(keys, tie('node'), { maxKeys: 5 }),
    ),
  }));
  const file = fc.dictionary(keys, node, { maxKeys: 6 });
  fc.assert(
    fc.property(file, file, (own, project) => {
      const parsed = load({
        [EXPERIMENT]: JSON.stringify({ version: 1, extends: ['a'], ...own }),
        [PROJECT]: JSON.stringify({ version: 1, ...project }),
      });
      if (!parsed.ok) expect(parsed.diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
    }),
    { numRuns: 300 },
  );
});
