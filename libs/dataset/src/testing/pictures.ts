import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FetchPicturesOptions } from '../fetch-options';
import type { PictureRecord } from '../picture';
import { NO_REMARKS } from '../source';

/** The header of a PNG picture of one pixel, then bytes of its own: enough to be recognised, different for each name. */
export function png(name: string): Buffer {
  const header = '89504e470d0a1a0a0000000d49484452' + '0000000100000001' + '0806000000' + '1f15c489';
  return Buffer.concat([Buffer.from(header, 'hex'), Buffer.from(name)]);
}

export function jpeg(name: string): Buffer {
  return Buffer.concat([Buffer.from('ffd8ffc0000b080001000101011100', 'hex'), Buffer.from(name)]);
}

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'graft-dataset-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }) };
}

export async function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

export function record(path: string, changes: Partial<PictureRecord> = {}): PictureRecord {
  const label = path.split('/')[1] ?? 'pikachu';
  const fixed = { size: 3, format: 'png', source: 'directory:./images', ...NO_REMARKS } as const;
  return { path, sha256: 'ab'.repeat(32), label, ...fixed, ...changes };
}

export const CLASSES = [
  { key: 'charizard', folders: ['charizard', 'Mega-Charizard'] },
  { key: 'pikachu', folders: ['pikachu'] },
];

/** Two classes, one folder `images`, everything below `folder`. */
export function fetchOptions(folder: string, changes: Partial<FetchPicturesOptions> = {}): FetchPicturesOptions {
  return {
    sources: [
      {
        type: 'directory',
        path: './images',
        onMissing: 'error',
        use: 'all',
        include: null,
        exclude: [],
        license: null,
        attribution: null,
      },
    ],
    classes: CLASSES,
    include: ['**/*.{jpg,jpeg,png,webp,gif,svg,bmp,avif}'],
    exclude: [],
    limits: { maxPerClass: null, maxFileBytes: 1024 * 1024 },
    projectName: 'pokedex',
    baseDirectory: folder,
    storeDirectory: join(folder, '.graft', 'store'),
    outDirectory: join(folder, 'out'),
    unknownDirectory: join(folder, 'unknown'),
    lock: { mode: 'auto', text: null, path: 'experiment.lock.json' },
    retries: 0,
    ...changes,
  };
}
