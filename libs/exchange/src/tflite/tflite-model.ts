/** Of the many types of a TFLite tensor, those that appear here. */
export type TfliteType = 'float32' | 'int32' | 'uint8' | 'int8';

/** real = (value − zero point) · scale: one scale for all values, or one for each place along `axis`. */
export interface TfliteQuantization {
  readonly scales: ArrayLike<number>;
  /** As many as scales. */
  readonly zeroPoints: ArrayLike<number>;
  readonly axis?: number;
}

export interface TfliteTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TfliteType;
  readonly quantization?: TfliteQuantization;
  /** Little-endian, row-major; absent where an operator computes the values. */
  readonly data?: Uint8Array;
}

/** What a kernel does to its result before it hands it on. */
export type FusedActivation = 'none' | 'relu' | 'relu6';

interface Window {
  readonly padding: 'same' | 'valid';
  readonly stride: number;
  readonly fused: FusedActivation;
}

/** An operator with its options; 'same' pads as TensorFlow does: on even sizes and stride 2 right and bottom only. */
export type TfliteOperation =
  | ({ readonly kind: 'conv2d' } & Window)
  | ({ readonly kind: 'depthwiseConv2d' } & Window)
  | { readonly kind: 'fullyConnected'; readonly fused: FusedActivation }
  | { readonly kind: 'mean' | 'reduceMax'; readonly keepDims: boolean }
  | { readonly kind: 'concatenation'; readonly axis: number }
  | { readonly kind: 'reshape'; readonly shape: readonly number[] }
  | { readonly kind: 'leakyRelu'; readonly alpha: number }
  | { readonly kind: 'add' | 'mul' | 'pad' | 'logistic' | 'tanh' | 'hardSwish' | 'softmax' | 'quantize' };

export interface TfliteOperator {
  readonly operation: TfliteOperation;
  /** Places in `tensors`. */
  readonly inputs: readonly number[];
  readonly output: number;
}

/** A network with one input and one output. */
export interface TfliteModel {
  readonly description: string;
  readonly tensors: readonly TfliteTensor[];
  /** In the order in which they run. */
  readonly operators: readonly TfliteOperator[];
  readonly input: number;
  readonly output: number;
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}
