import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settle } from '../merge/settle';
import { readSpec } from '../read/read-spec';
import { EXPERIMENT, load } from '../testing/load-files';
import { DEFAULT_ORIGIN, fromPlain } from '../tree';
import type { MapTree } from '../tree';
import { generatedFiles } from './generated-files';
import { branchesOf } from './json-schema';
import type { JsonSchema } from './json-schema';
import { experimentSchema, projectSchema } from './schemas';
import { validateTree } from './validate';

interface Key {
  /** As in the YAML; `[]` is an item of a list, `<word>` one of several shapes of a map. */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** Puts a value under this key into an otherwise smallest experiment. */
  readonly place: (value: unknown) => Readonly<Record<string, unknown>>;
}

const root = join(__dirname, '../../../..');
const keys = keysOf(experimentSchema, '', (value) => value as Record<string, unknown>);

test('the walk over the schema finds the keys of every depth', () => {
  const paths = keys.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(['seed', 'model.head[].dense', 'dataset.sources[].integrity', 'train.optimizer.momentum']),
  );
  expect(paths.length).toBeGreaterThan(100);
});

describe('every key', () => {
  test('has a full sentence as description', () => {
    const bad = keys.filter(({ schema }) => !/^[A-Za-z].*\.$/s.test(schema.description ?? ''));
    expect(bad.map(({ path }) => path)).toEqual([]);
  });

  test('has examples, or is a section of keys', () => {
    const bad = keys.filter(
      ({ schema }) =>
        schema.properties === undefined && schema.const === undefined && (schema.examples ?? []).length === 0,
    );
    expect(bad.map(({ path }) => path)).toEqual([]);
  });

  test('has a default, unless it is required or its default depends on others', () => {
    const bad = keys.filter(
      ({ schema, required }) => !required && schema.properties === undefined && schema.default === undefined,
    );
    expect(bad.map(({ path }) => path)).toEqual(['name', 'classes', 'classes[].folders', 'dataset.sources']);
  });

  test.each(keys.map((key) => [key.path, key] as const))(
    '%s: default and examples are valid',
    (_, { schema, place }) => {
      const values = [
        ...(schema.examples ?? []),
        ...(schema.default === undefined || schema.default === null ? [] : [schema.default]),
      ];
      const problems = values.flatMap((value) => validateTree(experimentSchema, treeOf(place(value))));
      expect(problems.map(({ diagnostic }) => diagnostic.message)).toEqual([]);
    },
  );
});

/** Keys that admit one value only, and those that are used up before the spec is made. */
const WITHOUT_EFFECT = [
  ...['version', 'extends', 'model.backbone', 'export.kmodel.version'],
  // Read by the loader; see variants.spec.ts and sweep/sweep.spec.ts.
  ...['variants', 'sweep.rank_by', 'sweep.keep', 'sweep.max_points'],
];

/** A second value for keys whose default or only example is the one they have already. */
const OTHER_VALUES: Readonly<Record<string, unknown>> = {
  classes: ['a', 'b'],
  'classes[].name': 'other',
  'dataset.sources': [{ type: 'directory', path: './other' }],
  'dataset.sources[].path': './other',
  'dataset.sources[].package': 'other',
  'dataset.sources[].version': '9.9.9',
  'dataset.sources[].integrity': `sha512-${'B'.repeat(86)}==`,
  'dataset.sources[].items[].url': 'https://pictures.example.org/p/26.jpg',
  'dataset.sources[].items[].sha256': 'b'.repeat(64),
  'dataset.sources[].items[].label': 'charizard',
  'dataset.split.group_by.glob': '*/other',
  'dataset.split.group_by.pattern': '(other)',
  'model.weights.path': './other.onnx',
  'model.weights.npm': 'other',
  'model.weights.version': '9.9.9',
  'model.weights.integrity': `sha512-${'B'.repeat(86)}==`,
  'model.weights.manifest': 'other.json',
  'model.head[].dense': 7,
  'model.head[].dropout': 0.1,
  'model.freeze.first': 7,
  'target.device': 'maix-go',
  'train.fine_tune.unfreeze_from': 'conv_pw_7',
  'quantize.aware_training.unfreeze_from': 'conv_pw_7',
};

