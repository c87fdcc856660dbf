import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { XzReadableStream } from 'xz-decompress';

export type Compression = 'none' | 'gzip' | 'xz';

/** The bytes behind a compression. Errors of the decompressor come out as they are. */
export async function* unpacked(
  compressed: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  if (compression === 'none') yield* compressed;
  else if (compression === 'gzip') yield* gunzipped(compressed);
  else yield* unxzed(compressed);
}

// Not `pipeline`: when reader and source both fail it may report the abort of the one instead of the other's error.
async function* gunzipped(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(compressed);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function* unxzed(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new XzReadableStream(webStream(compressed)).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value.length > 0) yield value;
    }
  } catch (error) {
    throw xzError(error);
  } finally {
    // Also where the caller stops early: the decompressor serves one stream at a time and waits for this one to end.
    await reader.cancel().catch(() => undefined);
  }
}

function webStream(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** xz.h of XZ Embedded, enum xz_ret. */
const XZ_REASONS: Readonly<Record<string, string>> = {
  '4': 'its xz dictionary is larger than can be held in memory; pack it with xz -9 or less',
  '5': 'it is not an xz file',
  '6': 'it uses options of xz that are not supported here; pack it with plain xz -9 or less',
  '7': 'its xz data are damaged',
  '8': 'it ends early',
};

function xzError(error: unknown): unknown {
  const code = /error code (\d+)$/.exec(String(error))?.[1];
  const reason = code === undefined ? undefined : XZ_REASONS[code];
  return reason === undefined ? error : new Error(reason, { cause: error });
}
