import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sniffPicture } from '@graft/dataset';
import { sha256 } from '@graft/foundation';
import { measurePicture } from '@graft/image';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { findLookAlikes } from './look-alikes';
import type { Content, LookAlikes } from './look-alikes';

const PHOTOGRAPHS = resolve(__dirname, '../../../../shared/data/pokedex-photos');
const present = existsSync(PHOTOGRAPHS);

/** Of a picture of `width` × `height`. */
type Alteration = (picture: Sharp, width: number, height: number) => Sharp;

const cut = (left: number, right: number, top: number, bottom: number): Alteration => {
  return (picture, width, height) => {
    const [x, y] = [Math.round(width * left), Math.round(height * top)];
    const rest = { width: width - x - Math.round(width * right), height: height - y - Math.round(height * bottom) };
    return picture.extract({ left: x, top: y, ...rest });
  };
};

const ALTERATIONS: Readonly<Record<string, Alteration>> = {
  smaller: (picture) => picture.resize(160),
  darker: (picture) => picture.modulate({ brightness: 0.7 }),
  mirrored: (picture) => picture.flop(),
  'cropped at one edge': cut(0, 0, 0, 0.1),
  'cropped at three edges': cut(0.08, 0.02, 0.07, 0),
};

(present ? describe : describe.skip)(`real photographs${present ? '' : ' (skipped: not on this machine)'}`, () => {
  test('altered copies are found, and no two photographs of different scenes are taken for one', async () => {
    const contents: Content[] = [];
    const add = async (name: string, bytes: Uint8Array): Promise<void> => {
      const sniffed = sniffPicture(bytes);
      if (!sniffed.ok) throw new Error(`${name} ${sniffed.reason}`);
      contents.push({ sha256: name, traits: await measurePicture(bytes, sniffed.format) });
    };
    const all = ['charizard', 'pikachu'].flatMap((label) =>
      readdirSync(join(PHOTOGRAPHS, label))
        .sort()
        .map((file) => join(PHOTOGRAPHS, label, file)),
    );
    const distinct = new Map(all.map((file) => [sha256(readFileSync(file)), file]));
    const files = [...distinct.values()].filter((_, at) => at % 5 === 0);
    for (const [at, file] of files.entries()) {
      const original = readFileSync(file);
      const reduced = sharp(original).autoOrient().resize(400, 400, { fit: 'inside' }).removeAlpha();
      const { data, info } = await reduced.toColourspace('srgb').png().toBuffer({ resolveWithObject: true });
      await add(`${at} original`, original);
      for (const [name, alter] of Object.entries(ALTERATIONS)) {
        await add(`${at} ${name}`, await alter(sharp(data), info.width, info.height).jpeg({ quality: 70 }).toBuffer());
      }
    }
    // An original against all others. Two frames of one film scene are among them: a crop of one resembles the other.
    const found = findLookAlikes(contents).filter(({ pair }) => pair.some((name) => name.endsWith('original')));
    const isCopy = ({ pair: [one, other] }: LookAlikes): boolean => one.split(' ')[0] === other.split(' ')[0];
    const mistaken = found.filter((pair) => !isCopy(pair)).map(({ pair }) => pair.map((name) => name.split(' ')[0]));
    expect(new Set(mistaken.map((pair) => pair.sort().join(' '))).size).toBeLessThanOrEqual(1);
    const wanted = files.length * Object.keys(ALTERATIONS).length;
    expect(files.length).toBeGreaterThan(20);
    expect((found.length - mistaken.length) / wanted).toBeGreaterThan(0.97);
  }, 120_000);
});
