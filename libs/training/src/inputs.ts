import type { Graph } from '@graft/model';
import type { MapShape } from '@graft/tensor';

import { decodePixels } from './inference';
import type { TrainingExample } from './training-example';

/** What the learning part sees of each example: the features, or the picture itself where nothing is frozen. */
export interface Inputs {
  readonly shape: MapShape;
  /** Already pooled: the dense layers come next. */
  readonly vector: boolean;
  /** One after the other, each [row][column][channel]. */
  read(examples: readonly TrainingExample[]): Promise<Float32Array>;
}

export function pictureInputs(input: Graph['input']): Inputs {
  return {
    shape: input,
    vector: false,
    read: async (examples) =>
      decodePixels(
        examples.map((example) => example.pixels()),
        input,
      ),
  };
}
