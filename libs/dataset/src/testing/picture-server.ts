import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { sha256 } from '@graft/foundation';
import type { ArchiveSource, HttpSource } from '@graft/spec';
import { close, listen } from './loopback';

export type Answer = (request: IncomingMessage, response: ServerResponse, content: Buffer) => void;

/** A web server on loopback with ETags and ranges. It counts requests and bytes, and can be told to misbehave. */
export class PictureServer {
  private readonly files = new Map<string, Buffer>();
  private readonly answers = new Map<string, Answer[]>();
  /** In the order in which they came: path, and range if one was asked for. */
  readonly requests: string[] = [];
  /** Of all contents, without headers. */
  bytesSent = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {
    server.on('request', (request, response) => this.answer(request, response));
  }

  static async start(): Promise<PictureServer> {
    const server = createServer();
    return new PictureServer(server, `http://127.0.0.1:${await listen(server)}`);
  }

  /** Puts a file there and gives its address. */
  put(path: string, content: Uint8Array): string {
    this.files.set(path, Buffer.from(content));
    return `${this.url}${path}`;
  }

  /** The next requests for this path are answered like this, one after the other. */
  answerWith(path: string, ...answers: readonly Answer[]): void {
    this.answers.set(path, [...(this.answers.get(path) ?? []), ...answers]);
  }

  stop(): Promise<void> {
    return close(this.server);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    const { range } = request.headers;
    this.requests.push(range === undefined ? path : `${path} ${range}`);
    this.count(response);
    const content = this.files.get(path);
    const special = this.answers.get(path)?.shift();
    if (special !== undefined) special(request, response, content ?? Buffer.alloc(0));
    else if (content === undefined) response.writeHead(404).end('gone');
    else serve(request, response, content);
  }

  private count(response: ServerResponse): void {
    const write = response.write.bind(response) as (chunk: Uint8Array, sent?: () => void) => boolean;
    const end = response.end.bind(response) as (chunk?: Uint8Array | string) => ServerResponse;
    Object.assign(response, {
      write: (chunk: Uint8Array, sent?: () => void) => {
        this.bytesSent += chunk.length;
        return write(chunk, sent);
      },
      end: (chunk?: Uint8Array | string) => {
        this.bytesSent += chunk === undefined ? 0 : chunk.length;
        return end(chunk);
      },
    });
  }
}

export const etagOf = (content: Uint8Array): string => `"${sha256(content).slice(0, 16)}"`;

/** As a good server does: the part that was asked for, if the file is still the one it was asked of. */
export function serve(request: IncomingMessage, response: ServerResponse, content: Buffer): void {
  const etag = etagOf(content);
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  if (from === undefined || request.headers['if-range'] !== etag) {
    response.writeHead(200, { etag, 'content-length': content.length }).end(content);
    return;
  }
  const part = content.subarray(Number(from));
  const range = `bytes ${from}-${content.length - 1}/${content.length}`;
  response.writeHead(206, { etag, 'content-length': part.length, 'content-range': range }).end(part);
}

/** Sends so many bytes, then the connection dies. */
export const dieAfter =
  (bytes: number): Answer =>
  (request, response, content) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const part = content.subarray(from);
    const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(from === 0 ? 200 : 206, { etag: etagOf(content), 'content-length': part.length, ...range });
    // Ended and not reset, and not at once: what was sent shall be taken.
    response.write(part.subarray(0, bytes), () => setTimeout(() => response.socket?.end(), 150));
  };

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end(`status ${code}`);

export function archiveSpec(changes: Partial<ArchiveSource>): ArchiveSource {
  return {
    type: 'archive',
    ...{ path: null, url: null, sha256: null, stripComponents: 0, pictures: null, allowPrivate: true, use: 'all' },
    ...{ include: null, exclude: [], license: null, attribution: null },
    ...changes,
  };
}

export function httpSpec(changes: Partial<HttpSource>): HttpSource {
  return {
    type: 'http',
    ...{ items: [], list: null, onMissing: 'error', allowPrivate: true, use: 'all' },
    ...{ include: null, exclude: [], license: null, attribution: null },
    ...changes,
  };
}
