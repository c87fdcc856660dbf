import { weightsManifestWrong } from './errors';

/** One group of a TensorFlow.js weights manifest: tensors, one after the other, through all its files. */
export interface WeightsGroup {
  /** Plain file names beside the manifest. */
  readonly paths: readonly string[];
  /** What the files hold together; null where a tensor is stored in a form that is not known here. */
  readonly bytes: number | null;
}

/** Reads `model.json` (its `weightsManifest`) or a bare manifest. `path` is for messages. */
export function parseWeightsManifest(bytes: Uint8Array, path: string): readonly WeightsGroup[] {
  const groups = groupsOf(parseJson(bytes, path));
  if (!Array.isArray(groups) || groups.length === 0) {
    throw weightsManifestWrong(path, 'it lists no group of weights');
  }
  return groups.map((group: unknown) => parseGroup(group, path));
}

function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw weightsManifestWrong(path, 'it is not JSON');
  }
}

function groupsOf(value: unknown): unknown {
  return isRecord(value) && 'weightsManifest' in value ? value['weightsManifest'] : value;
}

function parseGroup(group: unknown, path: string): WeightsGroup {
  if (!isRecord(group)) throw weightsManifestWrong(path, 'a group is not an object');
  const { paths, weights } = group;
  if (!Array.isArray(paths) || paths.length === 0) throw weightsManifestWrong(path, 'a group names no files');
  const names = paths.map((name: unknown) => plainName(name, path));
  const sizes = Array.isArray(weights) ? weights.map(tensorBytes) : [null];
  const bytes = sizes.reduce<number | null>((sum, size) => (sum === null || size === null ? null : sum + size), 0);
  return { paths: names, bytes };
}

/** A name that cannot lead anywhere else, on disk or in an address. */
function plainName(name: unknown, path: string): string {
  if (typeof name === 'string' && /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}$/.test(name) && name !== 'manifest.json') {
    return name;
  }
  throw weightsManifestWrong(path, `${JSON.stringify(name)} is not a plain file name`);
}

const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, uint16: 2, float16: 2, uint8: 1, bool: 1 };

function tensorBytes(tensor: unknown): number | null {
  if (!isRecord(tensor) || !Array.isArray(tensor['shape'])) return null;
  const { shape, dtype, quantization } = tensor;
  const stored = isRecord(quantization) ? quantization['dtype'] : dtype;
  const each = typeof stored === 'string' ? BYTES[stored] : undefined;
  const sides: unknown[] = Array.isArray(shape) ? shape : [];
  const count = sides.reduce<number>((product, side) => product * (typeof side === 'number' ? side : NaN), 1);
  return each === undefined || !Number.isSafeInteger(count) ? null : count * each;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
