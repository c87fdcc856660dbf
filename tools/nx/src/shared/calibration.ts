import type { Examples } from '@graft/image';
import { drawFromEachClass } from './draw-pictures';
import { planes } from './examples';

/** Planar bytes of each picture, and the index of its class. */
export interface Calibration {
  readonly calibration: readonly Uint8Array[];
  readonly labels: readonly number[];
}

/** Pictures for calibration, of every class. */
export function calibrationPictures(
  examples: Examples,
  indices: readonly number[],
  samples: number,
  seed: number,
  classes: readonly string[],
): Calibration {
  const taken = drawFromEachClass(examples, indices, samples, `calibration ${seed}`);
  return {
    calibration: taken.map((index) => planes(examples, index)),
    labels: taken.map((index) => classes.indexOf(examples.index.examples[index].label)),
  };
}
