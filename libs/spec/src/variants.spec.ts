import { loadExperiment } from './load-experiment';
import type { LoadOptions } from './load-experiment';
import { printConfig } from './print-config';
import { scanReferences } from './scan-references';
import { diagnosticsOf, EXPERIMENT, load, MINIMAL, summaryOf } from './testing/load-files';

const PROJECT = `version: 1
presets:
  small: { model: { alpha: 0.25 }, train: { epochs: 3 } }
`;

const VARIANTS = `${MINIMAL}model: { alpha: 1.0, head: [], weights: imagenet }
train: { epochs: 20, optimizer: { name: sgd, momentum: 0.5 } }
variants:
  tiny:
    extends: [small]
    train: { epochs: 7 }
  plain: { train: { epochs: null, optimizer: adam } }
`;

const files = { [EXPERIMENT]: VARIANTS, 'project.yaml': PROJECT };

function loadWith(options: Pick<LoadOptions, 'variant' | 'settings'>, texts: Readonly<Record<string, string>> = files) {
  return loadExperiment({
    experimentPath: EXPERIMENT,
    projectPath: 'project.yaml',
    defaultName: 'pokedex',
    readText: (path) => texts[path] ?? null,
    ...options,
  });
}

function experimentWith(options: Pick<LoadOptions, 'variant' | 'settings'>) {
  const parsed = loadWith(options);
  if (!parsed.ok) throw new Error(parsed.diagnostics.map(({ message }) => message).join('\n'));
  return parsed.value;
}

const codesWith = (options: Pick<LoadOptions, 'variant' | 'settings'>): string[] => {
  const parsed = loadWith(options);
  return parsed.ok ? [] : parsed.diagnostics.map(({ code }) => code);
};

