import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DiagnosticsError } from '@graft/foundation';
import type { HttpSource } from '@graft/spec';
import { itemTwice, itemsFailed, itemsSkipped, mebibytes, outsideClassFolders, sourceFileMissing } from './errors';
import { globMatcher } from './globs';
import { fetchItems } from './http-items';
import type { FetchedItem, ItemFault } from './http-items';
import { compareText, nameLabeller } from './paths';
import type { RefusedFile } from './picture';
import type { Source, SourceContext, SourceFile, SourceResult } from './source';
import { parseUrlList } from './url-list';
import type { ListedPicture } from './url-list';

/** A picture to be had by its address. */
interface HttpPicture extends ListedPicture {
  /** For people: `urls.csv:14`. */
  readonly where: string;
  /** Inside the source. */
  readonly path: string;
}

/** Pictures by their addresses. What the store holds by its digest is not downloaded again. */
export const httpSource: Source<HttpSource> = {
  name: (spec) => `http:${spec.list ?? ''}`,
  read: async (spec, context) => {
    const { wanted, unknown } = await picturesOf(spec, context);
    const known = wanted.filter((picture) => spec.onMissing === 'skip' && context.isSkipped(picture));
    const tried = wanted.filter((picture) => !known.includes(picture));
    const task = `fetching ${spec.list ?? 'pictures'}`;
    const { fetched, faults, networkBytes } = await fetchItems(tried, {
      ...context,
      allowPrivate: spec.allowPrivate,
      task,
    });
    const gone = spec.onMissing === 'skip' ? faults.filter(({ passing }) => !passing) : [];
    const fatal = faults.filter((fault) => !gone.includes(fault));
    const skipped = [...known, ...gone.map(({ item }) => item)];
    const diagnostics = [
      ...(skipped.length === 0
        ? []
        : [itemsSkipped(httpSource.name(spec), [...gone.map(lineOf), ...known.map(knownLine)])]),
      ...(unknown.length === 0
        ? []
        : [outsideClassFolders(httpSource.name(spec), unknown.length, labelCounts(unknown))]),
    ];
    if (fatal.length > 0) {
      const failed = itemsFailed(httpSource.name(spec), fatal.map(lineOf), spec.onMissing);
      throw new DiagnosticsError([failed, ...diagnostics]);
    }
    return {
      ...admit(fetched, context),
      skipped: skipped.map(({ path, label, sha256 }) => ({ path, label, sha256 })),
      diagnostics,
      downloadedBytes: networkBytes,
    };
  },
};

const lineOf = ({ item, reason }: ItemFault<HttpPicture>): string => `${item.where}  ${item.url}  ${reason}`;
const knownLine = ({ where, url }: HttpPicture): string => `${where}  ${url}  the lock says so`;

interface Pictures {
  readonly wanted: readonly HttpPicture[];
  /** Labels that are no class of the experiment. */
  readonly unknown: readonly string[];
}

async function picturesOf(spec: HttpSource, context: SourceContext): Promise<Pictures> {
  const inline = spec.items.map((item, index) => placed(item, `items[${index}]`));
  const listed = spec.list === null ? [] : await readList(spec.list, context);
  const excluded = globMatcher([...context.exclude, ...spec.exclude]);
  const all = [...inline, ...listed].filter(({ path }) => !excluded(path));
  const classOf = nameLabeller(context.classes);
  const wanted = all.flatMap((picture) => {
    const label = classOf(picture.label);
    return label === null ? [] : [{ ...picture, label }];
  });
  refuseTwice(wanted);
  return {
    wanted: wanted.sort((a, b) => compareText(a.path, b.path)),
    unknown: all.flatMap(({ label }) => (classOf(label) === null ? [label] : [])),
  };
}

function refuseTwice(pictures: readonly HttpPicture[]): void {
  const seen = new Map<string, HttpPicture>();
  for (const picture of pictures) {
    const before = seen.get(picture.path);
    if (before !== undefined) throw itemTwice(picture.url, before.where, picture.where);
    seen.set(picture.path, picture);
  }
}

async function readList(list: string, context: SourceContext): Promise<HttpPicture[]> {
  const text = await readFile(resolve(context.baseDirectory, list), 'utf8').catch((error: unknown) => {
    throw sourceFileMissing(list, error);
  });
  const parsed = parseUrlList(text, list);
  if (!parsed.ok) throw new DiagnosticsError(parsed.diagnostics);
  return parsed.value.map(({ line, ...picture }) => placed(picture, `${list}:${line}`));
}

/** An address without its scheme is a path: host, folders, file name and query. */
function placed(picture: ListedPicture, where: string): HttpPicture {
  return { ...picture, where, path: picture.url.replace(/^https?:\/\//i, '') };
}

function labelCounts(labels: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => compareText(a, b)).map(([label, number]) => `label "${label}": ${number}`);
}

function admit(
  fetched: readonly FetchedItem<HttpPicture>[],
  { maxFileBytes }: SourceContext,
): Pick<SourceResult, 'files' | 'notPictures' | 'tooLarge'> {
  const files: SourceFile[] = [];
  const notPictures: RefusedFile[] = [];
  const tooLarge: RefusedFile[] = [];
  for (const { item, size, sniffed } of fetched) {
    const { path, url, label, sha256, license, attribution, group } = item;
    // One that came while the limit was higher.
    if (size > maxFileBytes) tooLarge.push({ path: url, reason: `is ${mebibytes(size)}`, label });
    else if (!sniffed.ok) notPictures.push({ path: url, reason: sniffed.reason, label });
    else files.push({ path, label, sha256, size, format: sniffed.format, license, attribution, group });
  }
  return { files, notPictures, tooLarge };
}
