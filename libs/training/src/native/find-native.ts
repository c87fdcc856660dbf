import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { NATIVE_RECIPE, recipeKey } from './recipe';

export const NATIVE_PACKAGE = '@tensorflow/tfjs-node';

/** Written last into a folder of the cache: what was built, and the sizes of its files by name. */
export interface NativeManifest {
  readonly format: 1;
  readonly version: string;
  readonly addon: string;
  readonly files: Readonly<Record<string, number>>;
}

export const NATIVE_MANIFEST = 'native.json';

export interface NativePlace {
  /** The compiled file. */
  readonly addon: string;
  /** Of the addon and the library behind it, as far as it is told; part of cache keys. */
  readonly version: string;
}

/** A place that was looked at, and what was found there in the words of a sentence. */
export interface Looked {
  readonly path: string;
  readonly found: string;
  readonly place: NativePlace | null;
}

/** Where `setup-native` builds: `native` in the cache of the workspace that this library lies in. */
export function nativeCacheFolder(): string {
  return join(process.env['GRAFT_CACHE_DIRECTORY'] ?? join(__dirname, '..', '..', '..', '..', '.graft'), 'native');
}

/** Looks into the cache and into node_modules, in this order. Reads a few small files and loads nothing. */
export function lookForNative(): readonly Looked[] {
  return [lookIntoCache(join(nativeCacheFolder(), recipeKey(NATIVE_RECIPE))), lookIntoPackage()];
}

export function lookIntoCache(path: string): Looked {
  const manifest = readManifest(join(path, NATIVE_MANIFEST));
  if (manifest === null) return { path, found: 'nothing was built by setup-native', place: null };
  const spoilt = Object.entries(manifest.files).find(([name, size]) => sizeOf(join(path, name)) !== size);
  if (spoilt !== undefined) return { path, found: `${spoilt[0]} is missing or was changed`, place: null };
  const { version, addon } = manifest;
  return { path, found: `setup-native built it (${version})`, place: { addon: join(path, addon), version } };
}

function lookIntoPackage(): Looked {
  const path = packageFolder(NATIVE_PACKAGE);
  const version = versionOf(NATIVE_PACKAGE);
  if (path === null || version === null)
    return { path: NATIVE_PACKAGE, found: `${NATIVE_PACKAGE} is not installed`, place: null };
  const addon = bindingIn(join(path, 'lib'));
  if (addon === null)
    return { path, found: `${NATIVE_PACKAGE} ${version} is installed without its native library`, place: null };
  return { path, found: `${NATIVE_PACKAGE} ${version} is installed`, place: { addon, version } };
}

function bindingIn(lib: string): string | null {
  if (!existsSync(lib)) return null;
  const paths = readdirSync(lib).map((folder) => join(lib, folder, 'tfjs_binding.node'));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** Null for what is not there or not ours. */
function readManifest(path: string): NativeManifest | null {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isManifest(manifest) ? manifest : null;
  } catch {
    return null;
  }
}

function isManifest(value: unknown): value is NativeManifest {
  if (typeof value !== 'object' || value === null) return false;
  if (!('format' in value && 'version' in value && 'addon' in value && 'files' in value)) return false;
  const { format, version, addon, files } = value;
  return format === 1 && typeof version === 'string' && typeof addon === 'string' && isSizes(files);
}

function isSizes(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && Object.values(value).every((size) => typeof size === 'number');
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}

export function packageFolder(name: string): string | null {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

export function versionOf(name: string): string | null {
  const folder = packageFolder(name);
  if (folder === null) return null;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version: string };
  return version;
}
