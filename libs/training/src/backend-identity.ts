import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** auto: tfjs-node where its native library is present, else wasm. */
export type BackendChoice = 'auto' | 'wasm' | 'tfjs-node';
export type BackendName = 'wasm' | 'tfjs-node';

export interface BackendPlan {
  readonly name: BackendName;
  readonly version: string;
  /** One sentence for people: why this one. */
  readonly reason: string;
}

/** Stands for the back end in cache keys: their results differ in the last bits. Looks at a few files; loads nothing. */
export function backendIdentity(choice: BackendChoice = 'auto'): string {
  const { name, version } = planBackend(choice);
  return `${name}-${version}`;
}

/** Which back end a choice means on this machine. */
export function planBackend(choice: BackendChoice): BackendPlan {
  const native = choice === 'wasm' ? null : findNative();
  if (native?.usable === true || choice === 'tfjs-node') {
    const reason = choice === 'tfjs-node' ? 'it was asked for' : 'its native library is installed';
    return { name: 'tfjs-node', version: native?.version ?? 'absent', reason };
  }
  const reason = native === null ? 'it was asked for' : native.reason;
  return { name: 'wasm', version: versionOf('@tensorflow/tfjs-backend-wasm') ?? 'absent', reason };
}

interface Native {
  readonly usable: boolean;
  readonly version: string | null;
  readonly reason: string;
}

function findNative(): Native {
  const name = '@tensorflow/tfjs-node';
  const version = versionOf(name);
  if (version === null) return { usable: false, version, reason: `${name} is not installed` };
  const usable = hasBinding(join(packageFolder(name) ?? '', 'lib'));
  return { usable, version, reason: `${name} ${version} is installed without its native library` };
}

function hasBinding(lib: string): boolean {
  if (!existsSync(lib)) return false;
  return readdirSync(lib).some((folder) => existsSync(join(lib, folder, 'tfjs_binding.node')));
}

export function packageFolder(name: string): string | null {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

function versionOf(name: string): string | null {
  const folder = packageFolder(name);
  if (folder === null) return null;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version: string };
  return version;
}
