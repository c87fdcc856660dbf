import { placeOf } from './place-of';
import { EXPERIMENT, loaded } from './testing/load-files';

const experiment = loaded({
  [EXPERIMENT]: `version: 1
classes: [charizard, pikachu]
dataset:
  sources:
    - type: directory
      path: ./images
model:
  head:
    - dense: 1024
target: maix-bit
`,
  'project.yaml': 'version: 1\ndefaults:\n  train:\n    epochs: 3\n',
});

test.each([
  ['a value', 'model.head[0].dense', `${EXPERIMENT}:9:14`, '1024'],
  ['a section, by its key', 'model.head', `${EXPERIMENT}:8:3`, 'head'],
  ['an item', 'dataset.sources[0]', `${EXPERIMENT}:5:7`, 'type'],
  ['a default, by the section around it', 'model.alpha', `${EXPERIMENT}:7:1`, 'model'],
  ['a default of an item', 'model.head[0].activation', `${EXPERIMENT}:9:7`, 'dense'],
  ['the long form of a short one', 'target.device', `${EXPERIMENT}:10:9`, 'maix-bit'],
  ['a default beside a short form', 'target.firmware', `${EXPERIMENT}:10:9`, 'maix-bit'],
  ['a value of the project', 'train.epochs', 'project.yaml:4:13', '3'],
  ['a class', 'classes[1].name', `${EXPERIMENT}:2:22`, 'pikachu'],
])('%s: %s', (_, keyPath, where, marked) => {
  const place = placeOf(experiment, keyPath);
  expect(`${place?.file}:${place?.line}:${place?.column}`).toBe(where);
  expect(place?.text.slice(place.column - 1, place.column - 1 + place.length)).toBe(marked);
});

test.each(['flash.address', 'nothing.of.the.kind', ''])('%j stands nowhere', (keyPath) => {
  expect(placeOf(experiment, keyPath)).toBeNull();
});
