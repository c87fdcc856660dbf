import { explainedValues } from './explained-values';
import { printConfig } from './print-config';
import { EXPERIMENT, loaded, MINIMAL } from './testing/load-files';

const project = `version: 1
defaults:
  target: maix-go
presets:
  small-data:
    train:
      epochs: 12
`;

const experiment = loaded({
  [EXPERIMENT]: `${MINIMAL}extends: [small-data]
model:
  head:
    - dense: 100
    - dropout: 20%
flash: { address: 0x400000 }
description: "with: odd # characters"
`,
  'project.yaml': project,
});

const lineOf = (text: string, key: string) => text.split('\n').find((line) => line.trimStart().startsWith(key)) ?? '';

test('each value says where it comes from', () => {
  const text = printConfig(experiment);
  expect(lineOf(text, '- dense: 100')).toMatch(/# apps\/pokedex\/experiment\.yaml:7$/);
  expect(lineOf(text, 'epochs: 12')).toMatch(/# preset small-data \(project\.yaml:7\)$/);
  expect(lineOf(text, 'device: maix-go')).toMatch(/# defaults \(project\.yaml:3\)$/);
  expect(lineOf(text, 'batch_size: 32')).toMatch(/# default$/);
  expect(lineOf(text, 'output: auto')).toMatch(/# default$/);
  expect(lineOf(text, 'address: 0x400000')).toMatch(/experiment\.yaml:9$/);
});

test('every line that holds a value has such a comment', () => {
  const lines = printConfig(experiment).trimEnd().split('\n');
  const bare = lines.filter((line) => !/ # (?:default|.*\.yaml:\d+\)?)$/.test(line));
  expect(bare.filter((line) => !/^\s*(?:- )?[\w-]+:$/.test(line))).toEqual([]);
});

test('only what was changed is shown on demand', () => {
  const text = printConfig(experiment, { onlyChanged: true });
  expect(text).toContain('epochs: 12');
  expect(text).not.toContain('batch_size');
  expect(text).not.toMatch(/^augment:/m);
});

test.each([
  ['this experiment', experiment],
  ['the smallest experiment', loaded(MINIMAL)],
  [
    'odd names',
    loaded(`version: 1
name: "1.0"
classes: [{ name: "yes", folders: ["1e3", "a: b", "#x"] }, { name: "null", folders: ["[x]"] }, { name: "- a" }, "true", "0x10"]
dataset: { sources: [{ type: directory, path: "./a, b" }], include: ["**/*.{jpg,png}", "!x", "*"] }
train: { class_weights: { "yes": 2 } }
`),
  ],
])('what is printed reads back as the same experiment: %s', (_, original) => {
  expect(loaded(printConfig(original)).spec).toEqual(original.spec);
});

test('tools get the same as a flat list', () => {
  const values = explainedValues(experiment);
  expect(values).toContainEqual({ keyPath: 'model.head[1].dropout', value: '20%', origin: `${EXPERIMENT}:8` });
  expect(values).toContainEqual({ keyPath: 'train.epochs', value: 12, origin: 'preset small-data (project.yaml:7)' });
  expect(values).toContainEqual({ keyPath: 'dataset.exclude', value: [], origin: 'default' });
  expect(new Set(values.map(({ keyPath }) => keyPath)).size).toBe(values.length);
});
