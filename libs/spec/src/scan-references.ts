import { isFileName } from './merge/layers';
import { parseDocuments } from './yaml/parse-documents';

export interface References {
  /** Picture folders as written, relative to the experiment's folder. */
  readonly directories: readonly string[];
  /** Other experiments that it extends, relative to its folder. Their own references are theirs to be asked for. */
  readonly extendedFiles: readonly string[];
}

/**
 * Which folders and files an experiment names, itself or through presets and defaults of the project. Cheap and
 * forgiving: what cannot be read names nothing. It may name more than the merged experiment uses, never less.
 */
export function scanReferences(experimentText: string, projectText: string | null): References {
  const project = projectText === null ? null : parsePlain(projectText);
  const presets = member(project, 'presets');
  const directories = new Set<string>();
  const extendedFiles = new Set<string>();
  const seen = new Set<unknown>();
  const visit = (settings: unknown) => {
    if (settings === undefined || seen.has(settings)) return;
    seen.add(settings);
    directoriesOf(settings).forEach((path) => directories.add(path));
    for (const entry of texts(member(settings, 'extends'))) {
      if (isFileName(entry)) extendedFiles.add(entry);
      else visit(member(presets, entry));
    }
  };
  visit(member(project, 'defaults'));
  visit(parsePlain(experimentText));
  return { directories: [...directories].sort(), extendedFiles: [...extendedFiles].sort() };
}

function directoriesOf(settings: unknown): string[] {
  const sources = member(member(settings, 'dataset'), 'sources');
  if (!Array.isArray(sources)) return [];
  return sources
    .filter((source) => member(source, 'type') === 'directory')
    .flatMap((source) => texts(member(source, 'path')));
}

function parsePlain(text: string): unknown {
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
