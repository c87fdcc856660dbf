import type { TailStep } from './plan-memory';

const FLOAT_BYTES = 4;

/** The layers of the firmware that the means and maxima of a map become, by name, in the order in which they run. */
export function averageMaxNames(pool: string) {
  return { max: `${pool}_max`, dequantize: `${pool}_max_dequantize`, mean: `${pool}_mean`, concat: pool };
}

/**
 * What they leave in main memory. The tail begins with them, so that the bytes of the map and its real values lie before
 * them. Maxima are taken of the bytes: the firmware has no other. They come first, and the bytes need no place of their own for longer.
 */
export function averageMaxSteps(pool: string, channels: number): TailStep[] {
  const names = averageMaxNames(pool);
  return [
    { name: names.max, bytes: channels, reads: [2] },
    { name: names.dequantize, bytes: FLOAT_BYTES * channels },
    { name: names.mean, bytes: FLOAT_BYTES * channels, reads: [3] },
    { name: names.concat, bytes: 2 * FLOAT_BYTES * channels, reads: [1, 2] },
  ];
}
