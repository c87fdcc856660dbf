import { posix } from 'node:path';
import type { WeightsSource } from '@graft/spec';
import { weightsFileMissing, weightsManifestWrong } from './errors';
import type { FoundWeights, WeightsContext } from './fetch-weights';
import { npmCacheOf, packageName, readPackage } from './npm-package';
import type { PackageFiles } from './npm-package';
import { compareText } from './paths';
import type { SelectedFile } from './selections';
import { parseWeightsManifest } from './weights-manifest';
import type { WeightsGroup } from './weights-manifest';

type NpmWeights = Extract<WeightsSource, { type: 'npm' }>;

const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** The manifest and the files beside it that it names, out of a package whose integrity the spec states. */
export async function npmWeights(spec: NpmWeights, context: WeightsContext): Promise<FoundWeights> {
  const manifestPath = posix.normalize(spec.manifest).replace(/^\//, '');
  const folder = posix.dirname(manifestPath);
  const manifests = await read(
    spec,
    context,
    ['manifests'],
    (path) => path.endsWith('.json') && isWithin(path, folder),
  );
  const manifest = manifests.files.find(({ path }) => path === manifestPath);
  if (manifest === undefined) throw weightsFileMissing(manifestPath, packageName(spec), manifestNames(manifests.files));
  const groups = parseWeightsManifest(await bytesOf(manifest, context), manifestPath);
  const wanted = new Map(groups.flatMap(({ paths }) => paths).map((name) => [posix.join(folder, name), name]));
  const bins = await read(spec, context, [...wanted.keys()].sort(compareText), (path) => wanted.has(path));
  checkSizes(groups, folder, bins.files, packageName(spec));
  const files = [manifest, ...bins.files].map(({ path, sha256, size }) => ({
    path: `npm:${packageName(spec)}/${path}`,
    name: wanted.get(path) ?? 'manifest.json',
    sha256,
    size,
  }));
  files.sort((a, b) => compareText(a.path, b.path));
  return { files, pinned: true, downloadedBytes: manifests.downloadedBytes + bins.downloadedBytes };
}

function read(
  spec: NpmWeights,
  context: WeightsContext,
  key: readonly string[],
  wants: (path: string) => boolean,
): Promise<PackageFiles> {
  const { store, report, signal, registry = null, times, retries } = context;
  const npm = { cacheDirectory: npmCacheOf(context.storeDirectory), registry, times, retries };
  const selection = { key: { weights: posix.dirname(spec.manifest), key }, wants, maxFileBytes: MAX_FILE_BYTES };
  return readPackage(spec, selection, { store, npm, report, signal });
}

function isWithin(path: string, folder: string): boolean {
  return posix.dirname(path) === folder;
}

function manifestNames(files: readonly SelectedFile[]): string[] {
  return files.map(({ path }) => path).filter((path) => /manifest|model/.test(path));
}

async function bytesOf(file: SelectedFile, context: WeightsContext): Promise<Uint8Array> {
  const bytes = await context.store.read(file.sha256);
  if (bytes === null) throw new Error(`internal: ${file.sha256} left the store while it was read`);
  return bytes;
}

function checkSizes(
  groups: readonly WeightsGroup[],
  folder: string,
  files: readonly SelectedFile[],
  source: string,
): void {
  const sizes = new Map(files.map(({ path, size }) => [path, size]));
  for (const { paths, bytes } of groups) {
    const found = paths.map((name) => {
      const path = posix.join(folder, name);
      const size = sizes.get(path);
      if (size === undefined) throw weightsFileMissing(path, source, []);
      return size;
    });
    checkGroupSize(paths, bytes, found);
  }
}

/** A cut or foreign file is found out here and not as nonsense in the network. */
export function checkGroupSize(paths: readonly string[], expected: number | null, sizes: readonly number[]): void {
  const found = sizes.reduce((sum, size) => sum + size, 0);
  if (expected !== null && found !== expected) {
    throw weightsManifestWrong(paths.join(', '), `${expected} bytes of weights are announced, ${found} are there`);
  }
}
