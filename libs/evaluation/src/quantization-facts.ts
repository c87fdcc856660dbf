/** What quantization did to one layer, measured on calibration pictures. */
export interface LayerLoss {
  readonly name: string;
  readonly kind: 'convolution' | 'depthwise' | 'dense';
  /** Smallest and largest output value that was seen. */
  readonly observed: { readonly min: number; readonly max: number };
  /** Shares of all values in equal parts of `observed`. */
  readonly histogram: readonly number[];
  /** What the output bytes cover. */
  readonly range: { readonly min: number; readonly max: number };
  /** Share of the values that are clipped. */
  readonly saturatedShare: number;
  /** Weight steps of channels that have any weight left, and how many have none. */
  readonly weightScales: { readonly smallest: number; readonly largest: number; readonly deadChannels: number };
  /** In output steps. */
  readonly biasCorrection: { readonly mean: number; readonly largest: number };
  /** Signal-to-noise ratio of the layer's output, in dB; null where nothing was lost. */
  readonly snrDb: number | null;
}

/** A recipe that quantization tried, with what it did to calibration pictures. */
export interface TriedRecipe {
  readonly name: string;
  readonly pictures: number;
  readonly floatAccuracy: number;
  readonly deviceAccuracy: number;
  readonly logitError: number;
  readonly chosen: boolean;
}

export interface QuantizationFacts {
  /** In the order of the network. */
  readonly layers: readonly LayerLoss[];
  /** Empty where the recipe was given. */
  readonly candidates: readonly TriedRecipe[];
}
