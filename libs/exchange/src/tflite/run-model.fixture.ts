import type { ReadModel, ReadOperator } from './read-model';
import { fixedPoint, rounded, scaled, toInt8 } from './reference-kernels.fixture';
import type { TfliteOperation, TfliteTensor } from './tflite-model';

type Values = Float64Array;
type WindowOperation = Extract<TfliteOperation, { kind: 'conv2d' | 'depthwiseConv2d' }>;

/** Runs a TFLite model on pixel values or bytes [row][column][RGB]; numbers of steps of whole tensors. @returns all tensors by name */
export function runModel(model: ReadModel, picture: ArrayLike<number>): ReadonlyMap<string, Values> {
  const values = new Map<number, Values>();
  model.tensors.forEach((tensor, place) => {
    if (tensor.data !== undefined) values.set(place, constant(tensor));
  });
  values.set(model.inputs[0], Float64Array.from(picture));
  for (const operator of model.operators) values.set(operator.outputs[0], run(model, operator, values));
  return new Map([...values].map(([place, one]) => [model.tensors[place].name, one]));
}

function constant({ type, data = new Uint8Array() }: TfliteTensor): Values {
  const buffer = Uint8Array.from(data).buffer;
  if (type === 'float32') return Float64Array.from(new Float32Array(buffer));
  if (type === 'int32') return Float64Array.from(new Int32Array(buffer));
  return Float64Array.from(type === 'int8' ? new Int8Array(buffer) : new Uint8Array(buffer));
}

const scaleOf = ({ quantization }: TfliteTensor, at = 0): number => Number(quantization?.scales[at] ?? 1);
const zeroOf = ({ quantization }: TfliteTensor): number => Number(quantization?.zeroPoints[0] ?? 0);

function run(
  { tensors }: ReadModel,
  { operation, inputs, outputs }: ReadOperator,
  values: Map<number, Values>,
): Values {
  const given = inputs.map((place) => values.get(place) ?? new Float64Array());
  const [input] = given;
  const [from, to] = [tensors[inputs[0]], tensors[outputs[0]]];
  const whole = to.type !== 'float32';
  /** Of a function of real numbers, for operators that TFLite looks up or works out closely. */
  const pointwise = (of: (value: number) => number): Values =>
    input.map((value) => {
      const real = of((value - zeroOf(from)) * scaleOf(from));
      return whole ? toInt8(rounded(real / scaleOf(to)) + zeroOf(to)) : real;
    });
  switch (operation.kind) {
    case 'mul':
      return input.map((value) => Math.fround(value * given[1][0]));
    case 'add':
      return input.map((value) => Math.fround(value + given[1][0]));
    case 'quantize':
      return input.map((value) => value + zeroOf(to) - zeroOf(from));
    case 'pad':
      return padded(input, from, given[1], zeroOf(to));
    case 'conv2d':
    case 'depthwiseConv2d':
      return convolution(operation, tensors, inputs, to, given);
    case 'fullyConnected':
      return dense(input, given[1], given[2], operation.fused);
    case 'mean':
      return means(input, from, to, whole);
    case 'reduceMax':
      return byChannel(input, from, (column) => Math.max(...column));
    case 'concatenation':
      return Float64Array.of(...given.flatMap((one) => [...one]));
    case 'reshape':
      return input;
    case 'logistic':
      return pointwise((value) => 1 / (1 + Math.exp(-value)));
    case 'tanh':
      return pointwise(Math.tanh);
    case 'hardSwish':
      return pointwise((value) => (value * Math.min(6, Math.max(0, value + 3))) / 6);
    case 'leakyRelu':
      return pointwise((value) => (value > 0 ? value : value * operation.alpha));
    case 'softmax': {
      const powers = input.map((value) => Math.exp((value - Math.max(...input)) * scaleOf(from)));
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((power) => (whole ? toInt8(rounded(power / sum / scaleOf(to)) + zeroOf(to)) : power / sum));
    }
    case 'other':
      throw new Error(`no operator ${operation.code} here`);
  }
}

function padded(
  input: Values,
  { shape: [, height, width, channels] }: TfliteTensor,
  margins: Values,
  zero: number,
): Values {
  expect([...margins]).toEqual([0, 0, 1, 1, 1, 1, 0, 0]);
  const output = new Float64Array((height + 2) * (width + 2) * channels).fill(zero);
  const line = width * channels;
  for (let row = 0; row < height; row++)
    output.set(input.subarray(row * line, (row + 1) * line), ((row + 1) * (width + 2) + 1) * channels);
  return output;
}

const LIMITS = { none: [-Infinity, Infinity], relu: [0, Infinity], relu6: [0, 6] } as const;

function convolution(
  operation: WindowOperation,
  tensors: readonly TfliteTensor[],
  inputs: readonly number[],
  to: TfliteTensor,
  [input, weights, bias]: readonly Values[],
): Values {
  const [from, kernel] = inputs.map((place) => tensors[place]);
  const [, height, width, channels] = from.shape;
  const [, rows, columns, outputs] = to.shape;
  const side = kernel.shape[1];
  const depthwise = operation.kind === 'depthwiseConv2d';
  const { stride } = operation;
  // SAME puts the smaller half of what is missing first.
  const missing = operation.padding === 'same' ? Math.max(0, (rows - 1) * stride + side - height) : 0;
  const first = Math.floor(missing / 2);
  const result = new Float64Array(rows * columns * outputs);
  const whole = to.type === 'int8';
  const factors = Array.from({ length: outputs }, (_, out) =>
    fixedPoint((scaleOf(from) * scaleOf(kernel, out)) / scaleOf(to)),
  );
  const [least, most] = LIMITS[operation.fused];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let out = 0; out < outputs; out++) {
        let sum = bias[out];
        for (let y = 0; y < side; y++)
          for (let x = 0; x < side; x++) {
            const [inY, inX] = [row * stride + y - first, column * stride + x - first];
            if (inY < 0 || inX < 0 || inY >= height || inX >= width) continue;
            const pixel = (inY * width + inX) * channels;
            if (depthwise) sum += (input[pixel + out] - zeroOf(from)) * weights[(y * side + x) * channels + out];
            else
              for (let channel = 0; channel < channels; channel++)
                sum +=
                  (input[pixel + channel] - zeroOf(from)) * weights[((out * side + y) * side + x) * channels + channel];
          }
        const limited = (value: number, zero = 0, scale = 1): number =>
          Math.min(zero + most / scale, Math.max(zero + least / scale, value));
        result[(row * columns + column) * outputs + out] = whole
          ? toInt8(Math.round(limited(scaled(sum, factors[out]) + zeroOf(to), zeroOf(to), scaleOf(to))))
          : limited(sum);
      }
  return result;
}

function dense(input: Values, weights: Values, bias: Values, fused: keyof typeof LIMITS): Values {
  const [least, most] = LIMITS[fused];
  return bias.map((start, unit) => {
    const sum = input.reduce((total, value, at) => total + value * weights[unit * input.length + at], start);
    return Math.min(most, Math.max(least, sum));
  });
}

function byChannel(input: Values, { shape }: TfliteTensor, of: (column: Values) => number): Values {
  const channels = shape[3];
  return new Float64Array(channels).map((_, channel) => of(input.filter((_value, at) => at % channels === channel)));
}

function means(input: Values, from: TfliteTensor, to: TfliteTensor, whole: boolean): Values {
  return byChannel(input, from, (column) => {
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    if (!whole) return mean;
    return toInt8(rounded(((mean - zeroOf(from)) * scaleOf(from)) / scaleOf(to)) + zeroOf(to));
  });
}
