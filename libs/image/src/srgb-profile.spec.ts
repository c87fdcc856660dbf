import * as fc from 'fast-check';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { decodePicture, decodeReduced } from './decode';
import { isSrgbProfile } from './srgb-profile';

/** 64 levels of each of the three colours, each combination once. */
function allColours() {
  const data = Uint8Array.from({ length: 512 * 512 * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return Math.round((((pixel >> (6 * (at % 3))) & 63) * 255) / 63);
  });
  return sharp(data, { raw: { height: 512, width: 512, channels: 3 } });
}

async function profileOf(name: string): Promise<Buffer> {
  const { icc } = await sharp(await allColours().withIccProfile(name).jpeg().toBuffer()).metadata();
  if (icc === undefined) throw new Error(`no profile ${name}`);
  return icc;
}

async function withTheProfileApplied(bytes: Uint8Array): Promise<Buffer> {
  return sharp(bytes).toColourspace('srgb').raw().toBuffer();
}

test('of three profiles that of sRGB is recognized', async () => {
  const found = await Promise.all(['srgb', 'p3', 'cmyk'].map(async (name) => isSrgbProfile(await profileOf(name))));
  expect(found).toEqual([true, false, false]);
});

test('a picture with the profile of sRGB has the same bytes as where the profile is applied', async () => {
  const bytes = await allColours().withIccProfile('srgb').png().toBuffer();
  const applied = await withTheProfileApplied(bytes);
  const { frames } = await decodePicture({ bytes, format: 'png', maxFrames: null, drawingSize: 1 });
  for await (const { raster } of frames) expect(Buffer.compare(raster.data, applied)).toBe(0);
  expect(Buffer.compare((await decodeReduced(bytes, 'png', 512)).raster.data, applied)).toBe(0);
});

test('a picture with another profile is converted by it', async () => {
  const bytes = await allColours().withIccProfile('p3').png().toBuffer();
  const { raster } = await decodeReduced(bytes, 'png', 512);
  expect(Buffer.compare(raster.data, await withTheProfileApplied(bytes))).toBe(0);
  const ignored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
  expect(Buffer.compare(raster.data, ignored)).not.toBe(0);
});

test('a primary or a curve that is a little off makes it another profile', async () => {
  const profile = await profileOf('srgb');
  const off = (tag: string, byte: number): boolean => {
    const changed = Buffer.from(profile);
    const entry = 132 + 12 * tagNames(changed).indexOf(tag);
    const at = changed.readUInt32BE(entry + 4) + byte;
    changed[at] ^= 0x10; // 1/4096 … 1/16, by where it stands
    return isSrgbProfile(changed);
  };
  expect([off('rXYZ', 10), off('gXYZ', 14), off('bXYZ', 18), off('rTRC', 14)]).toEqual([false, false, false, false]);
});

function tagNames(profile: Buffer): string[] {
  const count = profile.readUInt32BE(128);
  return Array.from({ length: count }, (_, index) => profile.toString('latin1', 132 + 12 * index, 136 + 12 * index));
}

test('nothing that is cut or damaged is taken for sRGB by accident, and nothing makes it fail', async () => {
  const profile = await profileOf('srgb');
  const needed = profile.readUInt32BE(132 + 12 * tagNames(profile).indexOf('bXYZ') + 4) + 20;
  for (let length = 0; length < needed; length += 7) expect(isSrgbProfile(profile.subarray(0, length))).toBe(false);
  const anything = fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !isSrgbProfile(bytes));
  fc.assert(anything);
  const place = fc.integer({ min: 128, max: profile.length - 1 });
  const damaged = fc.property(place, fc.integer({ min: 0, max: 255 }), (at, value) => {
    const changed = Buffer.from(profile);
    changed[at] = value;
    return typeof isSrgbProfile(changed) === 'boolean';
  });
  fc.assert(damaged);
});

const PHOTOGRAPHS = resolve(__dirname, '../../../../shared/data/pokedex-photos');
const present = existsSync(PHOTOGRAPHS);

(present ? test : test.skip)(
  `photographs with the profile of sRGB keep their bytes${present ? '' : ' (skipped: not on this machine)'}`,
  async () => {
    let compared = 0;
    for (const name of readdirSync(PHOTOGRAPHS, { recursive: true, encoding: 'utf8' }).sort()) {
      const file = join(PHOTOGRAPHS, name);
      if (!/\.jpe?g$/i.test(name) || compared === 3) continue;
      const bytes = readFileSync(file);
      const { icc } = await sharp(bytes).metadata();
      if (icc === undefined || !isSrgbProfile(icc)) continue;
      const { frames } = await decodePicture({ bytes, format: 'jpeg', maxFrames: null, drawingSize: 1 });
      for await (const { raster } of frames)
        expect(Buffer.compare(raster.data, await withTheProfileApplied(bytes))).toBe(0);
      compared++;
    }
    expect(compared).toBe(3);
  },
);
