import { lookForNative, versionOf, type NativePlace } from './native/find-native';

/** auto: what GRAFT_BACKEND says, else tfjs-node where its native library is present, else wasm. */
export type BackendChoice = 'auto' | 'wasm' | 'tfjs-node';
export type BackendName = 'wasm' | 'tfjs-node';

export interface BackendPlan {
  readonly name: BackendName;
  readonly version: string;
  /** One sentence for people: why this one. */
  readonly reason: string;
}

export interface NativePlan extends BackendPlan {
  /** Where the addon lies; null where it was asked for and is not there. */
  readonly place: NativePlace | null;
}

/** Stands for the back end in cache keys: their results differ in the last bits. Looks at a few files; loads nothing. */
export function backendIdentity(choice: BackendChoice = 'auto'): string {
  const { name, version } = planBackend(choice);
  return `${name}-${version}`;
}

/** Which back end a choice means on this machine. */
export function planBackend(choice: BackendChoice): NativePlan {
  const [wanted, reason] = wish(choice);
  if (wanted === 'wasm') return wasm(reason);
  const looked = lookForNative();
  const found = looked.find(({ place }) => place !== null);
  if (wanted === 'tfjs-node' || found !== undefined) {
    const version = found?.place?.version ?? 'absent';
    return {
      name: 'tfjs-node',
      version,
      place: found?.place ?? null,
      reason: wanted === 'tfjs-node' ? reason : (found?.found ?? reason),
    };
  }
  return wasm(looked.map((place) => place.found).join('; '));
}

function wasm(reason: string): NativePlan {
  return { name: 'wasm', version: versionOf('@tensorflow/tfjs-backend-wasm') ?? 'absent', reason, place: null };
}

function wish(choice: BackendChoice): readonly [BackendChoice, string] {
  if (choice !== 'auto') return [choice, 'it was asked for'];
  const preferred = process.env['GRAFT_BACKEND'];
  if (preferred === 'wasm' || preferred === 'tfjs-node') return [preferred, `GRAFT_BACKEND is ${preferred}`];
  return ['auto', ''];
}
