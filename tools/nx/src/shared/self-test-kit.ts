import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import type { SelfTestKit } from '@graft/flasher';

const INDEX_FILE = 'kit.json';

/** The kit without its bitmaps, which lie beside it under their names. */
interface KitFile {
  readonly version: 1;
  readonly tolerance: number;
  readonly pictures: readonly {
    readonly name: string;
    /** Where a person finds the picture. */
    readonly path: string;
    readonly expected: readonly number[];
  }[];
}

/** @param paths of the pictures of the kit, in its order */
export async function writeKit(folder: string, { tolerance, pictures }: SelfTestKit, paths: readonly string[]) {
  for (const { name, bitmap } of pictures) await writeFileAtomic(join(folder, name), bitmap);
  const rows = pictures.map(({ name, expected }, index) => ({ name, path: paths[index], expected }));
  const file: KitFile = { version: 1, tolerance, pictures: rows };
  await writeFileAtomic(join(folder, INDEX_FILE), canonicalJson(file));
}

/** What stage `self-test` made, from its verified output. */
export async function readKit(folder: string): Promise<SelfTestKit> {
  const { tolerance, pictures }: KitFile = JSON.parse(await readFile(join(folder, INDEX_FILE), 'utf8'));
  const read = async ({ name, expected }: KitFile['pictures'][number]) => ({
    name,
    expected,
    bitmap: await readFile(join(folder, name)),
  });
  return { tolerance, pictures: await Promise.all(pictures.map(read)) };
}
