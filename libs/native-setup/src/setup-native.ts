import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContentStore, DEFAULT_TIME_LIMITS, fetchWheel, npmCacheOf, readPackage } from '@graft/dataset';
import type { PackageSpec, TimeLimits } from '@graft/dataset';
import { GraftError } from '@graft/foundation';
import type { Report } from '@graft/foundation';
import { lookIntoCache, NATIVE_MANIFEST, recipeKey } from '@graft/training';
import type { NativeManifest, NativeRecipe } from '@graft/training';
import { compileAddon, findCompiler } from './compile-addon';
import { cannotBuildIn, platformUnsupported } from './errors';
import { smokeTest } from './smoke-test';
import { unpackWheel } from './unpack-wheel';

export interface SetupOptions {
  readonly recipe: NativeRecipe;
  /** Receives one folder for each recipe. */
  readonly folder: string;
  /** Where downloads of npm packages are kept. */
  readonly storeDirectory: string;
  /** Of Python packages, as pip takes it. */
  readonly index: string;
  /** Of npm packages; null: as npm is set up. */
  readonly registry: string | null;
  /** Such as linux-x64. */
  readonly platform: string;
  /** Names or paths, tried in this order. */
  readonly compilers: readonly string[];
  readonly times?: TimeLimits;
  /** Computes with the addon; gives TensorFlow's version. */
  readonly smokeTest?: (addon: string, signal: AbortSignal) => Promise<string>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface SetupResult {
  /** False: everything was there already. */
  readonly built: boolean;
  readonly folder: string;
  /** As it stands in cache keys. */
  readonly version: string;
}

const ADDON = 'tfjs_binding.node';
const RETRIES = 2;

/**
 * Builds the native back end: TensorFlow's library from a pinned wheel, the addon from pinned sources with the system's
 * compiler. Nothing that was downloaded is run before its digest was found right, and no install script ever. The folder
 * appears whole or not at all. @throws GraftError E20x (npm), E640–E643, E648, E649 (wheel), E680–E685
 */
export async function setupNative(options: SetupOptions): Promise<SetupResult> {
  const { recipe, folder, platform } = options;
  if (platform !== recipe.platform) throw platformUnsupported(platform, recipe.platform);
  const target = join(folder, recipeKey(recipe));
  const { place } = lookIntoCache(target);
  if (place !== null) return { built: false, folder: target, version: place.version };
  const compiler = await findCompiler(options.compilers, options.signal);
  const building = join(folder, `.building-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(building, { recursive: true });
    const version = await build(building, compiler, options);
    await moveTo(target, building);
    return { built: true, folder: target, version };
  } catch (error) {
    options.signal.throwIfAborted();
    throw error instanceof GraftError ? error : cannotBuildIn(folder, error);
  } finally {
    await rm(building, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function build(folder: string, compiler: string, options: SetupOptions): Promise<string> {
  const { recipe, report, signal } = options;
  const scratch = join(folder, 'scratch');
  const [sources, nodeHeaders, headers] = ['addon', 'node', 'tensorflow'].map((name) => join(scratch, name));
  const addonSources = await unpackPackage(recipe.addon, /^binding\/[^/]+\.(?:cc|h)$/, sources, options);
  await unpackPackage(recipe.headers, /^include\/[^/]+\.h$/, nodeHeaders, options);
  await unpackWheel(await downloadWheel(options), { folder, headers, signal });
  report({ type: 'note', message: `compiling the addon with ${compiler}` });
  await compileAddon(compiler, {
    sources: addonSources.filter((path) => path.endsWith('.cc')),
    includes: [headers, join(nodeHeaders, 'include'), sources],
    folder,
    addon: ADDON,
    signal,
  });
  await (options.smokeTest ?? smokeTest)(join(folder, ADDON), signal);
  await rm(scratch, { recursive: true });
  return writeManifest(folder, recipe);
}

async function downloadWheel({ recipe, index, times, report, signal }: SetupOptions): Promise<Uint8Array> {
  const { wheel } = recipe;
  let done = 0;
  return fetchWheel(wheel, {
    index,
    times: times ?? DEFAULT_TIME_LIMITS,
    retries: RETRIES,
    signal,
    onBytes: (bytes) =>
      report({
        type: 'progress',
        task: `fetching ${wheel.project} ${wheel.version}`,
        done: (done += bytes),
        total: wheel.bytes,
        unit: 'byte',
      }),
  });
}

const MAX_SOURCE_BYTES = 4 * 1024 * 1024;

/** Writes a package's matching files below the folder and gives their paths. */
async function unpackPackage(
  { name, version, integrity }: NativeRecipe['addon'],
  wanted: RegExp,
  folder: string,
  { storeDirectory, registry, times, report, signal }: SetupOptions,
): Promise<string[]> {
  const spec: PackageSpec = { package: name, version, integrity };
  const store = new ContentStore(storeDirectory);
  const { files } = await readPackage(
    spec,
    { key: ['native-setup', wanted.source], wants: (path) => wanted.test(path), maxFileBytes: MAX_SOURCE_BYTES },
    {
      store,
      npm: {
        cacheDirectory: npmCacheOf(storeDirectory),
        registry,
        times: times ?? DEFAULT_TIME_LIMITS,
        retries: RETRIES,
      },
      report,
      signal,
    },
  );
  for (const { path, sha256 } of files) await store.linkTo(sha256, join(folder, path));
  return files.map(({ path }) => join(folder, path));
}

/** Last of all: a folder without it counts as nothing. */
async function writeManifest(folder: string, { addon, wheel }: NativeRecipe): Promise<string> {
  const version = `${addon.version}+tensorflow-${wheel.version}`;
  const names = (await readdir(folder)).sort();
  const sizes = await Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).size] as const));
  const manifest: NativeManifest = { format: 1, version, addon: ADDON, files: Object.fromEntries(sizes) };
  await writeFile(join(folder, NATIVE_MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  return version;
}

/** Takes the place of a spoilt folder; one that somebody else has finished meanwhile is as good. */
async function moveTo(target: string, building: string): Promise<void> {
  if (lookIntoCache(target).place !== null) return;
  await rm(target, { recursive: true, force: true });
  await rename(building, target);
}
