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

/** Every training example `augment.repeats` times, each copy drawn anew; without repeats as it is. */
export function trainingExamples(
  examples: Examples,
  indices: readonly number[],
  settings: Augmentation,
): TrainingExample[] {
  const { augment, seed, classes } = settings;
  const plain = plainExamples(examples, indices, classes);
  if (augment.repeats === 0) return plain;
  const { height, width } = examples.index;
  const recipe = sha256(canonicalJson({ augment: { ...augment, repeats: 0 }, seed }));
  return plain.flatMap((example, position) => {
    const index = indices[position];
    const cutout = examples.cutout(index);
    return Array.from({ length: augment.repeats }, (_, copy): TrainingExample => ({
      ...example,
      id: `${example.id}@${copy}`,
      digest: sha256(`${example.digest} ${cutout === null ? '' : sha256(cutout.rgba)} ${recipe} ${example.id} ${copy}`),
      pixels: () =>
        augmentExample({ pixels: examples.pixels(index), cutout, height, width, augment, seed, id: example.id, copy }),
    }));
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
