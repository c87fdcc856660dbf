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

/** What one form of the dense layers answered to calibration pictures. */
export interface DenseFormFacts {
  readonly accuracy: number;
  readonly logitError: number;
  /** Answers that differ from the float network's. */
  readonly flips: number;
}

/** Dense layers in 8 bits on the KPU beside the same in float32 on the CPU. */
export interface DenseFacts {
  readonly layers: readonly string[];
  readonly pictures: number;
  readonly cpu: DenseFormFacts;
  readonly kpu: DenseFormFacts;
  /** Between both, as a share of the spread before softmax. */
  readonly difference: number;
  readonly chosen: 'cpu' | 'kpu';
}

/** What training in the arithmetic of the device did. Shares are of the validation pictures. */
export interface TrainedAware {
  readonly pictures: number;
  readonly validationPictures: number;
  readonly before: number;
  readonly epochs: readonly { readonly epoch: number; readonly loss: number; readonly deviceAccuracy: number }[];
  /** The epoch whose numbers are kept; null: none was better than before. */
  readonly kept: number | null;
}

export interface QuantizationFacts {
  /** In the order of the network. */
  readonly layers: readonly LayerLoss[];
  /** Empty where the recipe was given. */
  readonly candidates: readonly TriedRecipe[];
  /** Null where all dense layers run in float32 anyway. */
  readonly dense: DenseFacts | null;
  /** Null where there was none. */
  readonly awareTraining: TrainedAware | null;
}
