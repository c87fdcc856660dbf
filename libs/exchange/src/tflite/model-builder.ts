import type { FusedActivation, TfliteModel, TfliteOperation, TfliteOperator, TfliteQuantization } from './tflite-model';
import type { TfliteTensor, TfliteType } from './tflite-model';

/** A map as TFLite has it: one picture, [1][row][column][channel]. */
export interface NhwcShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export const nhwc = ({ height, width, channels }: NhwcShape): readonly number[] => [1, height, width, channels];

/** A convolution between two maps. Weights are a constant [output][row][column][input], or [1][row][column][channel]. */
export interface WindowLayer {
  readonly name: string;
  readonly kind: 'conv2d' | 'depthwiseConv2d';
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly fused: FusedActivation;
  readonly weights: number;
  readonly bias: number;
  /** Before the stride. */
  readonly input: NhwcShape;
  readonly output: NhwcShape;
}

/** Collects tensors and operators of a chain: each operator reads what the one before it gave. */
export class ModelBuilder {
  private readonly tensors: TfliteTensor[] = [];
  private readonly operators: TfliteOperator[] = [];
  /** Place of the last answer. */
  private last: number;
  private margins: number | undefined;

  constructor(input: TfliteTensor) {
    this.last = this.add(input);
  }

  get current(): TfliteTensor {
    return this.tensors[this.last];
  }

  /** Of the last answer; 1 where it is no number of steps. */
  get currentScale(): number {
    return this.current.quantization?.scales[0] ?? 1;
  }

  constant(tensor: TfliteTensor & { readonly data: Uint8Array }): number {
    return this.add(tensor);
  }

  int32s(name: string, shape: readonly number[], values: readonly number[]): number {
    return this.add({ name, shape, type: 'int32', data: bytesOf(Int32Array.from(values)) });
  }

  /** Runs an operator on the last answer and `constants`. Without `quantization` the answer is encoded as its input. */
  then(
    operation: TfliteOperation,
    constants: readonly number[],
    output: {
      readonly name: string;
      readonly shape: readonly number[];
      readonly quantization?: TfliteQuantization;
      readonly type?: TfliteType;
    },
    input = this.last,
  ): number {
    this.operators.push({ operation, inputs: [input, ...constants], output: this.tensors.length });
    const { type, quantization } = this.tensors[input];
    this.last = this.add({ type, ...(quantization && { quantization }), ...output });
    return this.last;
  }

  /** A convolution with the padding of the KPU: a halving one gets a border of zeros first, others have it from 'same'. */
  window(layer: WindowLayer, quantization?: TfliteQuantization): void {
    const { kind, kernel, stride, fused } = layer;
    const bordered = kernel === 3 && stride === 2;
    if (bordered) this.border(layer);
    const operation = { kind, padding: bordered ? 'valid' : 'same', stride, fused } as const;
    const output = { name: layer.name, shape: nhwc(layer.output), ...(quantization && { quantization }) };
    this.then(operation, [layer.weights, layer.bias], output);
  }

  private border({ name, input }: WindowLayer): void {
    this.margins ??= this.int32s('one_pixel_around', [4, 2], [0, 0, 1, 1, 1, 1, 0, 0]);
    const shape = nhwc({ ...input, height: input.height + 2, width: input.width + 2 });
    this.then({ kind: 'pad' }, [this.margins], { name: `${name}_pad`, shape });
  }

  /** Means over all pixels, a map of one pixel; where asked for, followed by the maxima, which are encoded as the map is. */
  pool(withMaxima: boolean, name: string, channels: number, quantization?: TfliteQuantization): void {
    const map = this.last;
    const axes = this.int32s(`${name}/axes`, [2], [1, 2]);
    const shape = [1, 1, 1, channels];
    const encoded = quantization && !withMaxima ? { quantization } : {};
    const means = this.then({ kind: 'mean', keepDims: true }, [axes], { name: `${name}_average`, shape, ...encoded });
    if (!withMaxima) return;
    const maxima = this.then({ kind: 'reduceMax', keepDims: true }, [axes], { name: `${name}_max`, shape }, map);
    this.then({ kind: 'concatenation', axis: 3 }, [maxima], { name, shape: [1, 1, 1, 2 * channels] }, means);
  }

  reshape(name: string, shape: readonly number[]): void {
    this.then({ kind: 'reshape', shape }, [this.int32s(`${name}/shape`, [shape.length], shape)], { name, shape });
  }

  finish(description: string, metadata: Readonly<Record<string, string>>): TfliteModel {
    const { tensors, operators, last: output } = this;
    return { description, tensors, operators, input: 0, output, metadata };
  }

  private add(tensor: TfliteTensor): number {
    return this.tensors.push(tensor) - 1;
  }
}

/** The bytes of an array; files are little-endian, and so is every machine that Node runs on. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array | Int8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
