import type { KerasLayer } from '../tfjs/keras-layers';

/** [picture][row][column][channel] or [picture][value]; null for any number of pictures. */
export type Shape = readonly (number | null)[];

/** What each layer gives, by its name. */
export function shapesOf(layers: readonly KerasLayer[]): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (const layer of layers) {
    const inputs = layer.inputs.map((name) => shapes.get(name) ?? []);
    shapes.set(layer.name, shapeOf(layer, inputs));
  }
  return shapes;
}

function shapeOf({ className, config, tensors }: KerasLayer, [input = [], second = []]: readonly Shape[]): Shape {
  const channels = input.at(-1) ?? null;
  switch (className) {
    case 'InputLayer':
      return config.batch_input_shape as Shape;
    case 'ZeroPadding2D':
      return mapShape(input, (side) => side + 2);
    case 'Conv2D':
      return [...strided(input, config).slice(0, 3), tensors[0].shape[3]];
    case 'DepthwiseConv2D':
      return strided(input, config);
    case 'Dense':
      return [null, tensors[0].shape[1]];
    case 'GlobalAveragePooling2D':
    case 'GlobalMaxPooling2D':
      return [null, channels];
    case 'Concatenate':
      return [null, (channels ?? 0) + (second.at(-1) ?? 0)];
    default:
      return input;
  }
}

function strided(input: Shape, { strides, padding, kernel_size }: KerasLayer['config']): Shape {
  const [[stride], [side]] = [strides, kernel_size] as readonly (readonly number[])[];
  return mapShape(input, (length) => Math.ceil((padding === 'valid' ? length - side + 1 : length) / stride));
}

/** The same with other numbers of rows and columns. */
function mapShape([pictures, height, width, channels]: Shape, of: (side: number) => number): Shape {
  return [pictures, of(height ?? 0), of(width ?? 0), channels];
}
