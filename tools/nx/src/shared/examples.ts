import { sha256, canonicalJson } from '@graft/foundation';
import { augmentExample, planarFromInterleaved } from '@graft/image';
import type { ExampleRecord, Examples } from '@graft/image';
import type { TrainSettings } from '@graft/pipeline';
import type { TrainingExample } from '@graft/training';

export type Split = ExampleRecord['split'];

/** Indices of the examples that a condition takes, in order. */
export function indicesWhere(examples: Examples, condition: (record: ExampleRecord) => boolean): number[] {
  return examples.index.examples.flatMap((record, index) => (condition(record) ? [index] : []));
}

type Augmentation = Pick<TrainSettings, 'seed' | 'classes' | 'augment'>;

/** Examples as they were preprocessed: for validation and for measuring. */
export function plainExamples(
  examples: Examples,
  indices: readonly number[],
  classes: readonly string[],
): TrainingExample[] {
  return indices.map((index) => {
    const record = examples.index.examples[index];
    return {
      id: record.id,
      digest: sha256(examples.pixels(index)),
      label: labelIndex(record, classes),
      pixels: () => examples.pixels(index),
    };
  });
}

/**
 * Every training example `augment.repeats` times, each copy drawn anew; without repeats as it is. Where copies are drawn in
 * every epoch, those of the first have the numbers 0 … repeats − 1, those of the second the next ones, and so on.
 */
export function trainingExamples(
  examples: Examples,
  indices: readonly number[],
  settings: Augmentation,
): TrainingExample[] {
  const { repeats, redraw } = settings.augment;
  const plain = plainExamples(examples, indices, settings.classes);
  if (repeats === 0) return plain;
  return plain.flatMap((example, position) => {
    const copyOf = copyMaker(examples, indices[position], example, settings);
    return Array.from({ length: repeats }, (_, copy): TrainingExample => {
      const first = copyOf(copy);
      if (redraw === 'once') return first;
      const later = (epoch: number) => ({ ...copyOf((epoch - 1) * repeats + copy), fleeting: true as const });
      return { ...first, inEpoch: (epoch) => (epoch === 1 ? first : later(epoch)) };
    });
  });
}

/** Makes the copy of a number. How many there are, and when they are drawn, is not in its digest. */
function copyMaker(examples: Examples, index: number, example: TrainingExample, { augment, seed }: Augmentation) {
  const { height, width } = examples.index;
  const recipe = sha256(canonicalJson({ augment: { ...augment, repeats: 0, redraw: 'once' }, seed }));
  const cutout = examples.cutout(index);
  const content = `${example.digest} ${cutout === null ? '' : sha256(cutout.rgba)} ${recipe} ${example.id}`;
  return (copy: number): TrainingExample => ({
    ...example,
    id: `${example.id}@${copy}`,
    picture: example.id,
    digest: sha256(`${content} ${copy}`),
    pixels: () =>
      augmentExample({ pixels: examples.pixels(index), cutout, height, width, augment, seed, id: example.id, copy }),
  });
}

/** What the chip reads: the planes R, G, B one after another. */
export function planes(examples: Examples, index: number): Uint8Array {
  return planarFromInterleaved(examples.pixels(index), examples.index.height, examples.index.width);
}

function labelIndex(record: ExampleRecord, classes: readonly string[]): number {
  const label = classes.indexOf(record.label);
  if (label < 0) throw new Error(`internal: example ${record.id} has the unknown class "${record.label}"`);
  return label;
}
