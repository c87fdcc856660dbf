import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, digestFiles } from '@graft/foundation';
import type { FileDigest } from '@graft/foundation';
import { manifestUnreadable, outputMissing, outputsDiffer } from './errors';
import type { Consumed, StageName } from './stage';

export const MANIFEST = 'manifest.json';

export interface FileRecord {
  /** Below the stage's folder, forward slashes. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** What a stage took and what it made. Written last: a folder without one, or with a wrong one, is not done. */
export interface Manifest {
  readonly version: 1;
  readonly stage: StageName;
  readonly inputs: {
    /** The slice of the spec. */
    readonly settings: unknown;
    /** Consumed files by `<stage>/<path>`, and source files by their name: SHA-256. */
    readonly files: Readonly<Record<string, string>>;
  };
  /** Libraries by digest of their sources, packages by version. */
  readonly tools: Readonly<Record<string, string>>;
  readonly outputs: readonly FileRecord[];
}

export function renderManifest(manifest: Manifest): string {
  return canonicalJson(manifest);
}

export async function readManifest(stage: StageName, folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw outputMissing(stage, folder);
  }
  try {
    const manifest: unknown = JSON.parse(text);
    if (isManifest(manifest) && manifest.stage === stage) return manifest;
  } catch (cause) {
    throw manifestUnreadable(stage, path, cause);
  }
  throw manifestUnreadable(stage, path, undefined);
}

/** Reads a producer's manifest and compares every file that is about to be used. @throws GraftError E501, E502, E503. */
export async function verifyOutputs(
  stage: StageName,
  folder: string,
  consumed: readonly Consumed[],
): Promise<FileRecord[]> {
  const manifest = await readManifest(stage, folder);
  const wanted = consumedOutputs(manifest.outputs, consumed);
  const digests = await digestFiles(wanted.map(({ path }) => join(folder, path)));
  const complaints = wanted.flatMap((file, at) => {
    const complaint = compare(digests[at], file);
    return complaint === null ? [] : [`${file.path} ${complaint}`];
  });
  if (complaints.length > 0) throw outputsDiffer(stage, complaints.slice(0, 10));
  return wanted;
}

/** Whether a folder holds just what its manifest says, made by this stage with these inputs and tools. */
export async function holdsOutputOf(
  { stage, inputs, tools }: Pick<Manifest, 'stage' | 'inputs' | 'tools'>,
  folder: string,
): Promise<boolean> {
  const manifest = await readManifest(stage, folder).catch(() => null);
  if (manifest === null) return false;
  const before = canonicalJson([manifest.inputs, manifest.tools]);
  if (before !== canonicalJson([inputs, tools])) return false;
  const files = (await listFiles(folder)).filter(({ path }) => path !== MANIFEST);
  return canonicalJson(files) === canonicalJson(manifest.outputs);
}

/** The outputs that the patterns name. */
export function consumedOutputs(outputs: readonly FileRecord[], consumed: readonly Consumed[]): FileRecord[] {
  return outputs.filter(({ path }) => consumed.some(({ files }) => matches(files, path)));
}

/** Every file below a folder, sorted, with its digest. */
export async function listFiles(folder: string): Promise<FileRecord[]> {
  const paths = await pathsBelow(folder);
  const digests = await digestFiles(paths.map((path) => join(folder, path)));
  return paths.map((path, at) => {
    const digest = digests[at];
    if (digest === null) throw new Error(`internal: ${path} cannot be read, which was written a moment ago`);
    return { path, ...digest };
  });
}

async function pathsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

/** `folder/**\/*` is everything below a folder, `*.ending` the files at the top with that ending; else it is a file's name. */
export function matches(pattern: string, path: string): boolean {
  if (pattern.startsWith('*.')) return !path.includes('/') && path.endsWith(pattern.slice(1));
  if (!pattern.includes('*')) return path === pattern;
  return path.startsWith(pattern.replace('**/*', '')); // '**/*' alone is everything
}

function compare(found: FileDigest | null, file: FileRecord): string | null {
  if (found === null) return 'is missing';
  if (found.size !== file.size) return `has ${found.size} bytes, not ${file.size}`;
  return found.sha256 === file.sha256 ? null : 'has another SHA-256 than its manifest says';
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const { version, outputs, inputs, tools } = value as Partial<Manifest>;
  return version === 1 && Array.isArray(outputs) && typeof inputs === 'object' && typeof tools === 'object';
}
