import type { PictureRecord } from '@graft/dataset';
import type { Diagnostic, Report } from '@graft/foundation';
import type { CheckAction } from '@graft/spec';
import { join } from 'node:path';
import { readCached, writeCached } from './cached-files';
import { decodeEntry, encodeEntry, entryKey } from './entry';
import * as errors from './errors';
import { ExampleWriter } from './example-writer';
import { readFetched } from './fetched-file';
import { FILES_AT_A_TIME, limiter, mapOrdered } from './ordered';
import { type PreparedExample, type PreparedPicture, preparePicture } from './prepare';
import type { ExampleIndex, ExampleRecord, PixelSection } from './preprocessed';

export interface PreprocessOptions {
  /** Each content once: duplicates are dropped before. */
  readonly pictures: readonly PictureRecord[];
  /** Holds `<sha256>.<format>` for each picture. */
  readonly filesDirectory: string;
  readonly section: PixelSection;
  /** error: nothing is written; warn, drop, ignore: left out, with a warning only for `warn`. */
  readonly unreadable: CheckAction;
  /** Side of the split and group of a picture; all its frames share them. */
  readonly placement: (record: PictureRecord) => Pick<ExampleRecord, 'split' | 'group'>;
  /** Prepared pixels of each picture; may be shared between experiments and deleted at any time. */
  readonly cacheDirectory: string;
  /** Receives `index.json`, `pixels.bin` and `cutouts.bin`. */
  readonly outDirectory: string;
  /** Pictures decoded at a time; the result does not depend on it. */
  readonly concurrency: number;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

export interface PreprocessResult {
  readonly index: ExampleIndex;
  /** Pictures decoded in this run. */
  readonly decoded: number;
  /** Pictures taken from the cache. */
  readonly reused: number;
  readonly warnings: readonly Diagnostic[];
  /** Pictures left out because they cannot be read, sorted by path. */
  readonly dropped: readonly errors.UnreadablePicture[];
}

type Outcome =
  | { readonly record: PictureRecord; readonly reused: boolean; readonly picture: PreparedPicture }
  | { readonly record: PictureRecord; readonly unreadable: string };

/**
 * Brings every picture to image_size and writes the examples, sorted by id. A picture that was prepared before with the
 * same settings is taken from the cache, so one more picture costs one decoding.
 *
 * @throws GraftError E212 (unreadable pictures, all of them), E251, E252 (fetched files), E253 (no picture left)
 */
export async function preprocessPictures(options: PreprocessOptions): Promise<PreprocessResult> {
  const writer = await ExampleWriter.open(options.outDirectory);
  try {
    const outcome = await appendAll(options, writer);
    return { ...outcome, index: await writer.finish(options.section.imageSize) };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

async function appendAll(options: PreprocessOptions, writer: ExampleWriter): Promise<Omit<PreprocessResult, 'index'>> {
  const pictures = sortedByContent(options.pictures);
  const decoding = limiter(options.concurrency);
  const ahead = Math.max(FILES_AT_A_TIME, options.concurrency);
  const outcomes = mapOrdered(pictures, ahead, async (record) => {
    options.signal?.throwIfAborted();
    const known = await reuse(record, options);
    if (known !== null) return known;
    const outcome = await decoding(() => decode(record, options));
    // After the place is given back, so that no processor waits for the disk.
    if ('picture' in outcome) await writeCached(entryFile(record, options), encodeEntry(outcome.picture));
    return outcome;
  });
  const dropped: errors.UnreadablePicture[] = [];
  const warnings: Diagnostic[] = [];
  const counts = { decoded: 0, reused: 0 };
  const tell = progress(options.report, pictures.length);
  for await (const outcome of outcomes) {
    if ('unreadable' in outcome) {
      dropped.push({ path: outcome.record.path, reason: outcome.unreadable });
    } else {
      counts[outcome.reused ? 'reused' : 'decoded']++;
      warnings.push(...remarks(outcome.record, outcome.picture));
      await appendPicture(outcome.record, outcome.picture, options, writer);
    }
    tell();
  }
  dropped.sort((a, b) => compare(a.path, b.path));
  warnings.sort((a, b) => compare(a.message, b.message));
  if (dropped.length > 0 && options.unreadable === 'error') throw errors.unreadablePictures(dropped);
  if (dropped.length === pictures.length) throw errors.noPictures(dropped.length);
  if (dropped.length > 0 && options.unreadable === 'warn') warnings.unshift(errors.unreadableWarning(dropped));
  return { ...counts, warnings, dropped };
}

async function appendPicture(
  record: PictureRecord,
  picture: PreparedPicture,
  options: PreprocessOptions,
  writer: ExampleWriter,
): Promise<void> {
  const { split, group } = options.placement(record);
  const { path, label } = record;
  const id = (example: PreparedExample) =>
    example.frame === null ? record.sha256 : `${record.sha256}#${example.frame}`;
  const examples = [...picture.examples].sort((a, b) => compare(id(a), id(b)));
  for (const example of examples) {
    await writer.append({ id: id(example), path, label, split, group }, example);
  }
}

function entryFile({ sha256 }: PictureRecord, { section, cacheDirectory }: PreprocessOptions): string {
  const key = entryKey(sha256, section);
  return join(cacheDirectory, key.slice(0, 2), key);
}

/** From the cache; null where it is not there, or not whole. */
async function reuse(record: PictureRecord, options: PreprocessOptions): Promise<Outcome | null> {
  const bytes = await readCached(entryFile(record, options));
  const picture = bytes === null ? null : decodeEntry(bytes);
  return picture === null ? null : { record, reused: true, picture };
}

async function decode(record: PictureRecord, options: PreprocessOptions): Promise<Outcome> {
  options.signal?.throwIfAborted();
  const bytes = await readFetched(record, options.filesDirectory);
  try {
    const { sha256: content, format } = record;
    const picture = await preparePicture({ bytes, sha256: content, format, section: options.section });
    return { record, reused: false, picture };
  } catch (error) {
    if (error instanceof errors.UnreadableError) return { record, unreadable: error.reason };
    throw error;
  }
}

function remarks(record: PictureRecord, picture: PreparedPicture): Diagnostic[] {
  const { blankFrames, pages } = picture;
  return [
    ...(blankFrames.length > 0 ? [errors.blankFrames(record.path, blankFrames)] : []),
    ...(pages > 1 ? [errors.furtherPages(record.path, pages)] : []),
  ];
}

function sortedByContent(pictures: readonly PictureRecord[]): PictureRecord[] {
  const sorted = [...pictures].sort((a, b) => compare(a.sha256, b.sha256));
  const twice = sorted.find((record, at) => at > 0 && record.sha256 === sorted[at - 1].sha256);
  if (twice !== undefined) throw new Error(`internal: the content of ${twice.path} is listed twice`);
  return sorted;
}

function progress(report: Report, total: number): () => void {
  let done = 0;
  return () => report({ type: 'progress', task: 'decoding pictures', done: ++done, total, unit: 'picture' });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
