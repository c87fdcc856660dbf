import { createRequire } from 'node:module';

/** Element types and kinds of attributes as TensorFlow's C interface numbers them (tf_datatype.h, tf_attrtype.h). */
export const DTYPE = { float32: 1, int32: 3, bool: 10 } as const;
const ATTRIBUTE = { text: 0, integer: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

export interface AttributeValue {
  readonly type: number;
  readonly value: string | number | boolean | readonly number[];
}

export const text = (value: string): AttributeValue => ({ type: ATTRIBUTE.text, value });
export const integers = (value: readonly number[]): AttributeValue => ({ type: ATTRIBUTE.integer, value });
export const float = (value: number): AttributeValue => ({ type: ATTRIBUTE.float, value });
export const flag = (value: boolean): AttributeValue => ({ type: ATTRIBUTE.bool, value });
export const shapeOf = (value: readonly number[]): AttributeValue => ({ type: ATTRIBUTE.shape, value });
export const type = (name: keyof typeof DTYPE): AttributeValue => ({ type: ATTRIBUTE.type, value: DTYPE[name] });

export type TypedValues = Float32Array | Int32Array | Uint8Array;

export interface AddonOutput {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** The compiled addon of the package @tensorflow/tfjs-node. Tensors are known by numbers and live until deleted. */
export interface Addon {
  /** Of the TensorFlow library behind it, such as "2.21.0". */
  readonly TF_Version: string;
  /** May go on using `values` as its memory: they must not change as long as the tensor lives. */
  createTensor(shape: readonly number[], dtype: number, values: TypedValues): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): TypedValues;
  executeOp(
    operation: string,
    attributes: readonly (AttributeValue & { readonly name: string })[],
    inputs: readonly number[],
    outputs: number,
  ): AddonOutput[];
}

const FUNCTIONS = ['createTensor', 'deleteTensor', 'tensorDataSync', 'executeOp'];

/** Loads the addon's file. @throws Error where it does not load or is another module */
export function loadAddon(path: string): Addon {
  // Read once, while the library loads: oneDNN's kernels are about twice as fast. The level keeps greetings off stderr.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  const module: unknown = createRequire(path)(path);
  if (!isAddon(module)) throw new Error(`${path} is not the addon of @tensorflow/tfjs-node`);
  return module;
}

function isAddon(module: unknown): module is Addon {
  if (typeof module !== 'object' || module === null) return false;
  return FUNCTIONS.every((name) => typeof Reflect.get(module, name) === 'function');
}
