import { Parser } from 'tar';
import type { ReadEntry } from 'tar';
import { EntryGate } from './archive-reading';
import type { ArchiveEntry, ArchiveReading } from './archive-reading';

/**
 * Reads an unpacked tar archive as a stream and hands out the wanted files, each whole. Devices, links that lead out,
 * absolute paths, `..` and damage end the reading.
 * @param packedBytes how much of the packed archive was read so far
 */
export async function readTar(
  unpacked: AsyncIterable<Uint8Array>,
  packedBytes: () => number,
  reading: ArchiveReading,
): Promise<void> {
  const gate = new EntryGate(reading);
  const entries = new EntryCollector(reading, gate);
  let size = 0;
  for await (const chunk of wholeStart(unpacked)) {
    // The parser would unpack a second layer by itself, where nobody weighs it.
    if (size === 0 && isGzip(chunk)) throw reading.problems.refused('it is packed twice');
    size += chunk.length;
    gate.weigh(size, packedBytes());
    entries.write(chunk);
    for (const file of entries.takeFinished()) await reading.onFile(file.path, file.bytes);
    reading.onProgress(size);
  }
  entries.end();
  for (const file of entries.takeFinished()) await reading.onFile(file.path, file.bytes);
}

/** The same bytes, with at least two in the first chunk if there are two. */
async function* wholeStart(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const chunk of chunks) {
    // The parser takes Buffers only.
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    held = begun ? bytes : Buffer.concat([held, bytes]);
    if (held.length < 2 && !begun) continue;
    begun = true;
    yield held;
  }
  if (!begun && held.length > 0) yield held;
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

interface TarFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Drives the tar parser, which works within `write`: entries always flow, so nothing queues up behind it. */
class EntryCollector {
  private readonly parser: Parser;
  private finished: TarFile[] = [];
  private failure: Error | null = null;

  constructor(
    private readonly reading: ArchiveReading,
    private readonly gate: EntryGate,
  ) {
    this.parser = new Parser({
      brotli: false,
      zstd: false,
      onReadEntry: (entry) => this.attempt(() => this.enter(entry)),
      onwarn: (code, message) => this.attempt(() => this.judge(code, String(message))),
    });
    // An ignored entry is one of unknown type, or a header too long to believe.
    this.parser.on('ignoredEntry', (entry: ReadEntry) => this.attempt(() => this.refuse(entry)));
  }

  write(chunk: Buffer): void {
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
    if (code !== 'TAR_ENTRY_INFO') throw this.reading.problems.damaged(message);
  }

  private refuse({ path, type }: ReadEntry): never {
    throw this.reading.problems.refused(`${JSON.stringify(path)} is a ${type}, not a plain file`);
  }

  private enter(entry: ReadEntry): void {
    // Before any check: an entry that nobody reads would hold up the parser.
    entry.resume();
    const path = this.gate.admit(describe(entry));
    if (path === null) return;
    const chunks: Uint8Array[] = [];
    entry.on('data', (chunk) => chunks.push(chunk));
    entry.on('end', () => this.finished.push({ path, bytes: Buffer.concat(chunks) }));
  }
}

const TYPES: Readonly<Record<string, ArchiveEntry['type']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'directory',
  SymbolicLink: 'symbolic link',
  Link: 'hard link',
};

function describe({ path, type, linkpath, size }: ReadEntry): ArchiveEntry {
  return { path, type: TYPES[type] ?? 'other', typeName: type, target: linkpath ?? null, size };
}
