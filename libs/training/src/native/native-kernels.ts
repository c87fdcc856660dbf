import * as tf from '@tensorflow/tfjs-core';

import { flag, float, integers, text, type, type DTYPE } from './addon';
import { NATIVE, type Attributes, type NativeBackend } from './native-backend';

/** Kernels of tfjs whose operation in TensorFlow takes the same tensors and no settings but their type. */
const SAME: Readonly<Record<string, string>> = {
  ...{ Abs: 'Abs', Ceil: 'Ceil', Cos: 'Cos', Erf: 'Erf', Exp: 'Exp', Expm1: 'Expm1', Floor: 'Floor', Log: 'Log' },
  ...{ Log1p: 'Log1p', Neg: 'Neg', Reciprocal: 'Reciprocal', Relu: 'Relu', Relu6: 'Relu6', Round: 'Round' },
  ...{ Rsqrt: 'Rsqrt', Sigmoid: 'Sigmoid', Sign: 'Sign', Sin: 'Sin', Softplus: 'Softplus', Sqrt: 'Sqrt' },
  ...{ Square: 'Square', Tanh: 'Tanh', ZerosLike: 'ZerosLike', OnesLike: 'OnesLike', Add: 'AddV2', Sub: 'Sub' },
  ...{ Multiply: 'Mul', RealDiv: 'RealDiv', Maximum: 'Maximum', Minimum: 'Minimum', Pow: 'Pow', Mod: 'FloorMod' },
  ...{ SquaredDifference: 'SquaredDifference', Greater: 'Greater', GreaterEqual: 'GreaterEqual', Less: 'Less' },
  ...{ LessEqual: 'LessEqual', Equal: 'Equal', NotEqual: 'NotEqual', FloorDiv: 'FloorDiv' },
};

const REDUCTIONS: Readonly<Record<string, string>> = { Sum: 'Sum', Mean: 'Mean', Max: 'Max', Min: 'Min', Prod: 'Prod' };

/** tfjs calls those of `Max` by another name. */
type Axes = { readonly axis: number | number[] } | { readonly reductionIndices: number | number[] };

interface Call<Inputs, Settings> {
  readonly native: NativeBackend;
  readonly inputs: Inputs;
  readonly attrs: Settings;
}

type X = { readonly x: tf.TensorInfo };

/** Makes the kernels of tfjs known that training and inference use. */
export function registerKernels(native: NativeBackend): void {
  const define = <Inputs, Settings = object>(
    kernelName: string,
    run: (call: Call<Inputs, Settings>) => tf.TensorInfo | tf.TensorInfo[],
  ) =>
    tf.registerKernel({
      kernelName,
      backendName: NATIVE,
      // The one border at which the loose types of the registry become those that tfjs promises for each kernel.
      kernelFunc: ({ inputs, attrs }) => run({ native, inputs: inputs as Inputs, attrs: attrs as Settings }),
    });

  for (const [kernel, operation] of Object.entries(SAME))
    define<Record<string, tf.TensorInfo>>(kernel, ({ inputs }) => one(native, operation, inOrder(inputs)));
  for (const [kernel, operation] of Object.entries(REDUCTIONS)) {
    define<X, Axes & { keepDims?: boolean }>(kernel, ({ inputs: { x }, attrs }) => {
      const axes = tf.util.parseAxisParam('axis' in attrs ? attrs.axis : attrs.reductionIndices, x.shape);
      const settings = { keep_dims: flag(attrs.keepDims === true), Tidx: type('int32') };
      return withNumbers(native, axes, (indices) => one(native, operation, [x, indices], settings));
    });
  }
  defineShapes(define, native);
  defineArithmetic(define, native);
  defineWindows(define, native);
}

type Define = <Inputs, Settings = object>(
  kernelName: string,
  run: (call: Call<Inputs, Settings>) => tf.TensorInfo | tf.TensorInfo[],
) => void;

