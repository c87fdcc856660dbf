import { readFile, stat } from 'node:fs/promises';
import { sniffPicture } from '@graft/dataset';
import type { FoundPicture } from '@graft/dataset';
import { nameOf } from '@graft/evaluation';
import type { AskedPicture, PictureAnswer } from '@graft/evaluation';
import { sha256 } from '@graft/foundation';
import { planarFromInterleaved, readPicture } from '@graft/image';
import type { ReadPicture } from '@graft/image';
import type { PreprocessSettings } from '@graft/pipeline';
import { openRunner } from '@graft/training';
import type { Runner } from '@graft/training';
import { simulateAll } from '../../shared/simulate';
import { trainingThreads } from '../../shared/training-threads';
import type { OpenExperiment, Surroundings } from './open-experiment';

/** Files that are decoded and held at a time. */
const FILES_AT_A_TIME = 64;
/** Pictures that are drawn: a page with more of them could hardly be opened. */
export const MOST_SHOWN = 100;

export interface Answered {
  /** In the order in which they were asked for. */
  readonly asked: readonly AskedPicture[];
  /** What the network saw, by name: height · width · 3 bytes; of the first {@link MOST_SHOWN} answers. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

/** Lets both arithmetics answer to every file; one that cannot be read keeps no other from being answered. */
export async function answerAll(
  files: readonly FoundPicture[],
  network: OpenExperiment,
  { report, signal }: Pick<Surroundings, 'report' | 'signal'>,
): Promise<Answered> {
  const runner = await openRunner(network.graph, { threads: trainingThreads() });
  const asked: AskedPicture[] = [];
  const pictures = new Map<string, Uint8Array>();
  try {
    for (let from = 0; from < files.length; from += FILES_AT_A_TIME) {
      signal.throwIfAborted();
      const read = await readFiles(files.slice(from, from + FILES_AT_A_TIME), network);
      const pixels = read.flatMap((one) => (one.ok ? one.examples.map((example) => example.pixels) : []));
      const answers = await askBoth(pixels, network, runner, { report, signal });
      let next = 0;
      for (const one of read) {
        if (!one.ok) asked.push(one);
        else
          for (const { frame, pixels: seen } of one.examples) {
            const answer: PictureAnswer = { ...one.about, ok: true, frame, ...answers[next++] };
            asked.push(answer);
            if (pictures.size < MOST_SHOWN) pictures.set(nameOf(answer), seen);
          }
      }
    }
  } finally {
    runner.dispose();
  }
  return { asked, pictures };
}

interface ReadFile {
  readonly ok: true;
  readonly examples: ReadPicture['picture']['examples'];
  readonly about: Pick<PictureAnswer, 'picture' | 'sha256' | 'seen' | 'remarks'>;
}

type Unanswered = Extract<AskedPicture, { ok: false }>;

async function readFiles(files: readonly FoundPicture[], network: OpenExperiment): Promise<(ReadFile | Unanswered)[]> {
  const results: (ReadFile | Unanswered)[] = [];
  for (const file of files) {
    const read = await readAsked(file, network);
    if (!read.ok) {
      results.push({ ok: false, picture: file.shown, reason: read.reason });
      continue;
    }
    const { picture, traits, remarks, digest } = read;
    const about = { picture: file.shown, sha256: digest, seen: network.known(digest, traits), remarks };
    results.push({ ok: true, examples: picture.examples, about });
  }
  return results;
}

/** A file as the training pictures were read: the same limits, the same preprocessing. */
export async function readAsked(
  { path }: Pick<FoundPicture, 'path'>,
  {
    maxFileBytes,
    preprocess,
  }: { readonly maxFileBytes: number; readonly preprocess: PreprocessSettings['preprocess'] },
): Promise<(ReadPicture & { readonly digest: string }) | { readonly ok: false; readonly reason: string }> {
  const bytes = await readFileWithin(path, maxFileBytes);
  if (typeof bytes === 'string') return { ok: false, reason: bytes };
  const sniffed = sniffPicture(bytes);
  if (!sniffed.ok) return sniffed;
  const digest = sha256(bytes);
  const read = await readPicture({ bytes, sha256: digest, format: sniffed.format, section: preprocess });
  return read.ok ? { ...read, digest } : read;
}

async function readFileWithin(path: string, maxBytes: number): Promise<Uint8Array | string> {
  try {
    const { size } = await stat(path);
    const most = `dataset.limits.max_file_size allows ${maxBytes}`;
    return size > maxBytes ? `has ${size} bytes; ${most}` : await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return `cannot be opened (${code})`;
  }
}

async function askBoth(
  pixels: readonly Uint8Array[],
  { kmodel, preprocess }: OpenExperiment,
  runner: Runner,
  { report, signal }: Pick<Surroundings, 'report' | 'signal'>,
): Promise<Pick<PictureAnswer, 'float' | 'device'>[]> {
  const { height, width } = preprocess.imageSize;
  const float = await runner.predict(pixels, signal);
  const device = await simulateAll({
    kmodel,
    count: pixels.length,
    planes: (index) => planarFromInterleaved(pixels[index], height, width),
    report,
    signal,
  });
  return float.map((answer, index) => ({ float: Array.from(answer), device: Array.from(device[index]) }));
}
