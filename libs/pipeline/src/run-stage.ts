import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFull, sliceMissing, stageCancelled } from './errors';
import { verifyLineage } from './lineage';
import { holdsOutputOf, listFiles, MANIFEST, renderManifest, verifyOutputs } from './manifest';
import { producersOf, stageNamed } from './stages';
import type { StageDeclaration, StageName } from './stage';

/** Where one experiment keeps what its stages make: `<out>/<stage>/…`. */
export interface StageRun {
  readonly stage: StageName;
  readonly outFolder: string;
  /** Libraries and packages that decide the result, for the manifest. */
  readonly tools: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface StageContext {
  /** The stage's slice of the spec, as `resolve` wrote it. */
  readonly settings: unknown;
  /** An empty folder; what lies in it at the end is the stage's output. */
  readonly folder: string;
  /** Output folder of a verified producer. */
  readonly input: (stage: StageName) => string;
  /** Names a file outside the graph that was read, with its digest, for the manifest. */
  readonly recordInput: (name: string, sha256: string) => void;
}

/**
 * Runs one stage so that its output folder is whole or absent: producers are verified, work happens in a sibling
 * folder, the manifest is written last, and the folder takes its name by a rename.
 * @param unchanged called instead of `work` where an earlier output of the same settings, files and tools is there and
 * whole; it stays. Without it the work is always done.
 * @throws GraftError E501–E507 and whatever the work throws.
 */
export async function runStage<T>(
  run: StageRun,
  work: (context: StageContext) => Promise<T>,
  unchanged?: (folder: string) => Promise<T>,
): Promise<T> {
  const declaration = stageNamed(run.stage);
  const files = await verifiedInputs(declaration, run.outFolder);
  await verifyLineage(producersOf(declaration), run.outFolder);
  const settings = run.stage === 'resolve' ? null : await readSettings(run);
  await removeLeftovers(run);
  const output = join(run.outFolder, run.stage);
  const made = { stage: run.stage, inputs: { settings, files }, tools: run.tools };
  if (unchanged !== undefined && (await holdsOutputOf(made, output))) return unchanged(output);
  const folder = join(run.outFolder, `.${run.stage}.${randomBytes(6).toString('hex')}.tmp`);
  await mkdir(folder, { recursive: true });
  try {
    const result = await work({
      settings,
      folder,
      input: (stage) => inputFolder(declaration, run.outFolder, stage),
      recordInput: (name, digest) => void (files[name] = digest),
    });
    if (run.signal.aborted) throw stageCancelled(run.stage);
    await writeManifest(folder, { run, settings, files });
    await replaceFolder(folder, output);
    return result;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (run.signal.aborted) throw stageCancelled(run.stage);
    throw isDiskFull(error) ? diskFull(run.stage, error) : error;
  }
}

async function verifiedInputs(declaration: StageDeclaration, outFolder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const producer of producersOf(declaration)) {
    const consumed = declaration.consumes.filter(({ stage }) => stage === producer);
    for (const file of await verifyOutputs(producer, join(outFolder, producer), consumed)) {
      files[`${producer}/${file.path}`] = file.sha256;
    }
  }
  return files;
}

async function readSettings(run: StageRun): Promise<unknown> {
  const path = join(run.outFolder, 'resolve', `${run.stage}.json`);
  await verifyOutputs('resolve', join(run.outFolder, 'resolve'), [{ stage: 'resolve', files: '*.json' }]);
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw sliceMissing(run.stage, path);
  }
}

function inputFolder(declaration: StageDeclaration, outFolder: string, stage: StageName): string {
  if (!producersOf(declaration).includes(stage)) {
    throw new Error(`internal: stage "${declaration.name}" reads "${stage}" without declaring it`);
  }
  return join(outFolder, stage);
}

interface ManifestParts {
  readonly run: StageRun;
  readonly settings: unknown;
  readonly files: Readonly<Record<string, string>>;
}

async function writeManifest(folder: string, { run, settings, files }: ManifestParts): Promise<void> {
  const outputs = await listFiles(folder);
  const inputs = { settings, files };
  const text = renderManifest({ version: 1, stage: run.stage, inputs, tools: run.tools, outputs });
  const file = await open(join(folder, MANIFEST), 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A kill between the two renames leaves no output, which is safe: the stage runs again. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const old = `${from}.old`;
  await rename(to, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(from, to);
  await rm(old, { recursive: true, force: true });
}

/** A killed run leaves its working folder behind; the next run of the stage takes it away. */
async function removeLeftovers(run: StageRun): Promise<void> {
  const names = await readdir(run.outFolder).catch(() => []);
  const leftovers = names.filter((name) => name.startsWith(`.${run.stage}.`));
  await Promise.all(leftovers.map((name) => rm(join(run.outFolder, name), { recursive: true, force: true })));
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
