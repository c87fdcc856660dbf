import type { HttpSource } from '@graft/spec';
import { Connections } from './connections';
import { DownloadError } from './download-error';
import { transfer } from './download';
import { inParallel } from './in-parallel';
import { MemoryPartial } from './partial';
import { sniffPicture } from './sniff';
import type { Sniffed } from './sniff';
import type { SourceContext } from './source';
import type { ListedPicture } from './url-list';

/** A picture to be had by its address. */
export interface HttpPicture extends ListedPicture {
  /** For people: `urls.csv:14`. */
  readonly where: string;
  /** Inside the source. */
  readonly path: string;
}

export interface FetchedItem {
  readonly picture: HttpPicture;
  readonly size: number;
  readonly sniffed: Sniffed;
}

export interface ItemFault {
  readonly picture: HttpPicture;
  /** A sentence without a capital. */
  readonly reason: string;
  /** Another run may do better. */
  readonly passing: boolean;
}

export interface FetchedItems {
  readonly fetched: readonly FetchedItem[];
  /** Every picture that could not be had. */
  readonly faults: readonly ItemFault[];
  readonly networkBytes: number;
}

/** Of one source at a time, as browsers do with one server. */
const PARALLEL = 6;

/** For one picture as a whole. */
const MOST_MS_PER_PICTURE = 5 * 60_000;

/** Brings pictures into the store; the ones that are there already come from there. */
export async function fetchItems(
  pictures: readonly HttpPicture[],
  { list, allowPrivate }: Pick<HttpSource, 'list' | 'allowPrivate'>,
  context: SourceContext,
): Promise<FetchedItems> {
  const connections = new Connections();
  const fetcher = new ItemFetcher(
    `fetching ${list ?? 'pictures'}`,
    pictures.length,
    allowPrivate,
    connections,
    context,
  );
  try {
    const results = await inParallel(pictures, PARALLEL, context.signal, (picture, stop) =>
      fetcher.fetch(picture, stop),
    );
    return {
      fetched: results.flatMap((result) => ('reason' in result ? [] : [result])),
      faults: results.flatMap((result) => ('reason' in result ? [result] : [])),
      networkBytes: fetcher.networkBytes,
    };
  } finally {
    connections.close();
  }
}

class ItemFetcher {
  networkBytes = 0;
  private done = 0;
  private readonly troubled = new TroubledServers();

  constructor(
    private readonly task: string,
    private readonly total: number,
    private readonly allowPrivate: boolean,
    private readonly connections: Connections,
    private readonly context: SourceContext,
  ) {}

  async fetch(picture: HttpPicture, stop: AbortSignal): Promise<FetchedItem | ItemFault> {
    const kept = await this.context.store.read(picture.sha256);
    const result = kept === null ? await this.download(picture, stop) : taken(picture, kept);
    this.done += 1;
    const figures = { MB: this.networkBytes / 1e6 };
    this.context.report({
      type: 'progress',
      task: this.task,
      done: this.done,
      total: this.total,
      unit: 'file',
      figures,
    });
    return result;
  }

  private async download(picture: HttpPicture, stop: AbortSignal): Promise<FetchedItem | ItemFault> {
    const { host } = new URL(picture.url);
    if (this.troubled.isGivenUp(host)) {
      return { picture, reason: `not tried: ${host} failed too often in a row`, passing: true };
    }
    const partial = new MemoryPartial();
    try {
      await this.transfer(partial, picture.url, stop);
      this.troubled.note(host, false);
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      this.troubled.note(host, error.passing);
      return { picture, reason: error.message, passing: error.passing };
    }
    const { bytes, sha256 } = partial;
    if (sha256 !== picture.sha256)
      return { picture, reason: otherBytes(picture.sha256, sha256, bytes), passing: false };
    await this.context.store.put(bytes);
    return taken(picture, bytes);
  }

  private async transfer(partial: MemoryPartial, url: string, stop: AbortSignal): Promise<void> {
    const { http, maxFileBytes } = this.context;
    const totalMs = Math.min(http.times.totalMs, MOST_MS_PER_PICTURE);
    await transfer(partial, url, {
      ...http,
      times: { ...http.times, totalMs },
      maxBytes: maxFileBytes,
      allowPrivateAddresses: this.allowPrivate,
      plainHttp: true,
      connections: this.connections,
      onBytes: (bytes) => (this.networkBytes += bytes),
      signal: stop,
    });
  }
}

function taken(picture: HttpPicture, bytes: Uint8Array): FetchedItem {
  return { picture, size: bytes.length, sniffed: sniffPicture(bytes) };
}

function otherBytes(expected: string, found: string, bytes: Uint8Array): string {
  const sniffed = sniffPicture(bytes);
  const what = sniffed.ok ? `a ${sniffed.format} picture` : `what ${sniffed.reason}`;
  return `other bytes: expected ${expected.slice(0, 8)}…, got ${found.slice(0, 8)}… (${bytes.length} bytes, ${what})`;
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