describe('every key is read: another value gives another spec', () => {
  const read = keys.filter(
    ({ path, schema }) =>
      schema.properties === undefined && schema.const === undefined && !WITHOUT_EFFECT.includes(path),
  );

  test.each(read.map((key) => [key.path, key] as const))('%s', (path, { schema, place }) => {
    const examples = schema.examples ?? [];
    const [first, ...others] = path in OTHER_VALUES ? [examples[0], OTHER_VALUES[path]] : [null, ...examples];
    const specs = others.map((value) => JSON.stringify(specOf(place(value))));
    expect(specs.some((spec) => spec !== JSON.stringify(specOf(place(first))))).toBe(true);
  });
});

test('what is made from the schemas is up to date', () => {
  for (const [path, text] of Object.entries(generatedFiles())) {
    const full = join(root, path);
    // Stale: node -r @swc-node/register libs/spec/scripts/write-schemas.ts
    expect({ path, text: existsSync(full) ? readFileSync(full, 'utf8') : null }).toEqual({ path, text });
  }
});

describe('the examples of the reference and the project of this workspace', () => {
  const blocks = [...generatedFiles()['docs/experiment-yaml.md'].matchAll(/```yaml\n(.*?)```/gs)].map(
    ([, text]) => text,
  );
  const project = readFileSync(join(root, 'project.yaml'), 'utf8');

  test.each(blocks.filter((text) => text.includes('classes:')))('experiment %#', (text) => {
    expect(load({ [EXPERIMENT]: text, 'project.yaml': project })).toMatchObject({ ok: true, warnings: [] });
  });

  test.each(blocks.filter((text) => text.includes('presets:')))('project %#', (text) => {
    const own =
      'version: 1\nextends: [quick-and-small]\nclasses: [a, b]\ndataset: { sources: [{ type: directory, path: ./x }] }\n';
    expect(load({ [EXPERIMENT]: own, 'project.yaml': text })).toMatchObject({ ok: true, warnings: [] });
  });

  test.each(['small-data', 'k210-safe', 'workshop-2019', 'workshop-2019-final'])('preset %s', (preset) => {
    const own = `version: 1\nextends: [${preset}]\nclasses: [a, b]\ndataset: { sources: [{ type: directory, path: ./x }] }\n`;
    expect(load({ [EXPERIMENT]: own, 'project.yaml': project })).toMatchObject({ ok: true, warnings: [] });
  });
});

test('a preset may hold every key but those that name an experiment', () => {
  const settings = Object.keys(projectSchema.definitions?.['settings'].properties ?? {});
  const own = Object.keys(experimentSchema.properties ?? {});
  expect(own.filter((key) => !settings.includes(key))).toEqual(['version', 'name', 'description', 'variants', 'sweep']);
});

function treeOf(value: Readonly<Record<string, unknown>>): MapTree {
  const tree = fromPlain({ version: 1, ...value }, DEFAULT_ORIGIN);
  if (tree.kind !== 'map') throw new Error('a map is wanted');
  return tree;
}

function specOf(value: Readonly<Record<string, unknown>>) {
  const dataset = { sources: [{ type: 'directory', path: './images' }], ...(value['dataset'] as object | undefined) };
  return readSpec(settle(treeOf({ classes: ['charizard', 'pikachu'], ...value, dataset }), 'folder', []), []);
}

type Place = Key['place'];

function keysOf(schema: JsonSchema, path: string, place: Place): Key[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const keyPath = path === '' ? name : `${path}.${name}`;
    // A key of a map that needs others comes with those.
    const companions = Object.fromEntries(
      (schema.required ?? [])
        .filter((key) => key !== 'version' || path !== '')
        .map((key) => [key, exampleOf(schema.properties?.[key] ?? {})]),
    );
    const placeChild: Place = (value) => place({ ...companions, [name]: value });
    const key: Key = {
      path: keyPath,
      schema: child,
      required: (schema.required ?? []).includes(name),
      place: placeChild,
    };
    return [key, ...keysBelow(child, keyPath, placeChild)];
  });
}

function keysBelow(schema: JsonSchema, path: string, place: Place): Key[] {
  if (schema.properties !== undefined) return keysOf(schema, path, place);
  const shapes = schema.anyOf === undefined ? [] : branchesOf(schema).flatMap((branch) => keysOf(branch, path, place));
  const { items } = schema;
  if (items === undefined) return shapes;
  const padding = path === 'classes' ? ['second'] : [];
  const placeItem: Place = (value) => place([value, ...padding] as unknown as Record<string, unknown>);
  return [...shapes, ...branchesOf(items).flatMap((branch) => keysOf(branch, `${path}[]`, placeItem))];
}

function exampleOf(schema: JsonSchema): unknown {
  return schema.const ?? schema.examples?.[0];
}
