import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { sha256 } from '@graft/foundation';
import type { NamedWeights } from '@graft/model';

import { noTop, noWeightsIn, shardDoesNotFit } from './errors';
import { readKerasWeights, readTrunkWeights, weightGroups } from './read-weights';

export interface LoadedWeights {
  /** ssd-trunk: the trunk of an SSD MobileNet v1; keras: a TensorFlow.js layers model of Keras MobileNet v1. */
  readonly kind: 'ssd-trunk' | 'keras';
  /** The width multiplier they were made for. */
  readonly alpha: number;
  readonly weights: NamedWeights;
  /** Over names and bytes of all files, in the order of the manifest. */
  readonly digest: string;
}

/** Where the weights stand: a folder, and the manifest in it where the folder holds several. */
export interface WeightsPlace {
  readonly directory: string;
  readonly manifest?: string;
  /** Keep the top of 1000 classes as well. Default: false. */
  readonly top?: boolean;
}

/** @throws GraftError E610, E611, E612, E618 (no top) */
export async function loadWeights(place: WeightsPlace | string): Promise<LoadedWeights> {
  const { directory, manifest, top = false }: WeightsPlace = typeof place === 'string' ? { directory: place } : place;
  const file = manifest ?? (await findManifest(directory));
  const text = await readFile(join(directory, file), 'utf8').catch(() => {
    throw noWeightsIn(directory);
  });
  const folder = join(directory, file, '..');
  const paths = weightGroups(text, file).flatMap((group) => group.paths);
  const shards = new Map<string, Uint8Array>();
  for (const path of paths) shards.set(path, await readShard(folder, path));
  const kind = text.trimStart().startsWith('[') ? 'ssd-trunk' : 'keras';
  const weights = kind === 'keras' ? readKerasWeights(text, shards, file, top) : readTrunkWeights(text, shards, file);
  if (top && !weights.has('conv_preds/kernel')) throw noTop(file);
  const digest = sha256([sha256(text), ...paths.map((path) => sha256(shards.get(path) ?? ''))].join('\n'));
  return { kind, alpha: (weights.get('conv1/kernel')?.shape[3] ?? 0) / 32, weights, digest };
}

async function findManifest(directory: string): Promise<string> {
  const names = (await readdir(directory).catch(() => [])).sort();
  if (names.includes('model.json')) return 'model.json';
  const manifests = names.filter((name) => name.endsWith('weights_manifest.json'));
  if (manifests.length !== 1) throw noWeightsIn(directory);
  return manifests[0];
}

async function readShard(folder: string, path: string): Promise<Uint8Array> {
  if (path.split(/[\\/]/).includes('..')) throw shardDoesNotFit(path, 'lies outside the folder of its manifest');
  return readFile(join(folder, path)).catch(() => {
    throw shardDoesNotFit(path, 'is missing');
  });
}
