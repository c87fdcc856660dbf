import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DiagnosticsError, silent } from '@graft/foundation';
import type { Report } from '@graft/foundation';
import { walk } from './directory-source';
import {
  baseUrlUnusable,
  itemsFailed,
  linksOutside,
  mebibytes,
  notPictures,
  picturesTooLarge,
  sourceFileMissing,
} from './errors';
import type { NamedReason } from './errors';
import { fetchItems } from './http-items';
import type { Mirrors } from './mirrors';
import { sniffPicture } from './sniff';
import { NO_REMARKS } from './source';
import { ContentStore } from './store';
import { faultOfAddress, parseAddresses } from './url-list';
import type { Address, ListedPicture } from './url-list';
import { DEFAULT_TIME_LIMITS } from './watchdog';
import type { TimeLimits } from './watchdog';

export interface UrlListOptions {
  /** A folder of pictures, or a file of addresses. */
  readonly from: string;
  /** Where the folder is, or will be, published. Null for a file of addresses. */
  readonly baseUrl: string | null;
  /** Of all pictures. Null: a folder's pictures take the name of the folder they lie in; addresses have their own. */
  readonly label: string | null;
  readonly license: string | null;
  readonly attribution: string | null;
  /** Pictures that are listed already; their addresses are not asked again. */
  readonly known: readonly ListedPicture[];
  /** Addresses are asked there instead; the list names them as they are. */
  readonly mirrors: Mirrors;
  /** Mirror folders start here. */
  readonly workspaceRoot: string;
  readonly allowPrivate: boolean;
  readonly maxFileBytes: number;
  /** What was downloaded stays here, so that the first `fetch` need not do it again. */
  readonly storeDirectory: string;
  readonly times?: TimeLimits;
  readonly retries?: number;
  readonly report?: Report;
  readonly signal?: AbortSignal;
}

export interface UrlList {
  readonly pictures: readonly ListedPicture[];
  readonly downloadedBytes: number;
}

/**
 * Writes down the digest of every picture of a folder, or behind the addresses of a file. @throws DiagnosticsError that
 * names every file or address that gave no picture.
 */
export async function makeUrlList(options: UrlListOptions): Promise<UrlList> {
  const status = await stat(options.from).catch((error: unknown) => {
    throw sourceFileMissing(options.from, error);
  });
  const { pictures, downloadedBytes } = status.isDirectory() ? await listFolder(options) : await listAddresses(options);
  const { license, attribution, known } = options;
  const found = pictures.map((picture) => ({
    ...picture,
    license: picture.license ?? license,
    attribution: picture.attribution ?? attribution,
  }));
  const urls = new Set(found.map(({ url }) => url));
  return { pictures: [...known.filter(({ url }) => !urls.has(url)), ...found], downloadedBytes };
}

async function listAddresses(options: UrlListOptions): Promise<UrlList> {
  const parsed = parseAddresses(await readFile(options.from, 'utf8'), options.from, options.label);
  if (!parsed.ok) throw new DiagnosticsError(parsed.diagnostics);
  const known = new Set(options.known.map(({ url }) => url));
  const items = parsed.value.filter(({ url }) => !known.has(url)).map((address) => ({ ...address, sha256: null }));
  const { fetched, faults, networkBytes } = await fetchItems<Address & { readonly sha256: null }>(items, {
    store: new ContentStore(options.storeDirectory),
    http: {
      mirrors: options.mirrors,
      workspaceRoot: options.workspaceRoot,
      times: options.times ?? DEFAULT_TIME_LIMITS,
      retries: options.retries ?? 2,
    },
    maxFileBytes: options.maxFileBytes,
    allowPrivate: options.allowPrivate,
    task: `fetching what ${options.from} names`,
    report: options.report ?? silent,
    signal: options.signal ?? new AbortController().signal,
  });
  const lines = [
    ...faults.map(({ item, reason }) => `${item.url}  ${reason}`),
    ...fetched.flatMap(({ item, sniffed }) => (sniffed.ok ? [] : [`${item.url}  ${sniffed.reason}`])),
  ];
  if (lines.length > 0) throw new DiagnosticsError([itemsFailed(options.from, lines, 'error')]);
  return { pictures: fetched.map(({ item, sha256 }) => ({ ...item, sha256 })), downloadedBytes: networkBytes };
}

async function listFolder({ from, baseUrl, label, maxFileBytes, storeDirectory }: UrlListOptions): Promise<UrlList> {
  const fault = baseUrl === null ? 'it is missing' : faultOfAddress(baseUrl);
  if (fault !== null) throw baseUrlUnusable(from, fault);
  const store = new ContentStore(storeDirectory);
  const found = await walk(await realpath(from));
  if (found.linksOutside.length > 0) throw new DiagnosticsError([linksOutside(from, found.linksOutside)]);
  const refused: NamedReason[] = [...found.closed];
  const tooLarge: NamedReason[] = [];
  const pictures: ListedPicture[] = [];
  for (const path of found.paths) {
    const { size } = await stat(join(from, path));
    const bytes = size > maxFileBytes ? new Uint8Array(0) : await readFile(join(from, path));
    const sniffed = sniffPicture(bytes);
    if (size > maxFileBytes) tooLarge.push({ path, reason: `is ${mebibytes(size)}` });
    else if (!sniffed.ok) refused.push({ path, reason: sniffed.reason });
    else {
      const own = label ?? folderOf(path);
      if (own === null) refused.push({ path, reason: 'lies in no folder that could name its class' });
      else
        pictures.push({
          url: addressOf(baseUrl ?? '', path),
          sha256: await store.put(bytes),
          label: own,
          ...NO_REMARKS,
        });
    }
  }
  const diagnostics = [
    ...(refused.length === 0 ? [] : [notPictures(refused)]),
    ...(tooLarge.length === 0 ? [] : [picturesTooLarge(tooLarge, maxFileBytes)]),
  ];
  if (diagnostics.length > 0) throw new DiagnosticsError(diagnostics);
  return { pictures, downloadedBytes: 0 };
}

const folderOf = (path: string): string | null => path.split('/').at(-2) ?? null;

const addressOf = (baseUrl: string, path: string): string =>
  `${baseUrl.replace(/\/$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`;
