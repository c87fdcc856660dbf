import type { PictureFormat } from '@graft/dataset';
import { sha256 } from '@graft/foundation';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { mapOrdered } from './ordered';
import { preparePicture } from './prepare';
import { SECTION } from './test-pictures';

const PHOTOGRAPHS = resolve(__dirname, '../../../../shared/data/pokedex-photos');
const present = existsSync(PHOTOGRAPHS);

/** The files say jpg; some are WebP. */
async function formatOf(bytes: Uint8Array): Promise<PictureFormat> {
  const { format } = await sharp(bytes).metadata();
  if (format === 'jpeg' || format === 'png' || format === 'webp' || format === 'gif') return format;
  throw new Error(`no test for ${format}`);
}

(present ? describe : describe.skip)(`real photographs${present ? '' : ' (skipped: not on this machine)'}`, () => {
  test('every one of them, of whatever make, becomes a picture of the asked size', async () => {
    const files = readdirSync(PHOTOGRAPHS, { recursive: true, encoding: 'utf8' })
      .filter((name) => ['.jpg', '.jpeg', '.png', '.webp', '.gif'].includes(extname(name).toLowerCase()))
      .sort();
    const contents = new Map(files.map((name) => [sha256(readFileSync(join(PHOTOGRAPHS, name))), name]));
    expect(contents.size).toBeGreaterThan(100);
    const section = { ...SECTION, imageSize: { height: 32, width: 32 } };
    const prepare = async ([digest, name]: [string, string]) => {
      const bytes = readFileSync(join(PHOTOGRAPHS, name));
      return preparePicture({ bytes, sha256: digest, format: await formatOf(bytes), section });
    };
    for await (const { examples } of mapOrdered([...contents], 2, prepare)) {
      expect(examples[0].pixels).toHaveLength(32 * 32 * 3);
      expect(new Set(examples[0].pixels).size).toBeGreaterThan(8);
    }
  }, 60_000);
});
