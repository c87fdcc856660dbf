import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { sha256, writeFileAtomic } from '@graft/foundation';

/** Keeps what the frozen layers answered. Keys are hexadecimal digests of everything that the answer depends on. */
export interface FeatureStore {
  get(key: string): Promise<Float32Array | null>;
  put(key: string, features: Float32Array): Promise<void>;
}

/** Lives as long as the process. */
export function memoryFeatureStore(): FeatureStore {
  const features = new Map<string, Float32Array>();
  return {
    get: async (key) => features.get(key)?.slice() ?? null,
    put: async (key, values) => void features.set(key, values.slice()),
  };
}

const DIGEST_BYTES = 32;

/**
 * One file for each key: the SHA-256 of the rest, then little-endian float32. A file that was cut or changed is as good as none.
 */
export function diskFeatureStore(directory: string): FeatureStore {
  const pathOf = (key: string) => join(directory, key.slice(0, 2), `${key}.f32`);
  return {
    get: async (key) => {
      const bytes = await readFile(pathOf(key)).catch(() => null);
      return bytes === null ? null : decode(bytes);
    },
    put: (key, values) => writeFileAtomic(pathOf(key), encode(values)),
  };
}

function encode(values: Float32Array): Uint8Array {
  const payload = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([Buffer.from(sha256(payload), 'hex'), payload]);
}

function decode(bytes: Buffer): Float32Array | null {
  const payload = new Uint8Array(bytes.subarray(DIGEST_BYTES));
  if (payload.length % 4 !== 0 || sha256(payload) !== bytes.toString('hex', 0, DIGEST_BYTES)) return null;
  return new Float32Array(payload.buffer);
}
