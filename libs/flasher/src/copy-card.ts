import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GraftError, reasonOf, sha256File, type Report } from '@graft/foundation';
import { flashAborted, planNotWhole, cardRefused, verificationFailed } from './errors';
import type { WrittenFile } from './engines/engine';

const SUMS_FILE = 'SHA256SUMS';
const SCRIPT = 'main.py';
const CHUNK_BYTES = 256 * 1024;

export interface CopyContext {
  readonly report: Report;
  readonly signal?: AbortSignal;
}

interface CardFile extends WrittenFile {
  readonly name: string;
}

/**
 * Copies a card folder to a mounted card. Every file is first written beside and read back; only then all of them take
 * their names, the script last, so that a stopped copy leaves a card that boots what it booted before. Other files on
 * the card stay.
 * @param from folder with the files that its SHA256SUMS lists
 * @param to an existing folder
 * @returns the files on the card in the order in which they took their names
 * @throws GraftError E411, E412, E413, E415
 */
export async function copyCard(from: string, to: string, context: CopyContext): Promise<readonly WrittenFile[]> {
  const files = await listedFiles(from);
  await checkTarget(from, to, files);
  const parts = files.map(({ name }) => partPath(to, name));
  try {
    await writeParts(files, to, context);
    for (const { name } of files) await rename(partPath(to, name), join(to, name));
  } catch (error) {
    await Promise.all(parts.map((part) => rm(part, { force: true }).catch(() => undefined)));
    throw error instanceof GraftError ? error : cardRefused(to, refusalOf(error), error);
  }
  return files.map(({ name, bytes, sha256 }) => ({ path: join(to, name), bytes, sha256 }));
}

/** A name that does not change between runs, so that a killed copy leaves nothing that the next one does not take. */
const partPath = (folder: string, name: string): string => join(folder, `.${name}.part`);

/** The files of a card folder, checked against its list, the script at the end. */
async function listedFiles(folder: string): Promise<readonly CardFile[]> {
  const sums = await describeFile(folder, SUMS_FILE);
  if (sums === null) throw planNotWhole(folder, [`${SUMS_FILE} is missing`]);
  const lines = (await readFile(sums.path, 'utf8')).split('\n').filter((line) => line !== '');
  const files: CardFile[] = [];
  const complaints: string[] = [];
  for (const line of lines) {
    const [, digest, name] = /^([0-9a-f]{64}) {2}([^/\\]+)$/.exec(line) ?? [];
    const file = name === undefined ? null : await describeFile(folder, name);
    if (name === undefined) complaints.push(`${SUMS_FILE} has a line that is none of its own: ${line}`);
    else if (file === null) complaints.push(`${name} is missing`);
    else if (file.sha256 !== digest) complaints.push(`${name} has another SHA-256 than ${SUMS_FILE} says`);
    else files.push(file);
  }
  if (complaints.length > 0) throw planNotWhole(folder, complaints);
  const isScript = ({ name }: CardFile): boolean => name === SCRIPT;
  return [...files.filter((file) => !isScript(file)), sums, ...files.filter(isScript)];
}

async function describeFile(folder: string, name: string): Promise<CardFile | null> {
  const path = join(folder, name);
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true ? { name, path, bytes: found.size, sha256: await sha256File(path) } : null;
}

async function checkTarget(from: string, to: string, files: readonly CardFile[]): Promise<void> {
  const found = await stat(to).catch(() => null);
  if (found === null) throw cardRefused(to, 'there is no such folder');
  if (!found.isDirectory()) throw cardRefused(to, 'it is a file, not a folder');
  if (resolve(from) === resolve(to)) throw cardRefused(to, 'it is the card folder itself');
  const space = await freeSpace(to);
  if (space === null) return;
  // Old files keep their room until the new ones are whole; a file takes whole blocks.
  const needed = files.reduce((sum, { bytes }) => sum + Math.ceil(bytes / space.blockBytes) * space.blockBytes, 0);
  if (needed > space.bytes) throw cardRefused(to, `${needed} bytes are needed, ${space.bytes} are free`);
}

/** Null where the system does not tell. */
async function freeSpace(folder: string): Promise<{ bytes: number; blockBytes: number } | null> {
  const system = await statfs(folder).catch(() => null);
  if (system === null || system.blocks === 0 || system.bsize === 0) return null;
  return { bytes: system.bavail * system.bsize, blockBytes: system.bsize };
}

async function writeParts(files: readonly CardFile[], to: string, { report, signal }: CopyContext): Promise<void> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const file of files) {
    const part = partPath(to, file.name);
    for await (const bytes of writePart(file.path, part)) {
      if (signal?.aborted === true) throw flashAborted();
      done += bytes;
      report({ type: 'progress', task: 'copying to the card', done, total, unit: 'byte' });
    }
    const found = await sha256File(part);
    if (found !== file.sha256) throw verificationFailed(join(to, file.name), file.sha256, found);
  }
  if (signal?.aborted === true) throw flashAborted();
}

/** Yields the number of bytes after each chunk; the bytes are on the card when it ends. */
async function* writePart(from: string, part: string): AsyncGenerator<number> {
  const file = await open(part, 'w');
  try {
    for await (const chunk of createReadStream(from, { highWaterMark: CHUNK_BYTES })) {
      await file.writeFile(chunk);
      yield chunk.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

function refusalOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC') return 'it is full';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'it cannot be written to';
  return reasonOf(error);
}
