import * as fc from 'fast-check';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { decodeFitted, decodePicture, type Fit } from './decode';
import type { Raster } from './raster';
import { centreBox, centreCrop, type Size, stretch } from './resize';
import { noisy } from './test-pictures';

const SIZE: Size = { height: 24, width: 32 };

const cropped =
  (interpolation: Fit['interpolation']) =>
  (picture: Size): Fit => ({
    part: centreBox(picture, SIZE),
    size: SIZE,
    interpolation,
  });

const whole =
  (interpolation: Fit['interpolation']) =>
  ({ height, width }: Size): Fit => ({
    part: { top: 0, left: 0, height, width },
    size: SIZE,
    interpolation,
  });

const fitted = (bytes: Uint8Array, fitFor: (picture: Size) => Fit, format: 'jpeg' | 'png' = 'jpeg') =>
  decodeFitted({ bytes, format, drawingSize: 64 }, fitFor);

/** Decoded to the last pixel, then cut, then stretched. */
async function stepByStep(bytes: Uint8Array, fitFor: (picture: Size) => Fit): Promise<Raster> {
  const { frames } = await decodePicture({ bytes, format: 'jpeg', maxFrames: null, drawingSize: 64 });
  for await (const { raster } of frames) {
    const { part, size, interpolation } = fitFor(raster);
    const isPart = part.width < raster.width || part.height < raster.height;
    return stretch(isPart ? centreCrop(raster, SIZE) : raster, size, interpolation);
  }
  throw new Error('no frame');
}

function largestDifference(a: Raster, b: Raster): number {
  expect([a.height, a.width, a.channels]).toEqual([b.height, b.width, b.channels]);
  return a.data.reduce((most, value, at) => Math.max(most, Math.abs(value - b.data[at])), 0);
}

const side = fc.integer({ min: 3, max: 400 });
const KERNELS = ['bilinear', 'lanczos', 'nearest'] as const;

test('gives what decoding, cutting and stretching one after the other give, but for the last bit of single lines', async () => {
  const jpeg = fc.record({
    quality: fc.integer({ min: 5, max: 100 }),
    progressive: fc.boolean(),
    chromaSubsampling: fc.constantFrom('4:2:0', '4:4:4'),
  });
  const rest = fc.record({
    interpolation: fc.constantFrom(...KERNELS),
    crops: fc.boolean(),
    profile: fc.boolean(),
    orientation: fc.constantFrom(1, 1, 2, 3, 4, 5, 6, 6, 7, 8, 8),
  });
  const property = fc.asyncProperty(side, side, jpeg, rest, async (height, width, options, drawn) => {
    const { interpolation, crops, profile, orientation } = drawn;
    const smooth = await noisy(9, 9).png().toBuffer();
    const picture = sharp(smooth).resize(width, height, { fit: 'fill' }).jpeg(options).withMetadata({ orientation });
    const bytes = await (profile ? picture.withIccProfile('p3') : picture).toBuffer();
    const fitFor = (crops ? cropped : whole)(interpolation);
    const direct = await fitted(bytes, fitFor);
    // A line that differs by 1 is mixed once more on the way across; lanczos weighs some of its pixels by more than 1 together.
    const most = interpolation === 'lanczos' ? 2 : 1;
    if (direct !== null) expect(largestDifference(direct, await stepByStep(bytes, fitFor))).toBeLessThanOrEqual(most);
    const isTall = crops && centreBox({ height, width }, SIZE).height < height;
    const isTaken = [6, 8].includes(orientation) || (orientation === 1 && !isTall);
    expect(direct !== null).toBe(isTaken && interpolation !== 'nearest');
  });
  await fc.assert(property, { numRuns: 100 });
}, 60_000);

test.each<[string, () => Promise<Buffer>, 'jpeg' | 'png']>([
  ['another format', () => noisy(40, 60).png().toBuffer(), 'png'],
  ['shades of grey', () => noisy(40, 60).toColourspace('b-w').jpeg().toBuffer(), 'jpeg'],
  ['the colours of printing', () => noisy(40, 60).toColourspace('cmyk').jpeg().toBuffer(), 'jpeg'],
])('leaves %s to the other way', async (_what, make, format) => {
  expect(await fitted(await make(), cropped('bilinear'), format)).toBeNull();
});

test.each<[string, Size, number]>([
  ['wide', { height: 48, width: 64 }, 1],
  ['turned left', { height: 48, width: 64 }, 6],
  ['turned right, of which parts on both sides are cut off', { height: 120, width: 30 }, 8],
  ['turned left, of which the lower part is cut off', { height: 30, width: 120 }, 6],
])('refuses a picture that breaks off anywhere, always for the same reason: %s', async (_what, size, orientation) => {
  const bytes = await noisy(size.height, size.width).jpeg().withMetadata({ orientation }).toBuffer();
  const reasons = new Set<string>();
  for (let share = 0.6; share < 0.99; share += 0.06) {
    const part = bytes.subarray(0, Math.floor(bytes.length * share));
    // At once, since other pictures' decoding must not change what is said of this one.
    const attempts = Array.from({ length: 4 }, () => fitted(part, cropped('bilinear')));
    for (const attempt of await Promise.allSettled(attempts)) {
      if (attempt.status === 'fulfilled') throw new Error(`decoded ${share} of a picture`);
      reasons.add(attempt.reason.reason);
    }
  }
  expect([...reasons]).toEqual([expect.stringMatching(/^ends early or is damaged/)]);
});

const PHOTOGRAPHS = resolve(__dirname, '../../../../shared/data/pokedex-photos');
const present = existsSync(PHOTOGRAPHS);

(present ? test : test.skip)(
  `real photographs give equal bytes, too${present ? '' : ' (skipped: not on this machine)'}`,
  async () => {
    const names = readdirSync(PHOTOGRAPHS, { recursive: true, encoding: 'utf8' }).sort();
    let compared = 0;
    for (const name of names.filter((one) => /\.jpe?g$/i.test(one)).filter((_, at) => at % 4 === 0)) {
      const bytes = readFileSync(join(PHOTOGRAPHS, name));
      if (bytes[0] !== 0xff) continue; // WebP, whatever its name
      const direct = await fitted(bytes, cropped('bilinear'));
      if (direct === null) continue;
      expect(direct).toEqual(await stepByStep(bytes, cropped('bilinear')));
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
  },
  60_000,
);
