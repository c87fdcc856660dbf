import { codeImports, handedOn, packageOf, resolveRelative } from './imports';
import type { CodeImport } from './imports';

export interface Reach {
  /** Sources that are loaded, by path below the repository. */
  readonly files: ReadonlySet<string>;
  /** Libraries that the entry and the files beside it name themselves. */
  readonly direct: ReadonlySet<string>;
  /** Libraries of which any source is loaded. */
  readonly libraries: ReadonlySet<string>;
  /** Installed packages that these sources import. */
  readonly packages: ReadonlySet<string>;
}

/**
 * The code behind an entry. A library's door (index.ts) is not followed as a whole, only to the modules of the names
 * that are imported: what else lies behind it is loaded too, but has no say in the result.
 */
export function reach(entry: string): Reach {
  const files = new Set<string>();
  const direct = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    if (!/\.[cm]?[jt]s$/.test(file)) return;
    codeImports(file).forEach((found) => follow(file, found));
  };
  const follow = (file: string, { specifier, names }: CodeImport): void => {
    if (/^[./]/.test(specifier)) return byPath(file, resolveRelative(file, specifier));
    if (specifier.startsWith('node:')) return;
    const library = /^@graft\/(.+)$/.exec(specifier)?.[1];
    if (library === undefined) {
      packages.add(packageOf(specifier));
      return;
    }
    if (file.startsWith('tools/')) direct.add(library);
    throughDoor(`libs/${library}/src/index.ts`, names);
  };
  const byPath = (from: string, path: string): void => {
    const library = /^libs\/([^/]+)\/src\/index\.ts$/.exec(path)?.[1];
    if (library !== undefined && from.startsWith('tools/')) direct.add(library);
    visit(path);
  };
  const throughDoor = (door: string, names: readonly string[] | null): void => {
    if (names === null) return visit(door);
    const origins = handedOn(door);
    for (const name of names) {
      const origin = origins.get(name);
      if (origin === undefined) throw new Error(`${door} does not hand on ${name}`);
      visit(resolveRelative(door, origin.specifier));
    }
  };
  visit(entry);
  const libraries = new Set([...files].flatMap((file) => /^libs\/([^/]+)\//.exec(file)?.[1] ?? []));
  return { files, direct, libraries, packages };
}
