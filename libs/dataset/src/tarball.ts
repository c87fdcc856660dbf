import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Parser } from 'tar';
import type { ReadEntry } from 'tar';
import { mebibytes, packageRefused, packageTooLarge } from './errors';

export interface TarballLimits {
  readonly maxEntries: number;
  /** Unpacked, all entries with their headers. */
  readonly maxTotalBytes: number;
  /** One wanted file; larger ones are listed and not read. */
  readonly maxFileBytes: number;
}

export interface TarballReading {
  /** The package in messages. */
  readonly name: string;
  readonly limits: TarballLimits;
  /** Decides by the path inside the package. */
  readonly wants: (path: string) => boolean;
  readonly onFile: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly onTooLarge: (path: string, size: number) => void;
  /** Bytes unpacked so far. */
  readonly onUnpacked: (bytes: number) => void;
}

/**
 * Reads a gzipped package tarball as a stream and hands out the wanted files, each whole; nothing is written to disk
 * under a name of the archive's choosing. Links, devices, absolute paths, `..` and damage end the reading.
 */
export async function readTarball(compressed: AsyncIterable<Uint8Array>, reading: TarballReading): Promise<void> {
  const entries = new EntryCollector(reading);
  const { limits, name, onFile, onUnpacked } = reading;
  let unpacked = 0;
  for await (const chunk of unzipped(compressed)) {
    unpacked += chunk.length;
    if (unpacked > limits.maxTotalBytes) {
      throw packageTooLarge(name, `it unpacks to more than ${mebibytes(limits.maxTotalBytes)}`);
    }
    entries.write(chunk);
    for (const file of entries.takeFinished()) await onFile(file.path, file.bytes);
    onUnpacked(unpacked);
  }
  entries.end();
  for (const file of entries.takeFinished()) await onFile(file.path, file.bytes);
}

// Not `pipeline`: when reader and source both fail it may report the abort of the one instead of the other's error.
async function* unzipped(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
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

interface TarFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Drives the tar parser, which works within `write`: entries always flow, so nothing queues up behind it. */
class EntryCollector {
  private readonly parser: Parser;
  private finished: TarFile[] = [];
  private failure: Error | null = null;
  private count = 0;

  constructor(private readonly reading: TarballReading) {
    this.parser = new Parser({
      onReadEntry: (entry) => this.attempt(() => this.enter(entry)),
      onwarn: (code, message) => this.attempt(() => this.judge(code, String(message))),
    });
    // An ignored entry is one of unknown type, or a header too long to believe.
    this.parser.on('ignoredEntry', (entry: ReadEntry) => this.attempt(() => this.refuse(entry.path, entry.type)));
  }

  write(chunk: Uint8Array): void {
    this.parser.write(chunk);
    this.throwFailure();
  }

  end(): void {
    this.parser.end();
    this.throwFailure();
  }

  takeFinished(): TarFile[] {
    const finished = this.finished;
    this.finished = [];
    return finished;
  }

  // The parser calls back from within its own loop: an error is kept and thrown once it has returned.
  private attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  private throwFailure(): void {
    if (this.failure !== null) throw this.failure;
  }

  private judge(code: string, message: string): void {
    if (code !== 'TAR_ENTRY_INFO') throw packageRefused(this.reading.name, `the archive is damaged (${message})`);
  }

  private refuse(path: string, type: string): never {
    throw packageRefused(this.reading.name, `${JSON.stringify(path)} is a ${type}, not a plain file`);
  }

  private enter(entry: ReadEntry): void {
    // Before any check: an entry that nobody reads would hold up the parser.
    entry.resume();
    const { name, limits, wants, onTooLarge } = this.reading;
    this.count += 1;
    if (this.count > limits.maxEntries) throw packageTooLarge(name, `more than ${limits.maxEntries} entries`);
    const path = insidePackage(entry.path, name);
    if (entry.type === 'Directory') return;
    if (!PLAIN.has(entry.type)) this.refuse(entry.path, entry.type);
    if (path === '' || !wants(path)) return;
    if (entry.size > limits.maxFileBytes) onTooLarge(path, entry.size);
    else this.collect(entry, path);
  }

  private collect(entry: ReadEntry, path: string): void {
    const chunks: Uint8Array[] = [];
    entry.on('data', (chunk) => chunks.push(chunk));
    entry.on('end', () => this.finished.push({ path, bytes: Buffer.concat(chunks) }));
  }
}

const PLAIN: ReadonlySet<string> = new Set(['File', 'OldFile', 'ContiguousFile']);

/** Drops the package's own top folder, as npm does. */
function insidePackage(entryPath: string, name: string): string {
  const segments = entryPath.split('/');
  if (entryPath.startsWith('/') || /[\\\u0000-\u001f]|^[a-z]:/i.test(entryPath) || segments.includes('..')) {
    throw packageRefused(name, `${JSON.stringify(entryPath)} is not a path inside the package`);
  }
  const inside = segments.filter((segment) => segment !== '' && segment !== '.');
  return inside.slice(1).join('/');
}
