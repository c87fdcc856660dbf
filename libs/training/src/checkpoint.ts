import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { canonicalJson, sha256, writeFileAtomic } from '@graft/foundation';
import { packArrays, unpackArrays, type ArchiveArray, type ArchiveEntry } from '@graft/tensor';

import type { EpochMetrics } from './epochs';

/** Everything that the epochs to come depend on, after a whole epoch. */
export interface Checkpoint {
  /** Of all phases. */
  readonly history: readonly EpochMetrics[];
  readonly bestEpoch: number;
  /** Steps of this phase. */
  readonly steps: number;
  /** Parameters, statistics of batch norms, memories of the optimizer, states of random streams, in a fixed order. */
  readonly numbers: readonly ArchiveArray[];
}

/** Keeps the last checkpoint of a training run. Keys are digests of everything that the run depends on. */
export interface CheckpointStore {
  /** Null where there is none, or one that was cut or changed. */
  get(key: string): Promise<Checkpoint | null>;
  put(key: string, checkpoint: Checkpoint): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Lives as long as the process. */
export function memoryCheckpointStore(): CheckpointStore {
  const files = new Map<string, Uint8Array>();
  return {
    get: async (key) => decode(files.get(key) ?? new Uint8Array()),
    put: async (key, checkpoint) => void files.set(key, encode(checkpoint)),
    remove: async (key) => void files.delete(key),
  };
}

/** Runs that were given up leave their checkpoint behind; only so many of the newest stay. */
const KEPT = 8;

/** One file for each run, replaced as a whole. */
export function diskCheckpointStore(directory: string): CheckpointStore {
  const pathOf = (key: string) => join(directory, `${key}${ENDING}`);
  return {
    get: async (key) => decode(await readFile(pathOf(key)).catch(() => new Uint8Array())),
    put: async (key, checkpoint) => {
      await writeFileAtomic(pathOf(key), encode(checkpoint));
      await removeOldest(directory);
    },
    remove: (key) => rm(pathOf(key), { force: true }),
  };
}

const ENDING = '.checkpoint';

async function removeOldest(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(ENDING));
  if (names.length <= KEPT) return;
  const files = await Promise.all(
    names.map(async (name) => ({ name, changedMs: (await stat(join(directory, name))).mtimeMs })),
  );
  const oldest = files.sort((a, b) => b.changedMs - a.changedMs).slice(KEPT);
  await Promise.all(oldest.map(({ name }) => rm(join(directory, name), { force: true })));
}

const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;

interface Header extends Omit<Checkpoint, 'numbers'> {
  readonly entries: readonly ArchiveEntry[];
}

/** SHA-256 of the rest; length of the header (u32, little-endian); header as JSON; arrays. */
function encode({ numbers, ...rest }: Checkpoint): Uint8Array {
  const { entries, bytes } = packArrays(Object.fromEntries(numbers.map((array, index) => [`${index}`, array])));
  const header = Buffer.from(canonicalJson({ ...rest, entries }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(header.length);
  const payload = Buffer.concat([length, header, bytes]);
  return Buffer.concat([Buffer.from(sha256(payload), 'hex'), payload]);
}

function decode(file: Uint8Array): Checkpoint | null {
  const bytes = Buffer.from(file);
  const payload = bytes.subarray(DIGEST_BYTES);
  if (payload.length < LENGTH_BYTES || sha256(payload) !== bytes.toString('hex', 0, DIGEST_BYTES)) return null;
  const start = LENGTH_BYTES + payload.readUInt32LE(0);
  // Its digest says that this is what `encode` wrote.
  const header: Header = JSON.parse(payload.toString('utf8', LENGTH_BYTES, start));
  const arrays = unpackArrays({ entries: header.entries, bytes: payload.subarray(start) });
  const { history, bestEpoch, steps, entries } = header;
  return { history, bestEpoch, steps, numbers: entries.map(({ name }) => arrays[name]) };
}
