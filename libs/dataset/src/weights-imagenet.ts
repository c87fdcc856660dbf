import { noWeightsForAlpha, WEIGHTS_DOWNLOAD, weightsManifestWrong } from './errors';
import { download } from './download';
import type { FoundWeights, WeightsContext } from './fetch-weights';
import type { WeightsRecord } from './lock';
import { compareText } from './paths';
import { parseWeightsManifest } from './weights-manifest';
import { checkGroupSize } from './weights-npm';

/** The official TensorFlow.js copies of Keras MobileNet v1 at 224 × 224, trained on ImageNet (Apache-2.0). */
export const IMAGENET_MODELS = 'https://storage.googleapis.com/tfjs-models/tfjs';

/** As the width stands in the folder's name. */
const ALPHAS: ReadonlyMap<number, string> = new Map([
  [0.25, '0.25'],
  [0.5, '0.50'],
  [0.75, '0.75'],
  [1, '1.0'],
]);

const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_FILES = 1000;

type Kept = WeightsRecord & { readonly name: string; readonly networkBytes: number };

/** `model.json` and the files it names. What the lock knows and the store holds is not downloaded again. */
export async function imagenetWeights(context: WeightsContext): Promise<FoundWeights> {
  const width = ALPHAS.get(context.alpha);
  if (width === undefined) throw noWeightsForAlpha(context.alpha, [...ALPHAS.values()]);
  const base = `${IMAGENET_MODELS}/mobilenet_v1_${width}_224`;
  const manifest = await get(`${base}/model.json`, 'manifest.json', MAX_MANIFEST_BYTES, context);
  const groups = parseWeightsManifest(await bytesOf(manifest, context), manifest.path);
  const total = groups.flatMap(({ paths }) => paths).length;
  if (total > MAX_FILES) throw weightsManifestWrong(manifest.path, `it names ${total} files`);
  const files: Kept[] = [manifest];
  for (const { paths, bytes } of groups) {
    const parts: Kept[] = [];
    for (const name of paths) {
      parts.push(await get(`${base}/${name}`, name, MAX_FILE_BYTES, context));
      const done = files.length + parts.length - 1;
      context.report({ type: 'progress', task: 'fetching weights', done, total, unit: 'file' });
    }
    checkGroupSize(
      paths,
      bytes,
      parts.map(({ size }) => size),
    );
    files.push(...parts);
  }
  files.sort((a, b) => compareText(a.path, b.path));
  return { files, pinned: false, downloadedBytes: files.reduce((sum, { networkBytes }) => sum + networkBytes, 0) };
}

async function get(url: string, name: string, maxBytes: number, context: WeightsContext): Promise<Kept> {
  const locked = context.locked.get(url);
  const kept = locked === undefined ? null : await context.store.read(locked.sha256);
  if (locked !== undefined && kept !== null) return { ...locked, size: kept.length, name, networkBytes: 0 };
  const { bytes, networkBytes } = await download(url, {
    problems: WEIGHTS_DOWNLOAD,
    maxBytes,
    mirrors: context.mirrors ?? {},
    workspaceRoot: context.workspaceRoot,
    allowPrivateAddresses: context.allowPrivateAddresses ?? false,
    times: context.times,
    retries: context.retries,
    signal: context.signal,
  });
  return { path: url, sha256: await context.store.put(bytes), size: bytes.length, name, networkBytes };
}

async function bytesOf(file: Kept, context: WeightsContext): Promise<Uint8Array> {
  const bytes = await context.store.read(file.sha256);
  if (bytes === null) throw new Error(`internal: ${file.sha256} left the store while it was read`);
  return bytes;
}
