import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Random } from '@graft/foundation';
import sharp from 'sharp';

export interface MadePhotographs {
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** Every other picture is of the other class, and tinted so. */
export const MADE_CLASSES = ['blue', 'red'] as const;

/**
 * Writes JPEG files `<folder>/<class>/<number>.jpg`: blurs of many sizes under grain, about as large and as slow to decode
 * as photographs, no two alike, the same ones whenever they are made. Gives the paths.
 */
export async function makePhotographs(folder: string, made: MadePhotographs, from = 0): Promise<string[]> {
  for (const name of MADE_CLASSES) await mkdir(join(folder, name), { recursive: true });
  const grain = await grainOf(made);
  const paths = Array.from({ length: made.count }, (_, index) => {
    const number = from + index;
    return { number, path: join(folder, MADE_CLASSES[number % MADE_CLASSES.length], `${number}.jpg`) };
  });
  const left = paths.values();
  const worker = async (): Promise<void> => {
    for (const { number, path } of left) await writeFile(path, await makePhotograph(number, made, grain));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return paths.map(({ path }) => path);
}

const SMALL = { height: 48, width: 64 };

async function makePhotograph(number: number, { height, width }: MadePhotographs, grain: Buffer): Promise<Buffer> {
  const random = Random.of(1, 'made photograph', number);
  const tint = [number % MADE_CLASSES.length === 1 ? 50 : 0, 0, number % MADE_CLASSES.length === 0 ? 50 : 0];
  const planes = tint.map((level) => blurs(random).map((value) => 100 + level + value));
  const small = new Uint8ClampedArray(SMALL.height * SMALL.width * 3);
  for (let at = 0; at < small.length; at++) small[at] = planes[at % 3][Math.floor(at / 3)];
  return sharp(small, { raw: { ...SMALL, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .composite([{ input: grain, raw: { height, width, channels: 3 }, blend: 'soft-light' }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Random levels on grids of 3 × 4 to 48 × 64 points, each half as strong as the coarser one. */
function blurs(random: Random): Float32Array {
  const { height, width } = SMALL;
  const sum = new Float32Array(height * width);
  for (let cell = 16, strength = 120; cell >= 1; cell /= 2, strength /= 2) {
    const columns = width / cell + 1;
    const grid = Float32Array.from({ length: (height / cell + 1) * columns }, () =>
      random.between(-strength, strength),
    );
    for (let at = 0; at < sum.length; at++) {
      const [row, column] = [Math.floor(at / width) / cell, (at % width) / cell];
      const corner = Math.floor(row) * columns + Math.floor(column);
      const [down, across] = [row % 1, column % 1];
      const upper = grid[corner] * (1 - across) + grid[corner + 1] * across;
      const lower = grid[corner + columns] * (1 - across) + grid[corner + columns + 1] * across;
      sum[at] += upper * (1 - down) + lower * down;
    }
  }
  return sum;
}

/** Middle grey with noise, RGB: what a sensor adds. */
async function grainOf({ height, width }: MadePhotographs): Promise<Buffer> {
  const random = Random.of(1, 'grain');
  return Buffer.from(Uint8Array.from({ length: height * width * 3 }, () => 128 + random.between(-40, 40)));
}