/** Kernels that move numbers and change none. */
function defineShapes(define: Define, native: NativeBackend): void {
  const reshaped = (x: tf.TensorInfo, shape: readonly number[]) =>
    withNumbers(native, shape, (sizes) => one(native, 'Reshape', [x, sizes], { Tshape: type('int32') }));
  define<X>('Identity', ({ inputs: { x } }) => native.share(x));
  define<X, { shape: number[] }>('Reshape', ({ inputs: { x }, attrs }) => reshaped(x, attrs.shape));
  define<{ input: tf.TensorInfo }, { dim: number }>('ExpandDims', ({ inputs: { input }, attrs }) => {
    const at = attrs.dim < 0 ? input.shape.length + attrs.dim + 1 : attrs.dim;
    return reshaped(input, [...input.shape.slice(0, at), 1, ...input.shape.slice(at)]);
  });
  define<X, { perm: number[] }>('Transpose', ({ inputs: { x }, attrs }) =>
    withNumbers(native, attrs.perm, (order) => one(native, 'Transpose', [x, order], { Tperm: type('int32') })),
  );
  define<X, { dims: number[] }>('Reverse', ({ inputs: { x }, attrs }) =>
    withNumbers(native, tf.util.parseAxisParam(attrs.dims, x.shape), (axes) =>
      one(native, 'ReverseV2', [x, axes], { Tidx: type('int32') }),
    ),
  );
  define<X, { paddings: [number, number][]; constantValue: number }>('PadV2', ({ inputs: { x }, attrs }) =>
    withNumbers(
      native,
      attrs.paddings.flat(),
      (paddings) =>
        withScalar(native, attrs.constantValue, x.dtype, (value) =>
          one(native, 'PadV2', [x, paddings, value], { Tpaddings: type('int32') }),
        ),
      [attrs.paddings.length, 2],
    ),
  );
  define<X, { begin: number | number[]; size: number | number[] }>('Slice', ({ inputs: { x }, attrs }) => {
    const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, attrs.begin, attrs.size);
    return withNumbers(native, begin, (from) =>
      withNumbers(native, size, (many) => one(native, 'Slice', [x, from, many], { Index: type('int32') })),
    );
  });
  define<X, { reps: number[] }>('Tile', ({ inputs: { x }, attrs }) =>
    withNumbers(native, attrs.reps, (many) => one(native, 'Tile', [x, many], { Tmultiples: type('int32') })),
  );
  define<Record<string, tf.TensorInfo>, { axis: number }>('Concat', ({ inputs, attrs }) => {
    const parts = inOrder(inputs);
    const axis = tf.util.parseAxisParam(attrs.axis, parts[0].shape)[0];
    return withScalar(native, axis, 'int32', (at) =>
      one(native, 'ConcatV2', [...parts, at], { N: { type: 1, value: parts.length }, Tidx: type('int32') }),
    );
  });
  define<Record<string, tf.TensorInfo>, { axis: number }>('Pack', ({ inputs, attrs }) => {
    const parts = inOrder(inputs);
    return one(native, 'Pack', parts, {
      N: { type: 1, value: parts.length },
      axis: { type: 1, value: attrs.axis },
    });
  });
  define<X, { dtype: tf.DataType }>('Cast', ({ inputs: { x }, attrs: { dtype } }) => {
    if (x.dtype === dtype) return native.share(x);
    const settings = { SrcT: typeOf(x), DstT: type(known(dtype)), Truncate: flag(false) };
    return native.execute('Cast', settings, [x])[0];
  });
}

/** Kernels with settings that work number by number, or on rows. */
function defineArithmetic(define: Define, native: NativeBackend): void {
  define<X, { alpha: number }>('LeakyRelu', ({ inputs: { x }, attrs }) =>
    one(native, 'LeakyRelu', [x], { alpha: float(attrs.alpha) }),
  );
  // 1 above 0, alpha elsewhere.
  define<X, { alpha: number }>('Step', ({ inputs: { x }, attrs }) => {
    const gradient = native.execute('OnesLike', { T: typeOf(x) }, [x]);
    const settings = { alpha: float(attrs.alpha) };
    return clearing(native, gradient, ([ones]) => one(native, 'LeakyReluGrad', [ones, x], settings));
  });
  define<X, { clipValueMin: number; clipValueMax: number }>('ClipByValue', ({ inputs: { x }, attrs }) =>
    withScalar(native, attrs.clipValueMin, x.dtype, (low) =>
      withScalar(native, attrs.clipValueMax, x.dtype, (high) => one(native, 'ClipByValue', [x, low, high])),
    ),
  );
  define<{ condition: tf.TensorInfo; t: tf.TensorInfo; e: tf.TensorInfo }>(
    'Select',
    ({ inputs }) =>
      native.execute('SelectV2', { T: typeOf(inputs.t) }, [inputs.condition, inputs.t, inputs.e]).at(0) ?? missing(),
  );
  define<{ logits: tf.TensorInfo }>('Softmax', ({ inputs: { logits } }) => one(native, 'Softmax', [logits]));
  define<X, { axis: number | number[] }>('ArgMax', ({ inputs: { x }, attrs }) =>
    withScalar(native, tf.util.parseAxisParam(attrs.axis, x.shape)[0], 'int32', (axis) =>
      one(native, 'ArgMax', [x, axis], { Tidx: type('int32'), output_type: type('int32') }),
    ),
  );
  define<{ a: tf.TensorInfo; b: tf.TensorInfo }, { transposeA: boolean; transposeB: boolean }>(
    'BatchMatMul',
    ({ inputs: { a, b }, attrs }) => {
      const settings = { adj_x: flag(attrs.transposeA), adj_y: flag(attrs.transposeB) };
      return one(native, 'BatchMatMulV2', [a, b], settings);
    },
  );
}

