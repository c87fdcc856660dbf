import { join, relative, resolve } from 'node:path';
import { makeUrlList, parseUrlList, renderUrlList } from '@graft/dataset';
import type { ListedPicture } from '@graft/dataset';
import { DiagnosticsError, formatError } from '@graft/foundation';
import type { Tree } from '@nx/devkit';
import { interruptSignal } from '../../shared/interrupt';
import { readMirrors } from '../../shared/load-experiment';
import { progressPrinter } from '../../shared/progress';
import { cacheFolderOf, say } from '../../shared/stage-executor';
import { workingFolder } from '../../shared/working-folder';

export interface UrlListGeneratorOptions {
  readonly from: string;
  readonly to: string;
  readonly baseUrl?: string;
  readonly label?: string;
  readonly license?: string;
  readonly attribution?: string;
  readonly allowPrivate: boolean;
}

const MAX_FILE_BYTES = 20 * 1024 * 1024;

export default async function urlListGenerator(tree: Tree, options: UrlListGeneratorOptions): Promise<void> {
  const { signal, release } = interruptSignal();
  const printer = progressPrinter(process.stderr);
  const here = workingFolder(process.cwd());
  const to = relative(tree.root, resolve(here, options.to)).replaceAll('\\', '/');
  try {
    const known = listedIn(tree, to);
    const { pictures, downloadedBytes } = await makeUrlList({
      from: resolve(here, options.from),
      baseUrl: options.baseUrl ?? null,
      label: options.label ?? null,
      license: options.license ?? null,
      attribution: options.attribution ?? null,
      known,
      mirrors: readMirrors(tree.root),
      workspaceRoot: tree.root,
      allowPrivate: options.allowPrivate,
      maxFileBytes: MAX_FILE_BYTES,
      storeDirectory: join(cacheFolderOf(tree.root), 'store'),
      report: printer.report,
      signal,
    });
    tree.write(to, renderUrlList(pictures));
    printer.stop();
    say(`${pictures.length} pictures listed, ${(downloadedBytes / 1e6).toFixed(1)} MB downloaded`);
  } catch (error) {
    printer.stop();
    // The build tool prints the message of what is thrown, and nothing else of it.
    throw new Error(`\n${formatError(error)}`);
  } finally {
    printer.stop();
    release();
  }
}

function listedIn(tree: Tree, path: string): readonly ListedPicture[] {
  const text = tree.read(path, 'utf8');
  if (text === null) return [];
  const parsed = parseUrlList(text, path);
  if (!parsed.ok) throw new DiagnosticsError(parsed.diagnostics);
  return parsed.value.map(({ line: _, ...picture }) => picture);
}