describe('a variant', () => {
  test('wins over the experiment, and over the presets that it extends itself', () => {
    const { spec, variant, variants, title } = experimentWith({ variant: 'tiny' });
    expect([spec.model.alpha, spec.train.epochs]).toEqual([0.25, 7]);
    expect({ variant, variants, title }).toEqual({
      variant: 'tiny',
      variants: ['plain', 'tiny'],
      title: 'pokedex-tiny',
    });
  });

  test('leaves the experiment as it is', () => {
    const { spec, title, variant } = experimentWith({});
    expect([spec.model.alpha, spec.train.epochs, title, variant]).toEqual([1, 20, 'pokedex', null]);
    expect(spec).toEqual(experimentWith({ variant: '' }).spec);
  });

  test('keeps the name of the experiment, which stages that it shares may see', () => {
    expect(experimentWith({ variant: 'tiny' }).spec.name).toBe('pokedex');
  });

  test('null returns a key to its default, and a short form replaces the long one of below', () => {
    const { spec } = experimentWith({ variant: 'plain' });
    expect(spec.train.epochs).toBe(30);
    expect(spec.train.optimizer).toMatchObject({ name: 'adam' });
  });

  test('show-config names it beside the place of each of its values', () => {
    const text = printConfig(experimentWith({ variant: 'tiny' }));
    expect(text).toMatch(/epochs: 7 +# variant tiny \(apps\/pokedex\/experiment\.yaml:9\)/);
    expect(text).toMatch(/alpha: 0\.25 +# preset small \(project\.yaml:3\)/);
    expect(text).not.toMatch(/^variants:/m);
  });

  test('of an extended experiment is not inherited', () => {
    const other = {
      'apps/other/experiment.yaml': `${VARIANTS}sweep: { train.epochs: [1, 2] }\n`,
      'project.yaml': PROJECT,
    };
    const own = `${MINIMAL}extends: [../other/experiment.yaml]\n`;
    expect(load({ ...other, [EXPERIMENT]: own })).toMatchObject({ ok: true, value: { variants: [], sweep: null } });
  });
});

describe('mistakes in variants', () => {
  test('are told with those of the experiment, whichever is asked for', () => {
    const text = `${MINIMAL}model: { alpah: 0.5 }
variants:
  tiny: { model: { alpha: 0.3 }, train: { epochz: 5 } }
  late:
    train: { epochs: 2, warmup_epochs: 5 }
  lost: { extends: [smal] }
  "a/b": {}
`;
    const wanted = [
      'E102 experiment.yaml:4:10',
      'E110 experiment.yaml:6:27',
      'E102 experiment.yaml:6:43',
      'E139 experiment.yaml:8:40',
      'E121 experiment.yaml:9:21',
      'E147 experiment.yaml:10:3',
    ];
    expect(summaryOf({ [EXPERIMENT]: text, 'project.yaml': PROJECT })).toEqual(wanted);
  });

  test('of the experiment are told once, not for every variant', () => {
    expect(
      summaryOf(`${MINIMAL}train: { epochs: 2, warmup_epochs: 5 }\nvariants: { a: { seed: 1 }, b: { seed: 2 } }\n`),
    ).toEqual(['E139 experiment.yaml:4:36']);
  });

  test('nothing that one variant lacks is held against another', () => {
    expect(
      summaryOf(`${MINIMAL}variants: { a: { train: { epochs: x } }, b: { train: { epochs: 2, warmup_epochs: 5 } } }\n`),
    ).toEqual(['E103 experiment.yaml:4:35', 'E139 experiment.yaml:4:82']);
  });

  test('E146: an unknown one is suggested', () => {
    expect(codesWith({ variant: 'tinny' })).toEqual(['E146']);
    const parsed = loadWith({ variant: 'tinny' });
    expect(parsed).toMatchObject({
      diagnostics: [{ hint: expect.stringContaining('did you mean --configuration=tiny?') }],
    });
    const without = loadWith({ variant: 'tiny' }, { [EXPERIMENT]: MINIMAL });
    expect(without).toMatchObject({ diagnostics: [{ code: 'E146', hint: expect.stringContaining('variants:') }] });
  });
});

describe('--set', () => {
  test('wins over the variant; the title tells equal settings by one digest', () => {
    const one = experimentWith({ variant: 'tiny', settings: ['train.epochs=9', 'model.head=[{ dense: 8 }]'] });
    expect(one.spec.train.epochs).toBe(9);
    expect(one.spec.model.head).toMatchObject([{ units: 8 }]);
    expect(one.title).toMatch(/^pokedex-tiny-[0-9a-f]{8}$/);
    const same = experimentWith({ variant: 'tiny', settings: ["model.head=[{'dense': 8}]", 'train.epochs=0x9'] });
    expect(same.title).toBe(one.title);
    expect(experimentWith({ settings: ['train.epochs=8'] }).title).not.toBe(
      experimentWith({ settings: ['train.epochs=9'] }).title,
    );
  });

  test('of a section merges, and null returns to the default', () => {
    expect(experimentWith({ settings: ['train.epochs=null'] }).spec.train.epochs).toBe(30);
    expect(experimentWith({ settings: ['train={ batch_size: 4 }'] }).spec.train).toMatchObject({
      batchSize: 4,
      epochs: 20,
    });
  });

  test.each([
    ['E148', 'train.epochs'],
    ['E148', '=5'],
    ['E148', 'train epochs=5'],
    ['E102', 'train.epochz=5'],
    ['E103', 'train.epochs=many'],
    ['E102', 'name=other'],
    ['E149', 'dataset={ sources: [] }'],
    ['E149', 'extends=[small]'],
    ['E014', 'train.epochs=[1'],
  ])('%s: %s', (code, text) => {
    expect(codesWith({ settings: [text] })).toContain(code);
  });

  test('what goes together wrongly is told, too', () => {
    expect(codesWith({ settings: ['train.warmup_epochs=20'] })).toEqual(['E139']);
  });
});

test('references of variants are found, for build tools', () => {
  const text = `${MINIMAL}variants:
  more: { export: { formats: [tfjs] }, dataset: { sources: [{ type: directory, path: ./more }] } }
  other: { extends: [../other/experiment.yaml] }
`;
  expect(
    scanReferences({
      experimentPath: EXPERIMENT,
      projectPath: 'project.yaml',
      readText: (path) => (path === EXPERIMENT ? text : null),
    }),
  ).toEqual({
    directories: ['apps/pokedex/images', 'apps/pokedex/more'],
    sourceFiles: [],
    extendedFiles: ['apps/other/experiment.yaml'],
    formats: ['kmodel'],
  });
});

test('warnings of a variant come with those of the experiment', () => {
  expect(diagnosticsOf(`${MINIMAL}variants: { a: { augment: { repeats: 0, redraw: every_epoch } } }\n`)).toMatchObject([
    { code: 'W103', severity: 'warning' },
  ]);
});
