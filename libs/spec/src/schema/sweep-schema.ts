import type { JsonSchema } from './json-schema';
import { choice, integer, list, section } from './kit';

/** What a sweep may rank its points by. */
export const RANKINGS = ['device_accuracy', 'accuracy_per_kb', 'accuracy_per_ms', 'latency', 'kmodel_size'] as const;

const fixed = section(
  {
    description:
      'A grid of experiments that `sweep` runs and compares: under any key of the experiment, written with dots, a list of values.',
    examples: [{ 'model.alpha': [0.5, 0.75], 'preprocess.image_size': [160, 224] }],
    wakes: [],
  },
  {
    rank_by: choice(
      { description: 'What decides the order of the points; the best comes first.', default: 'device_accuracy' },
      [...RANKINGS],
    ),
    keep: choice(
      {
        description:
          'What happens to points that do not fit the board: `fits` leaves them out and says why; with `all` they are an error.',
        default: 'fits',
      },
      ['fits', 'all'],
    ),
    max_points: integer(
      {
        description: 'A grid with more points is an error, so that a slip does not take days.',
        default: 64,
        examples: [200],
      },
      { minimum: 1, maximum: 10000 },
    ),
  },
);

/** Keys of the experiment are checked with their values by `readSweep`; a schema cannot name all paths. */
export const sweepSchema: JsonSchema = {
  ...fixed,
  additionalProperties: list({ description: 'The values of this key, in turn.' }, {}, { minItems: 1 }),
};
