import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchWeights, IMAGENET_MODELS } from '@graft/dataset';
import type { Mirrors } from '@graft/dataset';
import { GraftError, reasonOf, writeFileAtomic } from '@graft/foundation';
import type { Report } from '@graft/foundation';
import { imagenetClassifier } from '@graft/model';
import type { Graph } from '@graft/model';
import { imagenetOutOfReach, loadWeights } from '@graft/training';

export interface ImagenetAccess {
  readonly alpha: number;
  readonly cacheFolder: string;
  readonly workspaceFolder: string;
  readonly mirrors: Mirrors;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export const IMAGENET_SIZE = 224;

/** Bytes as both Keras and its weights expect them: −1 … 1. */
const ENCODING = { scale: 1 / 127.5, offset: -1 };

/**
 * The pretrained network with its 1000 classes; its weights are downloaded once, and later ones must be the same.
 * @throws GraftError E618, E619
 */
export async function openImagenet(access: ImagenetAccess): Promise<Graph> {
  const { alpha, cacheFolder, workspaceFolder, mirrors, report, signal } = access;
  const folder = join(cacheFolder, 'imagenet', String(alpha));
  const lockFile = join(folder, 'lock.json');
  const text = existsSync(lockFile) ? readFileSync(lockFile, 'utf8') : null;
  const fetched = await fetchWeights({
    ...{ weights: { type: 'imagenet' }, alpha, projectName: 'predict', mirrors, report, signal },
    lock: { mode: 'auto', text, path: lockFile },
    storeDirectory: join(cacheFolder, 'store'),
    outDirectory: join(folder, 'weights'),
    workspaceRoot: workspaceFolder,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error instanceof GraftError ? imagenetOutOfReach(reasonOf(error), IMAGENET_MODELS, error) : error;
  });
  await writeFileAtomic(lockFile, fetched.lockText);
  const { weights } = await loadWeights({ directory: join(folder, 'weights'), manifest: 'manifest.json', top: true });
  return imagenetClassifier(alpha, IMAGENET_SIZE, ENCODING, weights);
}
