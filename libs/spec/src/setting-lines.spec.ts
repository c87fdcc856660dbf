import { settingLines } from './setting-lines';
import { EXPERIMENT, loaded, MINIMAL } from './testing/load-files';

const linesOf = (more: string) => settingLines(loaded(`${MINIMAL}${more}`));
const plain = linesOf(`
description: one
require: { kmodel_size: "<= 2 MiB", latency: "<= 60 ms" }
train: { learning_rate: 0.001, label_smoothing: 5% }
evaluate: { worst_images: 30, confidence_interval: 90% }
flash: { address: 0x400000 }
`);

test.each([
  ['comments and the order of keys', 'train: { label_smoothing: 5%, learning_rate: 0.001 } # a word'],
  ['quotes and the form of numbers', 'train: { label_smoothing: "5%", learning_rate: 1.0e-3 }'],
  ['units of shares', 'train: { learning_rate: 0.001, label_smoothing: 0.05 }'],
])('%s leave the lines as they are', (_, train) => {
  const others = `flash: { address: 4194304 }
require: { latency: "<= 0.06 s", kmodel_size: "<= 2048 KiB" }
evaluate: { confidence_interval: 0.9, worst_images: 30 }
description: two
`;
  expect(linesOf(`${others}${train}\n`)).toEqual(plain);
});

test('another value is another line, and only that one', () => {
  const other = linesOf(`
require: { kmodel_size: "<= 2 MiB", latency: "<= 60 ms" }
train: { learning_rate: 0.001, label_smoothing: 5% }
evaluate: { worst_images: 31, confidence_interval: 90% }
flash: { address: 0x400000 }
`);
  const differing = other.filter((line, index) => line !== plain[index]);
  expect(differing).toEqual(['  worst_images: 31']);
});

test('the lines can be read back, and give the same lines', () => {
  expect(settingLines(loaded(plain.join('\n')))).toEqual(plain);
});

test('where a value was written does not count', () => {
  const project = 'version: 1\ndefaults: { train: { epochs: 12 } }\n';
  const below = settingLines(loaded({ [EXPERIMENT]: MINIMAL, 'project.yaml': project }));
  expect(below).toEqual(linesOf('train: { epochs: 12 }\n'));
});

test('a class that is called 007 keeps its name', () => {
  const text = MINIMAL.replace('[charizard, pikachu]', '[007, "8"]');
  expect(settingLines(loaded(text)).join('\n')).toContain('name: "007"');
});
