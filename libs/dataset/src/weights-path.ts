import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { reasonOf } from '@graft/foundation';
import { weightsPathUnusable } from './errors';
import type { FoundWeights, WeightsContext } from './fetch-weights';
import { compareText } from './paths';
import { parseWeightsManifest } from './weights-manifest';
import { checkGroupSize } from './weights-npm';

const MAX_FILE_BYTES = 256 * 1024 * 1024;
const MAX_FILES = 1000;

/** A model on the disk: one file, or a folder with `model.json` and the files that it names. The lock records their digests. */
export async function pathWeights(path: string, context: WeightsContext): Promise<FoundWeights> {
  const place = resolve(context.baseDirectory ?? context.workspaceRoot, path);
  const isFolder = (await stat(place).catch(() => null))?.isDirectory() ?? false;
  const files = isFolder
    ? await readFolder(place, path)
    : [{ name: basename(place), path, bytes: await read(place, path) }];
  const kept = [];
  for (const { bytes, ...file } of files)
    kept.push({ ...file, sha256: await context.store.put(bytes), size: bytes.length });
  // The model comes first for whoever reads it; the lock is sorted.
  return { files: kept, pinned: false, foreign: true, downloadedBytes: 0 };
}

interface File {
  readonly name: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

async function readFolder(place: string, path: string): Promise<File[]> {
  const named = (name: string) => `${path}/${name}`;
  const model = await read(join(place, 'model.json'), named('model.json'));
  const files: File[] = [{ name: 'model.json', path: named('model.json'), bytes: model }];
  for (const { paths, bytes } of parseWeightsManifest(model, named('model.json'))) {
    if (files.length + paths.length > MAX_FILES) throw weightsPathUnusable(path, `it names over ${MAX_FILES} files`);
    const sizes: number[] = [];
    for (const name of [...paths].sort(compareText)) {
      const shard = await read(join(place, name), named(name));
      sizes.push(shard.length);
      files.push({ name, path: named(name), bytes: shard });
    }
    checkGroupSize(paths, bytes, sizes);
  }
  return files;
}

async function read(place: string, path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(place);
    if (size > MAX_FILE_BYTES) throw new Error(`it has ${size} bytes, which is more than ${MAX_FILE_BYTES}`);
    return await readFile(place);
  } catch (error) {
    throw weightsPathUnusable(path, reasonOf(error).replaceAll(place, path));
  }
}
