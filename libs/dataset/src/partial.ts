import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

/** What of a download is there already. A download that broke off goes on behind its last byte. */
export interface Partial {
  readonly size: number;
  /** ETag or date by which the server tells whether its file is still the one that was begun; null: begin anew. */
  readonly validator: string | null;
  /** Forgets what was there. */
  begin(validator: string | null): Promise<void>;
  append(chunk: Uint8Array): Promise<void>;
}

/** For small files. */
export class MemoryPartial implements Partial {
  private chunks: Uint8Array[] = [];
  private hash: Hash = createHash('sha256');
  size = 0;
  validator: string | null = null;

  async begin(validator: string | null): Promise<void> {
    this.chunks = [];
    this.hash = createHash('sha256');
    this.size = 0;
    this.validator = validator;
  }

  async append(chunk: Uint8Array): Promise<void> {
    this.chunks.push(chunk);
    this.hash.update(chunk);
    this.size += chunk.length;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  get sha256(): string {
    return this.hash.copy().digest('hex');
  }
}
