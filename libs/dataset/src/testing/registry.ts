import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import type { EntryTypeName } from 'tar/types';
import { close, listen } from './loopback';

export interface TarEntry {
  readonly path: string;
  readonly content?: Uint8Array | string;
  readonly type?: EntryTypeName;
  readonly linkpath?: string;
}

/** A gzipped tar archive, entry by entry as told: what a packing tool would refuse to write is written here. */
export function tarball(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = '', type = 'File', linkpath }) => {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(512);
    const size = type === 'File' || type === 'ExtendedHeader' ? bytes.length : 0;
    new Header({ path, type, size, mode: 0o644, ...(linkpath === undefined ? {} : { linkpath }) }).encode(header, 0);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An npm registry on loopback: serves the packages put into it, counts requests, and can be told to misbehave. */
export class FakeRegistry {
  private readonly tarballs = new Map<string, Buffer>();
  private readonly special: Answer[] = [];
  readonly requests: string[] = [];
  /** Told in the packument. */
  unpackedSize: number | undefined;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {
    server.on('request', (request, response) => this.answer(request, response));
  }

  static async start(): Promise<FakeRegistry> {
    const server = createServer();
    return new FakeRegistry(server, `http://127.0.0.1:${await listen(server)}/`);
  }

  get tarballRequests(): number {
    return this.requests.filter((path) => path.endsWith('.tgz')).length;
  }

  put(name: string, bytes: Buffer): void {
    this.tarballs.set(name, bytes);
  }

  /** The next request for a tarball is answered like this. */
  answerTarballOnce(answer: Answer): void {
    this.special.push(answer);
  }

  stop(): Promise<void> {
    return close(this.server);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(request.url ?? '');
    this.requests.push(path);
    const name = path.slice(1).replace(/\/-\/.*$/, '');
    const bytes = this.tarballs.get(name);
    const special = path.endsWith('.tgz') ? this.special.shift() : undefined;
    if (special !== undefined) special(request, response);
    else if (bytes === undefined) response.writeHead(404).end('{"error":"not found"}');
    else if (path.endsWith('.tgz')) response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(this.packument(name, bytes));
  }

  private packument(name: string, bytes: Buffer): string {
    const dist = {
      tarball: `${this.url}${name}/-/${name.replace(/^.*\//, '')}-1.0.0.tgz`,
      integrity: integrityOf(bytes),
      unpackedSize: this.unpackedSize,
    };
    return JSON.stringify({
      name,
      'dist-tags': { latest: '1.0.0' },
      versions: { '1.0.0': { name, version: '1.0.0', dist } },
    });
  }
}
