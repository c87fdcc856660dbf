/** Pixels around a map: top, left, bottom, right. */
export type Sides = readonly [number, number, number, number];

/** One step of a network that somebody else has written; `T` is how its file refers to numbers. */
export type ChainStep<T> =
  | {
      readonly kind: 'convolution';
      readonly node: string;
      readonly depthwise: boolean;
      readonly kernel: number;
      readonly stride: number;
      readonly inputs: number;
      readonly outputs: number;
      /** Null: kernel, stride or dilation are of a form that no MobileNet has; `form` tells it. */
      readonly form: string | null;
      /** As far as the layer pads itself. `same`: as TensorFlow does, right and bottom first. */
      readonly padding: Sides | 'same';
      readonly weights: T;
      readonly bias: T | null;
    }
  | {
      readonly kind: 'batchNorm';
      readonly node: string;
      readonly epsilon: number;
      readonly gamma: T;
      readonly beta: T;
      readonly mean: T;
      readonly variance: T;
    }
  /** `relu6`, or what it is called in the file. */
  | { readonly kind: 'activation'; readonly node: string; readonly activation: string }
  | { readonly kind: 'pad'; readonly node: string; readonly sides: Sides }
  /** Anything else: a MobileNet trunk ends before it. */
  | { readonly kind: 'other'; readonly node: string; readonly op: string };

/** A network from its input on, as far as it is a chain. */
export type Chain<T> = readonly ChainStep<T>[];
