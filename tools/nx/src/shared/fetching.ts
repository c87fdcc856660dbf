import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchPictures, fetchWeights } from '@graft/dataset';
import type { FetchResult, WeightsResult } from '@graft/dataset';
import { importWeights } from '@graft/exchange';
import type { Report } from '@graft/foundation';
import type { FetchSettings } from '@graft/pipeline';
import type { WeightsSource } from '@graft/spec';
import { LOCK_FILE } from './source-files';

export interface FetchJob {
  readonly settings: FetchSettings;
  readonly projectName: string;
  readonly projectFolder: string;
  readonly workspaceFolder: string;
  readonly cacheFolder: string;
  /** Receives `pictures`, `unknown` (pictures of no class) and `weights`. */
  readonly folder: string;
  /** Take what is there now, whatever the lock says. */
  readonly update: boolean;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface Fetched {
  readonly pictures: FetchResult;
  readonly weights: WeightsResult;
  /** The lock that would accept exactly this. */
  readonly lockText: string;
}

/** Brings pictures and weights into the job's folder, through the store that all experiments share. */
export async function fetchAll(job: FetchJob): Promise<Fetched> {
  const { settings } = job;
  const path = join(job.projectFolder, LOCK_FILE);
  const common = {
    projectName: job.projectName,
    storeDirectory: join(job.cacheFolder, 'store'),
    update: job.update,
    report: job.report,
    signal: job.signal,
  };
  const lock = {
    mode: settings.lock,
    text: existsSync(path) ? readFileSync(path, 'utf8') : null,
    path: path.slice(job.workspaceFolder.length + 1),
  };
  const pictures = await fetchPictures({
    ...common,
    ...settings,
    lock,
    baseDirectory: job.projectFolder,
    workspaceRoot: job.workspaceFolder,
    outDirectory: join(job.folder, 'pictures'),
    unknownDirectory: join(job.folder, 'unknown'),
  });
  const weights = await fetchWeights({
    ...common,
    weights: settings.weights.source,
    alpha: settings.weights.alpha,
    baseDirectory: job.projectFolder,
    readForeign: (files) =>
      importWeights(files, { alpha: settings.weights.alpha, name: pathOf(settings.weights.source) }),
    lock: job.update ? { ...lock, text: pictures.lockText } : lock,
    mirrors: settings.mirrors,
    workspaceRoot: job.workspaceFolder,
    outDirectory: join(job.folder, 'weights'),
  });
  return { pictures, weights, lockText: weights.lockText };
}

/** As it stands in the experiment. */
const pathOf = (source: WeightsSource): string => (source.type === 'path' ? source.path : 'the weights');

/** What was fetched, in one line for people. */
export function describeFetched({ pictures, weights }: Fetched): string {
  const downloaded = pictures.downloadedBytes + weights.downloadedBytes;
  return `${pictures.list.pictures.length} pictures, ${(downloaded / 1e6).toFixed(1)} MB downloaded`;
}
