import type { PictureRecord } from '@graft/dataset';
import { canonicalJson, type Report, sha256 } from '@graft/foundation';
import { join } from 'node:path';
import sharp from 'sharp';
import { readCached, writeCached } from './cached-files';
import { UnreadableError } from './errors';
import { readFetched } from './fetched-file';
import { FILES_AT_A_TIME, limiter, mapOrdered } from './ordered';
import { measurePicture, MINIATURE_SIDE, type PictureTraits } from './traits';

export type MeasuredPicture =
  { readonly ok: true; readonly traits: PictureTraits } | { readonly ok: false; readonly reason: string };

export interface MeasureOptions {
  readonly pictures: readonly PictureRecord[];
  /** Holds `<sha256>.<format>` for each picture. */
  readonly filesDirectory: string;
  /** Traits of each content; may be shared between experiments and deleted at any time. */
  readonly cacheDirectory: string;
  /** Pictures decoded at a time; the result does not depend on it. */
  readonly concurrency: number;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

/** To be raised whenever the same picture gives other traits than before. */
const CODE_VERSION = 1;

/**
 * Measures each content once, by its SHA-256. A picture that was measured before is not decoded again; one that cannot be
 * decoded has a reason instead of traits.
 *
 * @throws GraftError E251, E252 (fetched files)
 */
export async function measurePictures(options: MeasureOptions): Promise<ReadonlyMap<string, MeasuredPicture>> {
  const contents = [...new Map(options.pictures.map((record) => [record.sha256, record])).values()];
  const measured = new Map<string, MeasuredPicture>();
  const decoding = limiter(options.concurrency);
  const ahead = Math.max(FILES_AT_A_TIME, options.concurrency);
  const results = mapOrdered(contents, ahead, async (record) => {
    options.signal?.throwIfAborted();
    const file = entryFile(record, options);
    const picture = (await reuse(file)) ?? (await decoding(() => measure(record, file, options)));
    return { content: record.sha256, picture };
  });
  for await (const { content, picture } of results) {
    measured.set(content, picture);
    const done = measured.size;
    options.report({ type: 'progress', task: 'looking at pictures', done, total: contents.length, unit: 'picture' });
  }
  return measured;
}

function entryFile(record: PictureRecord, { cacheDirectory }: MeasureOptions): string {
  const { sharp: wrapper, vips } = sharp.versions;
  const key = sha256(canonicalJson({ picture: record.sha256, decoder: [wrapper, vips], code: CODE_VERSION }));
  return join(cacheDirectory, key.slice(0, 2), key);
}

/** From the cache; null where it is not there, or not whole. */
async function reuse(file: string): Promise<MeasuredPicture | null> {
  const bytes = await readCached(file);
  const traits = bytes === null ? null : decodeTraits(bytes);
  return traits === null ? null : { ok: true, traits };
}

async function measure(record: PictureRecord, file: string, options: MeasureOptions): Promise<MeasuredPicture> {
  options.signal?.throwIfAborted();
  const bytes = await readFetched(record, options.filesDirectory);
  try {
    const traits = await measurePicture(bytes, record.format);
    await writeCached(file, encodeTraits(traits));
    return { ok: true, traits };
  } catch (error) {
    if (error instanceof UnreadableError) return { ok: false, reason: error.reason };
    throw error;
  }
}

const DIGEST_BYTES = 32;
const MINIATURE_BYTES = MINIATURE_SIDE * MINIATURE_SIDE * 3;

/** Bytes: SHA-256 of all that follows; the miniature; all else as JSON. */
export function encodeTraits({ miniature, ...numbers }: PictureTraits): Uint8Array {
  const body = Buffer.concat([miniature, Buffer.from(JSON.stringify(numbers))]);
  return Buffer.concat([Buffer.from(sha256(body), 'hex'), body]);
}

/** Null where the bytes are not what was written: cut, changed or empty. */
export function decodeTraits(bytes: Uint8Array): PictureTraits | null {
  const body = bytes.subarray(DIGEST_BYTES);
  if (Buffer.from(bytes.subarray(0, DIGEST_BYTES)).toString('hex') !== sha256(body)) return null;
  // The digest vouches for the rest: it is what encodeTraits wrote.
  const numbers = JSON.parse(Buffer.from(body.subarray(MINIATURE_BYTES)).toString()) as Omit<
    PictureTraits,
    'miniature'
  >;
  return { ...numbers, miniature: body.subarray(0, MINIATURE_BYTES) };
}
