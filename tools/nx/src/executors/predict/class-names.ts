import { join } from 'node:path';
import { ContentStore, DEFAULT_TIME_LIMITS, npmCacheOf, readPackage } from '@graft/dataset';
import { GraftError, reasonOf } from '@graft/foundation';
import type { Report } from '@graft/foundation';
import { IMAGENET_CLASS_COUNT } from '@graft/model';
import { classNamesOutOfReach } from '@graft/training';
import { tellWarnings } from '../../shared/diagnostics';

/** Names of the classes in the order of the network's outputs (Apache-2.0), fetched on demand and never part of this repository. */
const PACKAGE = {
  package: '@tensorflow-models/mobilenet',
  version: '2.1.1',
  integrity: 'sha512-tv4s4UFzG74PkIwl4gT64AyRnCcNUq+s8wSzge+LN/Puc1VUuInZghrobvpNlWjZtVi1x1d1NsBD//TfOr2ssA==',
};
const FILE = 'dist/imagenet_classes.js';

/** Where they cannot be had, numbers stand for them, with a warning (W620). */
export async function imagenetClassNames(
  cacheFolder: string,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<string[]> {
  const storeDirectory = join(cacheFolder, 'store');
  const store = new ContentStore(storeDirectory);
  const npm = { cacheDirectory: npmCacheOf(storeDirectory), registry: null, times: DEFAULT_TIME_LIMITS, retries: 2 };
  const selection = { key: [FILE], wants: (path: string) => path === FILE, maxFileBytes: 1_000_000 };
  try {
    const { files } = await readPackage(PACKAGE, selection, { store, npm, report, signal });
    const [file] = files;
    const bytes = file === undefined ? null : await store.read(file.sha256);
    return parseClassNames(Buffer.from(bytes ?? []).toString('utf8'));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GraftError)) throw error;
    tellWarnings([classNamesOutOfReach(reasonOf(error))], report);
    return Array.from({ length: IMAGENET_CLASS_COUNT }, (_, index) => `class ${index}`);
  }
}

/**
 * The names out of the package's source, which is read and never run: `207: 'golden retriever',`, long ones in pieces that are
 * joined by `+`.
 */
export function parseClassNames(source: string): string[] {
  const names: string[] = [];
  const entry = /(\d+):\s*((?:(['"])(?:\\.|(?!\3)[^\\])*\3\s*\+?\s*)+)/g;
  for (const [, index, text] of source.matchAll(entry)) {
    const pieces = [...text.matchAll(/(['"])((?:\\.|(?!\1)[^\\])*)\1/g)].map(([, , piece]) => piece);
    names[Number(index)] = pieces.join('').replaceAll(/\\(.)/g, '$1');
  }
  const complete = names.length === IMAGENET_CLASS_COUNT && names.every((name) => name !== '');
  if (!complete) throw new Error(`internal: ${PACKAGE.package} lists ${names.length} classes`);
  return names;
}