type Pad = Parameters<typeof tf.conv2d>[3];
interface WindowSettings {
  readonly strides: number | [number, number];
  readonly pad: Pad;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function defineWindows(define: Define, native: NativeBackend): void {
  const attributes = (x: tf.TensorInfo, filter: tf.TensorInfo, settings: WindowSettings, perChannel: boolean) => {
    const { padInfo, strideHeight, strideWidth } = tf.backend_util.computeConv2DInfo(
      fourOf(x.shape),
      fourOf(filter.shape),
      settings.strides,
      1,
      settings.pad,
      settings.dimRoundingMode,
      perChannel,
    );
    const { top, bottom, left, right } = padInfo;
    return windowAttributes([strideHeight, strideWidth], [top, bottom, left, right]);
  };
  type Both = { x: tf.TensorInfo; filter: tf.TensorInfo };
  define<Both, WindowSettings>('Conv2D', ({ inputs: { x, filter }, attrs }) =>
    one(native, 'Conv2D', [x, filter], attributes(x, filter, attrs, false)),
  );
  define<Both, WindowSettings>('DepthwiseConv2dNative', ({ inputs: { x, filter }, attrs }) =>
    one(native, 'DepthwiseConv2dNative', [x, filter], attributes(x, filter, attrs, true)),
  );
  define<X, WindowSettings & { filterSize: number | [number, number] }>('AvgPool', ({ inputs: { x }, attrs }) => {
    const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = tf.backend_util.computePool2DInfo(
      fourOf(x.shape),
      attrs.filterSize,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
    );
    if (padInfo.type !== 'VALID') throw new Error('internal: average pooling has no border here');
    return one(native, 'AvgPool', [x], {
      ksize: integers([1, filterHeight, filterWidth, 1]),
      strides: integers([1, strideHeight, strideWidth, 1]),
      padding: text('VALID'),
      data_format: text('NHWC'),
    });
  });
}

/** @param stride rows, columns @param border pixels of 0 above, below, left, right */
export function windowAttributes(stride: readonly [number, number], border: readonly number[]): Attributes {
  const attributes = { strides: integers([1, ...stride, 1]), data_format: text('NHWC') };
  if (border.every((pixels) => pixels === 0)) return { ...attributes, padding: text('VALID') };
  return { ...attributes, padding: text('EXPLICIT'), explicit_paddings: integers([0, 0, ...border, 0, 0]) };
}

function one(
  native: NativeBackend,
  operation: string,
  inputs: readonly tf.TensorInfo[],
  settings: Attributes = {},
): tf.TensorInfo {
  return native.execute(operation, { T: typeOf(inputs[0]), ...settings }, inputs)[0];
}

/** Inputs are named a, b or x, or counted. */
function inOrder(inputs: Readonly<Record<string, tf.TensorInfo>>): tf.TensorInfo[] {
  return Object.values(inputs);
}

const known = (dtype: string): keyof typeof DTYPE => (dtype === 'int32' || dtype === 'bool' ? dtype : 'float32');
const typeOf = ({ dtype }: tf.TensorInfo) => type(known(dtype));

function fourOf(shape: readonly number[]): [number, number, number, number] {
  const [a, b, c, d] = shape;
  return [a, b, c, d];
}

function missing(): never {
  throw new Error('internal: an operation gave nothing');
}

function withNumbers(
  native: NativeBackend,
  numbers: readonly number[],
  run: (tensor: tf.TensorInfo) => tf.TensorInfo,
  shape = [numbers.length],
): tf.TensorInfo {
  const dataId = native.write(Int32Array.from(numbers), shape, 'int32');
  return clearing(native, [{ dataId, shape, dtype: 'int32' }], ([tensor]) => run(tensor));
}

function withScalar(
  native: NativeBackend,
  value: number,
  dtype: tf.DataType,
  run: (tensor: tf.TensorInfo) => tf.TensorInfo,
): tf.TensorInfo {
  const values = dtype === 'int32' ? Int32Array.of(value) : Float32Array.of(value);
  const dataId = native.write(values, [], dtype);
  return clearing(native, [{ dataId, shape: [], dtype }], ([tensor]) => run(tensor));
}

function clearing(
  native: NativeBackend,
  temporary: readonly tf.TensorInfo[],
  run: (tensors: readonly tf.TensorInfo[]) => tf.TensorInfo,
): tf.TensorInfo {
  try {
    return run(temporary);
  } finally {
    temporary.forEach(({ dataId }) => native.disposeData(dataId));
  }
}
