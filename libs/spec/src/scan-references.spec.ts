import fc from 'fast-check';
import { scanReferences } from './scan-references';

const source = (path: string) => `dataset: { sources: [{ type: directory, path: ${path} }] }`;

test('an experiment names its picture folders and the experiments that it extends', () => {
  const text = `extends: [../pokedex/experiment.yaml, other.yml, preset]\n${source('./images')}\n`;
  expect(scanReferences(text, null)).toEqual({
    directories: ['./images'],
    extendedFiles: ['../pokedex/experiment.yaml', 'other.yml'],
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
  expect(scanReferences('extends: a\n', project)).toEqual({
    directories: ['a', 'b', 'base', 'd'],
    extendedFiles: ['../x/experiment.yaml'],
  });
});

test.each([
  ['npm sources', 'dataset: { sources: [{ type: npm, path: x }] }'],
  ['sources of another shape', 'dataset: { sources: { type: directory, path: x } }'],
  ['nothing', ''],
  ['brackets without end', `a: ${'['.repeat(20_000)}`],
  ['aliases without anchor', 'dataset: *x'],
])('%s name no folder', (_, text) => {
  expect(scanReferences(text, text)).toEqual({ directories: [], extendedFiles: [] });
});

test('a file with a mistake still names what can be read', () => {
  expect(scanReferences(`${source('./images')}\nmodel: [\n`, null).directories).toEqual(['./images']);
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (own, project) => {
      expect(scanReferences(own, project).directories).toBeInstanceOf(Array);
    }),
  );
});
