import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** SHA-256 in lower-case hexadecimal. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Large enough that the digest takes longer than asking for the next piece. */
const PIECE_BYTES = 2 ** 20;

/** SHA-256 of a file, read as a stream so that its size does not matter. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: PIECE_BYTES })) hash.update(chunk);
  return hash.digest('hex');
}

export interface FileDigest {
  readonly size: number;
  readonly sha256: string;
}

/** With fewer files and fewer bytes, starting a thread takes longer than it saves. */
const FILES_FOR_THREADS = 200;
const BYTES_FOR_THREADS = 2 ** 26;

/**
 * Size and SHA-256 of each file, in the order of the paths; null for one that cannot be read. Much work is shared out between
 * threads, one a core. No file is held as a whole.
 */
export async function digestFiles(paths: readonly string[], threads?: number): Promise<(FileDigest | null)[]> {
  const wanted = threads ?? ((await isMuch(paths)) ? Math.min(paths.length, availableParallelism()) : 0);
  if (wanted === 0) {
    const digests: (FileDigest | null)[] = [];
    for (const path of paths) digests.push(await digestOf(path).catch(() => null));
    return digests;
  }
  // Which path is next; a thread that meets large files takes fewer of them.
  const next = new Int32Array(new SharedArrayBuffer(4));
  const parts = await Promise.all(Array.from({ length: wanted }, () => inThread({ paths, next })));
  const digests = new Map(parts.flat());
  return paths.map((_, at) => digests.get(at) ?? null);
}

async function isMuch(paths: readonly string[]): Promise<boolean> {
  if (paths.length >= FILES_FOR_THREADS) return true;
  const sizes = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0) >= BYTES_FOR_THREADS;
}

async function digestOf(path: string): Promise<FileDigest> {
  const { size } = await stat(path);
  return { size, sha256: await sha256File(path) };
}

interface SharedWork {
  readonly paths: readonly string[];
  readonly next: Int32Array;
}

function inThread(work: SharedWork): Promise<[number, FileDigest | null][]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(__dirname, 'digest-worker.cjs'), { workerData: work });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
