import { augmentExample } from '@graft/image';
import type { AugmentSection } from '@graft/spec';
import { AUGMENT, exampleDouble } from '../../shared/examples.fixture';
import { sampleSheet } from './sample-sheet';

const CLASSES = ['b', 'a'];
const examples = exampleDouble([
  { id: 'b0', label: 'b', split: 'train' },
  { id: 'a0', label: 'a', split: 'train' },
  { id: 'a1#3', label: 'a', split: 'train' },
  { id: 'a2', label: 'a', split: 'train' },
  { id: 'b1', label: 'b', split: 'test' },
  { id: 'b2', label: 'b', split: 'validation' },
]);

const sample = (augment: Partial<AugmentSection>, pictures = 2, copies = 4) =>
  sampleSheet('x', examples, { seed: 5, classes: CLASSES, augment: { ...AUGMENT, ...augment } }, { pictures, copies });

test('classes come in the order of the experiment, training pictures only, no more of each than asked for', () => {
  const { sheet, shown, all } = sample({});
  expect(sheet.classes.map(({ label, rows }) => [label, rows.length])).toEqual([
    ['b', 1],
    ['a', 3],
  ]);
  expect(sample({}, 1).sheet.classes.map(({ rows }) => rows.length)).toEqual([1, 1]);
  expect([shown, all]).toEqual([4, 4]);
});

test('each picture stands beside the copies that training sees', () => {
  const { sheet } = sample({ redraw: 'once', repeats: 3 });
  expect(sheet.columns).toEqual(['as it is', 'copy 1', 'copy 2', 'copy 3']);
  const [{ name, cells }] = sheet.classes[0].rows;
  expect(name).toBe('pictures/b0.png');
  expect(cells[0]).toEqual(examples.pixels(0));
  const { height, width } = sheet.size;
  const copies = [0, 1, 2].map((copy) =>
    augmentExample({
      ...{ pixels: examples.pixels(0), cutout: null, height, width, seed: 5, id: 'b0', copy },
      augment: { ...AUGMENT, redraw: 'once' },
    }),
  );
  expect(cells.slice(1)).toEqual(copies);
});

test('where copies are drawn anew, the columns are epochs, and all differ', () => {
  const { sheet } = sample({ redraw: 'every_epoch', repeats: 2 });
  expect(sheet.columns).toEqual(['as it is', 'epoch 1', 'epoch 2', 'epoch 3', 'epoch 4']);
  const [{ cells }] = sheet.classes[0].rows;
  expect(new Set(cells.map((cell) => Buffer.from(cell).toString('base64'))).size).toBe(5);
});

test('without copies the pictures stand alone; frames of an animation are numbered', () => {
  const { sheet } = sample({ repeats: 0 }, 9);
  expect(sheet.columns).toEqual(['as it is']);
  expect(sheet.classes[1].rows.map(({ name }) => name)).toContain('pictures/a1.png #3');
});
