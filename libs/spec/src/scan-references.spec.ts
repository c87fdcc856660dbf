import fc from 'fast-check';
import { scanReferences } from './scan-references';

const source = (path: string) => `dataset: { sources: [{ type: directory, path: ${path} }] }`;

function scan(files: Readonly<Record<string, string>>) {
  return scanReferences({
    experimentPath: 'apps/own/experiment.yaml',
    projectPath: 'project.yaml',
    readText: (path) => files[path] ?? null,
  });
}

const scanOwn = (text: string, project?: string) =>
  scan({ 'apps/own/experiment.yaml': text, ...(project === undefined ? {} : { 'project.yaml': project }) });

test('an experiment names its picture folders and the experiments that it extends', () => {
  const text = `extends: [../pokedex/experiment.yaml, other.yml, preset]\n${source('./images/')}\n`;
  expect(scanOwn(text)).toEqual({
    directories: ['apps/own/images'],
    sourceFiles: [],
    extendedFiles: ['apps/own/other.yml', 'apps/pokedex/experiment.yaml'],
    formats: ['kmodel'],
  });
});

test('so do presets that it uses, those they use, and the defaults', () => {
  const project = `
defaults: { ${source('d')}, extends: base }
presets:
  a: { extends: [b], ${source('a')} }
  b: { extends: [a, ../x/experiment.yaml], ${source('b')} }
  base: { ${source('base')} }
  unused: { ${source('unused')} }
`;
  expect(scanOwn('extends: a\n', project)).toEqual({
    directories: ['apps/own/a', 'apps/own/b', 'apps/own/base', 'apps/own/d'],
    sourceFiles: [],
    extendedFiles: ['apps/x/experiment.yaml'],
    formats: ['kmodel'],
  });
});

test('experiments that it extends name folders and files in their turn, each from where it lies', () => {
  const references = scan({
    'apps/own/experiment.yaml': 'extends: ../parent/experiment.yaml\n',
    'apps/parent/experiment.yaml': `extends: [sub/more.yaml, shared-preset]\n${source('../../../elsewhere')}\n`,
    'apps/parent/sub/more.yaml': `extends: [../experiment.yaml]\n${source('./images')}\n`,
    'project.yaml': `presets: { shared-preset: { ${source('./here')} } }\n`,
  });
  expect(references).toEqual({
    directories: ['../elsewhere', 'apps/parent/here', 'apps/parent/sub/images'],
    sourceFiles: [],
    extendedFiles: ['apps/parent/experiment.yaml', 'apps/parent/sub/more.yaml'],
    formats: ['kmodel'],
  });
});

test.each([
  ['its own', 'export: { formats: [tfjs] }\nextends: a\n', ['tfjs']],
  ['those of the preset that it names last', 'extends: [a, b]\n', ['kmodel', 'tfjs']],
  ['those of the project', '', ['tfjs']],
  ['those that exist', 'export: { formats: [kmodel, gguf] }\n', ['kmodel']],
])('the formats that export makes are %s', (_, text, formats) => {
  const project = `
defaults: { export: { formats: [tfjs] } }
presets:
  a: { export: { formats: [kmodel] } }
  b: { export: { formats: [tfjs, kmodel] } }
`;
  expect(scanOwn(text, project)).toMatchObject({ formats });
});

test('weights are a file or a folder by their name, from where they are written', () => {
  const files = {
    'apps/own/experiment.yaml': 'extends: ../parent/experiment.yaml\nmodel: { weights: { path: trunk.v2/tfjs } }\n',
    'apps/parent/experiment.yaml': 'model: { weights: { path: ./theirs.onnx } }\n',
  };
  expect(scan(files)).toMatchObject({
    directories: ['apps/own/trunk.v2/tfjs'],
    sourceFiles: ['apps/parent/theirs.onnx'],
  });
  expect(scanOwn('model: { weights: imagenet }\n')).toMatchObject({ directories: [], sourceFiles: [] });
});

test('archives and lists are named as files, an archive of an address is not', () => {
  const text = `dataset:
  sources:
    - { type: archive, path: ../../datasets/extra.zip }
    - { type: archive, url: https://pictures.example.org/extra.zip }
    - { type: http, list: ./urls.csv }
`;
  expect(scanOwn(text)).toEqual({
    directories: [],
    sourceFiles: ['apps/own/urls.csv', 'datasets/extra.zip'],
    extendedFiles: [],
    formats: ['kmodel'],
  });
});

test('an absolute folder stays as it is', () => {
  expect(scanOwn(source('/pictures/cats/')).directories).toEqual(['/pictures/cats']);
});

test.each([
  ['npm sources', 'dataset: { sources: [{ type: npm, path: x }] }'],
  ['sources of another shape', 'dataset: { sources: { type: directory, path: x } }'],
  ['nothing', ''],
  ['brackets without end', `a: ${'['.repeat(20_000)}`],
  ['aliases without anchor', 'dataset: *x'],
])('%s name no folder', (_, text) => {
  expect(scanOwn(text, text)).toEqual({ directories: [], sourceFiles: [], extendedFiles: [], formats: ['kmodel'] });
});

test('a file with a mistake still names what can be read', () => {
  expect(scanOwn(`${source('./images')}\nmodel: [\n`).directories).toEqual(['apps/own/images']);
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (own, project) => {
      expect(scanOwn(own, project).directories).toBeInstanceOf(Array);
    }),
  );
});
