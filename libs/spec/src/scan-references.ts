import { posix } from 'node:path';
import { EXPORT_FORMATS } from './experiment';
import type { ExportFormat } from './experiment';
import { isFileName } from './merge/layers';
import type { LayersOptions } from './merge/layers';
import { isAbsolutePath } from './merge/normalise';
import { parseDocuments } from './yaml/parse-documents';

export interface References {
  /** Picture folders: relative to the workspace (`../` where they lie outside), or absolute. Sorted. */
  readonly directories: readonly string[];
  /** Archives and lists of addresses, in the same form. Sorted; they need not exist. */
  readonly sourceFiles: readonly string[];
  /** Every experiment that it extends, directly or not, relative to the workspace. Sorted; they need not exist. */
  readonly extendedFiles: readonly string[];
  /** What `export.formats` of the merged experiment lists, as far as there is such a format; kmodel where it is not set. */
  readonly formats: readonly ExportFormat[];
}

/**
 * Which folders and files an experiment names: itself, in its variants, through presets and defaults of the project, and through the
 * experiments that it extends. Cheap and forgiving: what cannot be read names nothing. It may name more than the merged
 * experiment uses, never less.
 */
export function scanReferences({ experimentPath, projectPath, readText }: LayersOptions): References {
  const project = parsePlain(readText(projectPath));
  const presets = member(project, 'presets');
  const directories = new Set<string>();
  const sourceFiles = new Set<string>();
  const files = new Set<string>();
  const seen = new Set<string>();
  let formats: readonly ExportFormat[] = ['kmodel'];
  // Paths in a preset count from the experiment file that uses it.
  const visit = (id: string, settings: () => unknown, folder: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    const read = settings();
    pathsOf(read, 'directory', 'path').forEach((path) => directories.add(located(path, folder)));
    pathsOf(read, 'archive', 'path').forEach((path) => sourceFiles.add(located(path, folder)));
    pathsOf(read, 'http', 'list').forEach((path) => sourceFiles.add(located(path, folder)));
    for (const path of texts(member(member(member(read, 'model'), 'weights'), 'path')))
      (isWeightsFile(path) ? sourceFiles : directories).add(located(path, folder));
    for (const entry of texts(member(read, 'extends'))) {
      if (isFileName(entry)) visitFile(posix.join(folder, entry));
      else visit(`preset:${folder}:${entry}`, () => member(presets, entry), folder);
    }
    // After what it extends: the nearest one counts.
    formats = formatsOf(read) ?? formats;
  };
  const visitFile = (path: string) => {
    files.add(path);
    visit(`file:${path}`, () => parsePlain(readText(path)), posix.dirname(path));
  };
  const home = posix.dirname(experimentPath);
  visit('defaults', () => member(project, 'defaults'), home);
  visitFile(experimentPath);
  // What the target `export` depends on is the same in every variant.
  const ownFormats = formats;
  const variants = member(parsePlain(readText(experimentPath)), 'variants');
  for (const name of Object.keys(Object(variants))) visit(`variant:${name}`, () => member(variants, name), home);
  files.delete(experimentPath);
  return {
    directories: [...directories].sort(),
    sourceFiles: [...sourceFiles].sort(),
    extendedFiles: [...files].sort(),
    formats: ownFormats,
  };
}

/** Weights are a file, or the folder of several; which one must be known without a look at the disk. */
const isWeightsFile = (path: string): boolean => /\.[a-z0-9]+$/i.test(path);

function located(path: string, folder: string): string {
  const joined = isAbsolutePath(path) ? posix.normalize(path) : posix.join(folder, path);
  return joined.replace(/(?<=.)\/$/, '');
}

/** What the sources of one type name under one key. */
function pathsOf(settings: unknown, type: string, key: string): string[] {
  const sources = member(member(settings, 'dataset'), 'sources');
  if (!Array.isArray(sources)) return [];
  return sources.filter((source) => member(source, 'type') === type).flatMap((source) => texts(member(source, key)));
}

function formatsOf(settings: unknown): ExportFormat[] | null {
  const named = texts(member(member(settings, 'export'), 'formats'));
  return named.length === 0 ? null : EXPORT_FORMATS.filter((format) => named.includes(format));
}

function parsePlain(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return parseDocuments(text)?.[0]?.toJS({ maxAliasCount: 200 });
  } catch {
    // Aliases without anchor or without end: the experiment's own check will say so.
    return undefined;
  }
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}

function texts(value: unknown): string[] {
  return [value].flat().filter((item) => typeof item === 'string');
}
