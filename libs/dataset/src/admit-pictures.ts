import type { Diagnostic, Report } from '@graft/foundation';
import type { SourceSpec } from '@graft/spec';
import { classWithoutPictures, notPictures, picturesTooLarge, wrongExtension } from './errors';
import type { FetchPicturesOptions } from './fetch-options';
import { compareText, displayPath, sourceIndexOf } from './paths';
import type { ClassFolders } from './paths';
import type { PictureRecord } from './picture';
import { formatOfName } from './sniff';
import type { SourceResult } from './source';
import { sourceName } from './sources';

export interface Admitted {
  /** Sorted by path. */
  readonly pictures: readonly PictureRecord[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Joins what the sources gave into one list, and judges it. */
export function admitPictures(
  options: FetchPicturesOptions,
  results: readonly SourceResult[],
  report: Report,
): Admitted {
  const diagnostics = results.flatMap((result) => result.diagnostics);
  diagnostics.push(...judgeRefused(options, results));
  const named = judgeExtensions(recordsOf(options.sources, results), options);
  const empty = options.classes.filter(({ key }) => !present(key, named.pictures, results, options));
  diagnostics.push(...named.diagnostics);
  diagnostics.push(...empty.map(({ key, folders }) => classWithoutPictures(key, remedies({ key, folders }, options))));
  return { pictures: limited(named.pictures, options.limits.maxPerClass, report), diagnostics };
}

/** A class whose pictures are complained about already is not called empty as well. */
function present(
  key: string,
  pictures: readonly PictureRecord[],
  results: readonly SourceResult[],
  options: FetchPicturesOptions,
): boolean {
  const complained = results.flatMap(({ notPictures: bad, tooLarge }) =>
    (options.unreadable ?? 'error') === 'error' ? [...bad, ...tooLarge] : tooLarge,
  );
  return [...pictures, ...complained].some(({ label }) => label === key);
}

function recordsOf(sources: readonly SourceSpec[], results: readonly SourceResult[]): PictureRecord[] {
  const records = results.flatMap(({ files }, index) =>
    files.map(({ path, ...rest }) => ({
      ...rest,
      path: `${index}/${path}`,
      source: sourceName(sources[index]),
      license: rest.license ?? sources[index].license,
      attribution: rest.attribution ?? sources[index].attribution,
    })),
  );
  return records.sort((a, b) => compareText(a.path, b.path));
}

function judgeRefused(options: FetchPicturesOptions, results: readonly SourceResult[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const refused = results.flatMap((result) => result.notPictures);
  const tooLarge = results.flatMap((result) => result.tooLarge);
  const action = options.unreadable ?? 'error';
  if (refused.length > 0 && action !== 'ignore') {
    diagnostics.push(notPictures(refused, action === 'error' ? 'error' : 'warning'));
  }
  if (tooLarge.length > 0) diagnostics.push(picturesTooLarge(tooLarge, options.limits.maxFileBytes));
  return diagnostics;
}

function judgeExtensions(
  pictures: readonly PictureRecord[],
  { sources, wrongExtension: action }: FetchPicturesOptions,
): Admitted {
  // An address is no file name: what stands behind its last dot promises nothing.
  const named = pictures.filter((record) => sources[sourceIndexOf(record)].type !== 'http');
  const wrong = named.filter(({ path, format }) => (formatOfName(path) ?? format) !== format);
  if (wrong.length === 0 || action === 'ignore') return { pictures, diagnostics: [] };
  const reasons = wrong.map((record) => ({ path: displayPath(record), reason: `is ${record.format}` }));
  const dropped = action === 'drop';
  return {
    pictures: dropped ? pictures.filter((record) => !wrong.includes(record)) : pictures,
    diagnostics: [wrongExtension(reasons, action === 'error' ? 'error' : 'warning', dropped)],
  };
}

/**
 * The first pictures of each class in the order of their content's digest: no preference for a name or a source, and
 * the same ones wherever the same pictures are there. Further copies of a content come after all first ones.
 */
function limited(pictures: readonly PictureRecord[], limit: number | null, report: Report): readonly PictureRecord[] {
  if (limit === null) return pictures;
  const kept = new Set<PictureRecord>();
  for (const label of new Set(pictures.map((record) => record.label))) {
    const all = pictures.filter((record) => record.label === label);
    const copies = new Map<string, number>();
    const ranked = all.map((record) => {
      const copy = copies.get(record.sha256) ?? 0;
      copies.set(record.sha256, copy + 1);
      return { record, copy };
    });
    ranked.sort((a, b) => a.copy - b.copy || compareText(a.record.sha256, b.record.sha256));
    for (const { record } of ranked.slice(0, limit)) kept.add(record);
    const message = `class "${label}": ${limit} of ${all.length} pictures kept (dataset.limits.max_per_class)`;
    if (all.length > limit) report({ type: 'note', message });
  }
  return pictures.filter((record) => kept.has(record));
}

function remedies({ key, folders }: ClassFolders, options: FetchPicturesOptions): string[] {
  return options.sources.map((source, index) => {
    if (source.type === 'directory') return `put pictures into ${source.path.replace(/\/$/, '')}/${folders[0] ?? key}/`;
    if (source.type === 'http') return `${sourceName(source)} lists no picture of "${key}"`;
    if (source.pictures === null) return `${sourceName(source)} has no folder ${folders.join(' or ')} with pictures`;
    const globs = source.pictures[key] ?? [];
    return globs.length === 0
      ? `dataset.sources[${index}].pictures has no globs for "${key}"`
      : `in ${sourceName(source)} no picture matches ${globs.join(', ')}`;
  });
}
