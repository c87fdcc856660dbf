import type { Diagnostic, Report } from '@graft/foundation';
import type { SourceSpec } from '@graft/spec';
import { classWithoutPictures, picturesTooLarge } from './errors';
import type { FetchPicturesOptions } from './fetch-options';
import { compareText, NO_CLASS } from './paths';
import type { ClassFolders } from './paths';
import type { PictureList, PictureRecord, RefusedFile } from './picture';
import type { SourceResult } from './source';
import { sourceName } from './sources';

export interface Admitted extends Omit<PictureList, 'version' | 'recorded'> {
  readonly diagnostics: readonly Diagnostic[];
}

/** Joins what the sources gave into one list, sorted by path. Whether a picture is a good one is checked later. */
export function admitPictures(
  options: FetchPicturesOptions,
  results: readonly SourceResult[],
  report: Report,
): Admitted {
  const diagnostics = results.flatMap((result) => result.diagnostics);
  const pictures = recordsOf(options.sources, results);
  const refused = results.flatMap(({ notPictures }) => notPictures).sort((a, b) => compareText(a.path, b.path));
  const tooLarge = results.flatMap((result) => result.tooLarge);
  if (tooLarge.length > 0) diagnostics.push(picturesTooLarge(tooLarge, options.limits.maxFileBytes));
  const empty = options.classes.filter(({ key }) => !hasAny(key, [...pictures, ...refused, ...tooLarge]));
  diagnostics.push(...empty.map(({ key, folders }) => classWithoutPictures(key, remedies({ key, folders }, options))));
  return { pictures: limited(pictures, options.limits.maxPerClass, report), refused, diagnostics };
}

/** A class whose files are complained about anyway is not called empty as well. */
function hasAny(key: string, files: readonly Pick<RefusedFile, 'label'>[]): boolean {
  return files.some(({ label }) => label === key);
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
    const kind = label === NO_CLASS ? 'pictures of no class' : `class "${label}"`;
    const message = `${kind}: ${limit} of ${all.length} pictures kept (dataset.limits.max_per_class)`;
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
