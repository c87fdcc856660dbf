import { sha256 } from '@graft/foundation';
import { Connections } from './connections';
import { DownloadError } from './download-error';
import { transfer } from './download';
import { inParallel } from './in-parallel';
import { MemoryPartial } from './partial';
import { sniffPicture } from './sniff';
import type { Sniffed } from './sniff';
import type { SourceContext } from './source';

/** A picture to be had by its address. */
export interface Wanted {
  readonly url: string;
  /** Null: whatever comes, if it is a picture. */
  readonly sha256: string | null;
}

export interface FetchedItem<Item extends Wanted> {
  readonly item: Item;
  readonly sha256: string;
  readonly size: number;
  readonly sniffed: Sniffed;
}

export interface ItemFault<Item extends Wanted> {
  readonly item: Item;
  /** A sentence without a capital. */
  readonly reason: string;
  /** Another run may do better. */
  readonly passing: boolean;
}

export interface FetchedItems<Item extends Wanted> {
  readonly fetched: readonly FetchedItem<Item>[];
  /** Every picture that could not be had. */
  readonly faults: readonly ItemFault<Item>[];
  readonly networkBytes: number;
}

export interface ItemsContext extends Pick<SourceContext, 'store' | 'http' | 'maxFileBytes' | 'report' | 'signal'> {
  readonly allowPrivate: boolean;
  /** For progress: "fetching urls.csv". */
  readonly task: string;
}

/** Of one source at a time, as browsers do with one server. */
const PARALLEL = 6;

/** For one picture as a whole. */
const MOST_MS_PER_PICTURE = 5 * 60_000;

/** Brings pictures into the store; the ones that are there already come from there. */
export async function fetchItems<Item extends Wanted>(
  items: readonly Item[],
  context: ItemsContext,
): Promise<FetchedItems<Item>> {
  const connections = new Connections();
  const fetcher = new ItemFetcher<Item>(items.length, connections, context);
  try {
    const results = await inParallel(items, PARALLEL, context.signal, (item, stop) => fetcher.fetch(item, stop));
    return {
      fetched: results.flatMap((result) => ('reason' in result ? [] : [result])),
      faults: results.flatMap((result) => ('reason' in result ? [result] : [])),
      networkBytes: fetcher.networkBytes,
    };
  } finally {
    connections.close();
  }
}

class ItemFetcher<Item extends Wanted> {
  networkBytes = 0;
  private done = 0;
  private readonly troubled = new TroubledServers();

  constructor(
    private readonly total: number,
    private readonly connections: Connections,
    private readonly context: ItemsContext,
  ) {}

  async fetch(item: Item, stop: AbortSignal): Promise<FetchedItem<Item> | ItemFault<Item>> {
    const { store, report, task } = this.context;
    const kept = item.sha256 === null ? null : await store.read(item.sha256);
    const result = kept === null ? await this.download(item, stop) : taken(item, kept, sha256(kept));
    this.done += 1;
    const figures = { MB: this.networkBytes / 1e6 };
    report({ type: 'progress', task, done: this.done, total: this.total, unit: 'file', figures });
    return result;
  }

  private async download(item: Item, stop: AbortSignal): Promise<FetchedItem<Item> | ItemFault<Item>> {
    const { host } = new URL(item.url);
    if (this.troubled.isGivenUp(host)) {
      return { item, reason: `not tried: ${host} failed too often in a row`, passing: true };
    }
    const partial = new MemoryPartial();
    try {
      await this.transfer(partial, item, stop);
      this.troubled.note(host, false);
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      this.troubled.note(host, error.passing);
      return { item, reason: error.message, passing: error.passing };
    }
    const { bytes } = partial;
    const result = taken(item, bytes, partial.sha256);
    if (item.sha256 !== null && item.sha256 !== result.sha256) {
      return { item, reason: otherBytes(item.sha256, result), passing: false };
    }
    await this.context.store.put(bytes);
    return result;
  }

  private async transfer(partial: MemoryPartial, { url, sha256: digest }: Item, stop: AbortSignal): Promise<void> {
    const { http, maxFileBytes, allowPrivate } = this.context;
    const totalMs = Math.min(http.times.totalMs, MOST_MS_PER_PICTURE);
    await transfer(partial, url, {
      ...http,
      times: { ...http.times, totalMs },
      maxBytes: maxFileBytes,
      allowPrivateAddresses: allowPrivate,
      plainHttp: digest !== null || allowPrivate,
      connections: this.connections,
      onBytes: (bytes) => (this.networkBytes += bytes),
      signal: stop,
    });
  }
}

function taken<Item extends Wanted>(item: Item, bytes: Uint8Array, digest: string): FetchedItem<Item> {
  return { item, sha256: digest, size: bytes.length, sniffed: sniffPicture(bytes) };
}

function otherBytes(expected: string, { sha256: found, size, sniffed }: FetchedItem<Wanted>): string {
  const what = sniffed.ok ? `a ${sniffed.format} picture` : `what ${sniffed.reason}`;
  return `other bytes: expected ${expected.slice(0, 8)}…, got ${found.slice(0, 8)}… (${size} bytes, ${what})`;
}

/** So many failures in a row, each after all its tries, and a server is left alone for the rest of the run. */
const TOO_MANY = 8;

class TroubledServers {
  private readonly inARow = new Map<string, number>();

  isGivenUp(host: string): boolean {
    return (this.inARow.get(host) ?? 0) >= TOO_MANY;
  }

  note(host: string, failed: boolean): void {
    this.inARow.set(host, failed ? (this.inARow.get(host) ?? 0) + 1 : 0);
  }
}
