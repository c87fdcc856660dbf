/**
 * The experiment after parsing: merged, checked and complete. Nothing is optional and nothing is checked again.
 * Lengths are bytes, shares and rates are fractions (0 … 1), angles degrees.
 */
export interface ExperimentSpec {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  /** The order is the output index, everywhere. */
  readonly classes: readonly ClassSpec[];
  readonly dataset: DatasetSection;
  readonly preprocess: PreprocessSection;
  readonly augment: AugmentSection;
  readonly model: ModelSection;
  readonly train: TrainSection;
  readonly quantize: QuantizeSection;
  readonly export: ExportSection;
  readonly evaluate: EvaluateSection;
  readonly require: RequireSection;
  readonly target: TargetSection;
  readonly flash: FlashSection;
}

export interface ClassSpec {
  /** Shown to people: labels, reports, the board's screen. */
  readonly name: string;
  /** Stays when the class is renamed: the first of `folders`. Pictures are labelled with it. */
  readonly key: string;
  /** Folder names that mean this class. */
  readonly folders: readonly string[];
}

export interface DatasetSection {
  readonly sources: readonly SourceSpec[];
  /** Globs on the path inside the source. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly limits: { readonly maxPerClass: number | null; readonly maxFileBytes: number };
  /** auto: the lock is checked where there is one; required: there must be one; none: never looked at. */
  readonly lock: 'auto' | 'required' | 'none';
  readonly checks: ChecksSection;
  readonly split: SplitSection;
}

interface SourceBase {
  /**
   * all: shared out as `split` says. test: measured only; where any source says so, nothing of the others is tested on.
   * unknown: pictures of no class, never learned from; see {@link EvaluateSection.unknown}.
   */
  readonly use: 'all' | 'test' | 'unknown';
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[];
  readonly license: string | null;
  readonly attribution: string | null;
}

/** One sub-folder per class, at any depth: the innermost folder name that belongs to a class decides. */
export interface DirectorySource extends SourceBase {
  readonly type: 'directory';
  /** Relative to the experiment's folder, with forward slashes. */
  readonly path: string;
  readonly onMissing: 'error' | 'skip';
}

/** Class key to globs on the path inside. Null: folder names decide, as in a directory source. */
export type PictureGlobs = Readonly<Record<string, readonly string[]>> | null;

export interface NpmSource extends SourceBase {
  readonly type: 'npm';
  readonly package: string;
  /** Exact. */
  readonly version: string;
  /** Subresource integrity of the tarball, `sha512-…`. */
  readonly integrity: string;
  readonly pictures: PictureGlobs;
}

/** A zip, tar, tar.gz or tar.xz file: of `path` and `url` exactly one is there, and with `url` always `sha256`. */
export interface ArchiveSource extends SourceBase {
  readonly type: 'archive';
  /** Relative to the experiment's folder, with forward slashes. */
  readonly path: string | null;
  readonly url: string | null;
  /** Of the whole file, lower-case hexadecimal. */
  readonly sha256: string | null;
  /** Leading folders that are dropped from every path inside. */
  readonly stripComponents: number;
  readonly pictures: PictureGlobs;
  readonly allowPrivate: boolean;
}

/** Pictures by address: at least one of `items` and `list` names some. */
export interface HttpSource extends SourceBase {
  readonly type: 'http';
  readonly items: readonly HttpItem[];
  /** A CSV or JSON Lines file, relative to the experiment's folder, with forward slashes. */
  readonly list: string | null;
  /** What happens to a picture that is gone: the build stops, or goes on and the lock says so. */
  readonly onMissing: 'error' | 'skip';
  readonly allowPrivate: boolean;
}

export interface HttpItem {
  readonly url: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Class key. */
  readonly label: string;
  readonly license: string | null;
  readonly attribution: string | null;
  /** What stays on one side of the split with it, for `groupBy: column`. */
  readonly group: string | null;
}

export type SourceSpec = DirectorySource | NpmSource | ArchiveSource | HttpSource;

export type CheckAction = 'error' | 'warn' | 'drop' | 'ignore';

/** What each check does about what it finds; docs/datasets.md says how each of them judges. */
export interface ChecksSection {
  readonly unreadable: CheckAction;
  /** A WebP called .jpg. */
  readonly wrongExtension: CheckAction;
  readonly exactDuplicate: CheckAction;
  /** Of one class and alike to the eye. */
  readonly nearDuplicate: CheckAction;
  /** The same bytes under two classes. */
  readonly labelConflict: CheckAction;
  /** Of two classes and alike to the eye. */
  readonly nearLabelConflict: CheckAction;
  readonly nameMentionsOtherClass: CheckAction;
  /** Smaller than preprocess.image_size. */
  readonly tooSmall: CheckAction;
  readonly extremeAspectRatio: CheckAction;
  readonly blank: CheckAction;
  readonly blurred: CheckAction;
  /** CMYK. */
  readonly fourComponents: CheckAction;
  readonly exifRotated: CheckAction;
  readonly likelyLabelError: CheckAction;
  /** Neither the picture nor its source states a licence. */
  readonly unknownLicense: CheckAction;
  readonly classImbalance: CheckAction;
}

/**
 * What stays on one side of the split. Words: the frames of one file; all files of one base name (`shiny/x.png`, `x.png`);
 * look-alikes; what a list says in its column `group`. Otherwise paths inside the source: all under one folder that a glob
 * matches; all for which the parentheses of a regular expression catch the same.
 */
export type GroupBy =
  'file' | 'name' | 'near_duplicate' | 'column' | { readonly glob: string } | { readonly pattern: string };

export interface SplitSection {
  /** Shares add up to 1. */
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly groupBy: GroupBy;
  /** folders: `train`, `validation` or `val`, `test` in the paths decide. */
  readonly method: 'stable_hash' | 'folders';
}

export interface PreprocessSection {
  readonly imageSize: { readonly height: number; readonly width: number };
  readonly resize: 'crop' | 'pad' | 'squash';
  readonly interpolation: 'nearest' | 'bilinear' | 'lanczos';
  /** Stands behind transparent pictures: one colour `#rrggbb`, or drawn for each picture from its content. */
  readonly background: string;
  /** Pictures taken from one animation, evenly spread; null: all. */
  readonly maxFrames: number | null;
  /** Bytes 0 … 255 as the network sees them: real = byte · scale + offset. */
  readonly normalize: { readonly scale: number; readonly offset: number };
}

/** Training pictures only. Ranges are symmetric: 0.1 means ±10 %. */
export interface AugmentSection {
  readonly flip: 'horizontal' | 'vertical' | 'both' | 'none';
  readonly rotationDegrees: number;
  readonly zoom: number;
  readonly translation: number;
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Cut-outs (pictures with transparency) over drawn backgrounds. Null: as preprocessed. */
  readonly composite: { readonly minScale: number; readonly maxScale: number } | null;
  /** Null: no copy is blurred. */
  readonly blur: {
    /** The strongest, in pixels of the network's input. */
    readonly sigma: number;
    /** Of a copy to be blurred. */
    readonly probability: number;
  } | null;
  /** A rectangle of noise somewhere in the picture. Null: none. */
  readonly erasing: {
    /** The largest, as a share of the picture. */
    readonly area: number;
    /** Of a copy to lose a rectangle. */
    readonly probability: number;
  } | null;
  /** Whose faults are imitated: RGB565, noise, exposure, lens. */
  readonly camera: 'maix-bit' | null;
  /** Copies of each training picture, each drawn anew; 0: the picture itself only. */
  readonly repeats: number;
  /** once: all epochs see the same copies. */
  readonly redraw: 'once' | 'every_epoch';
}

export type WeightsSource =
  /** The trunk of an SSD MobileNet v1 inside an npm package, 8-bit weights and a manifest. */
  | {
      readonly type: 'npm';
      readonly package: string;
      readonly version: string;
      readonly integrity: string;
      /** Path of the weights manifest inside the package. */
      readonly manifest: string;
    }
  /** An ONNX file, or the folder of a TensorFlow.js layers model, with a MobileNet v1 trunk in it. */
  | { readonly type: 'path'; readonly path: string }
  /** The official TensorFlow.js copy of Keras MobileNet v1 for this alpha. */
  | { readonly type: 'imagenet' }
  | { readonly type: 'none' };

/** What the board's CPU can put behind a dense layer. */
export type HeadActivation =
  | 'linear'
  | 'relu'
  | 'relu6'
  | 'sigmoid'
  | 'tanh'
  | {
      readonly kind: 'leaky_relu';
      /** Slope below 0. */
      readonly alpha: number;
    };

export type HeadLayer =
  | { readonly type: 'dense'; readonly units: number; readonly activation: HeadActivation }
  | { readonly type: 'dropout'; readonly rate: number };

export interface ModelSection {
  readonly backbone: 'mobilenet_v1';
  readonly alpha: number;
  readonly weights: WeightsSource;
  /** Keras name of the last layer kept: conv1_relu, conv_pw_1_relu … conv_pw_13_relu. auto: stage `probe` compares them. */
  readonly output: string;
  /** Of each channel of the last map: its mean, or its mean and its maximum. */
  readonly pooling: 'avg' | 'avg_max';
  /** Before the last dense layer and softmax over the classes, which are added. */
  readonly head: readonly HeadLayer[];
  /** How many layers do not learn, counted as today's Keras counts (the input layer is the first); the whole backbone; none. */
  readonly freeze:
    { readonly type: 'backbone' } | { readonly type: 'none' } | { readonly type: 'first'; readonly layers: number };
  /** Statistics of batch norms above the frozen part stay as they are. */
  readonly freezeBatchNorm: boolean;
}

export interface TrainSection {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer:
    | { readonly name: 'adam'; readonly beta1: number; readonly beta2: number; readonly epsilon: number }
    | { readonly name: 'sgd'; readonly momentum: number; readonly nesterov: boolean }
    /** No steps: the last layer in closed form, with an empty head on a frozen backbone. */
    | { readonly name: 'ridge'; readonly penalty: number };
  readonly learningRate: number;
  readonly schedule:
    | { readonly name: 'constant' | 'cosine' }
    | { readonly name: 'step'; readonly every: number; readonly factor: number }
    | { readonly name: 'plateau'; readonly patience: number; readonly factor: number };
  /** Fewer than the epochs. */
  readonly warmupEpochs: number;
  readonly labelSmoothing: number;
  readonly weightDecay: number;
  /** By class key where given by hand. */
  readonly classWeights: 'balanced' | 'none' | Readonly<Record<string, number>>;
  readonly earlyStopping: {
    readonly monitor: 'val_loss' | 'val_accuracy';
    readonly patience: number;
    readonly minDelta: number;
    readonly restoreBestWeights: boolean;
  } | null;
  /** Keep the best epoch's weights; null: the last epoch's. */
  readonly checkpoint: { readonly monitor: 'val_loss' | 'val_accuracy' } | null;
  /** A second phase, in which the layers from `unfreezeFrom` on (a Keras name) learn as well. */
  readonly fineTune: {
    readonly unfreezeFrom: string;
    readonly epochs: number;
    readonly learningRate: number;
  } | null;
}

export interface QuantizeSection {
  readonly calibration: {
    readonly samples: number;
    readonly method: 'minmax' | 'percentile' | 'mse' | 'kl' | 'nncase-0.1' | 'auto';
    /** 0 … 100 */
    readonly percentile: number;
  };
  readonly weightRounding: 'nearest' | 'search';
  readonly channelScales: boolean | 'auto';
  readonly biasCorrection: boolean;
  /** Where dense layers run; `kpu` is all but the last one. */
  readonly dense: 'auto' | 'cpu' | 'kpu' | 'kpu-all';
  /** Training in the arithmetic of the device, on the calibration pictures, judged by those of validation; null: none. */
  readonly awareTraining: {
    /** The first convolution that learns, by its Keras name; null: the dense layers alone. */
    readonly unfreezeFrom: string | null;
    readonly epochs: number;
    readonly learningRate: number;
  } | null;
}

/** What `export` can make; a target `export-<format>` for each. */
export const EXPORT_FORMATS = ['kmodel', 'onnx', 'tfjs', 'tflite', 'keras'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The network as it was trained, and the 8-bit network of the kmodel. */
export const EXPORT_VARIANTS = ['float32', 'int8'] as const;

export type ExportVariant = (typeof EXPORT_VARIANTS)[number];

export interface ExportSection {
  /** Those that the target `export` makes, each once. */
  readonly formats: readonly ExportFormat[];
  readonly kmodel: { readonly version: 3 };
  readonly onnx: { readonly variants: readonly ExportVariant[] };
  readonly tfjs: { readonly shardBytes: number };
  readonly tflite: { readonly variants: readonly ExportVariant[] };
  /** Whether the files of other formats carry digests of what they were made from. */
  readonly embedProvenance: boolean;
}

export interface EvaluateSection {
  /** 0.95: 95 % intervals. */
  readonly confidence: number;
  /** Pictures of a list in the report at most. */
  readonly worstImages: number;
  readonly crossValidation: { readonly folds: number };
  /** A threshold for "none of these" is chosen so that at most this share is accepted wrongly. Null: none is chosen. */
  readonly unknown: { readonly falseAccept: number } | null;
}

/** Limits on what is known with an interval only; a size is exact. */
export type StrictGate = 'device_accuracy' | 'accuracy_drop' | 'agreement' | 'latency';

/** Null: not required. */
export interface RequireSection {
  readonly minDeviceAccuracy: number | null;
  readonly maxAccuracyDrop: number | null;
  readonly minAgreement: number | null;
  readonly maxKmodelBytes: number | null;
  readonly maxLatencyMs: number | null;
  /** Judged on the worse end of their interval. */
  readonly strict: readonly StrictGate[];
}

export interface TargetSection {
  /** Name of a device profile, also where the experiment names a board of the bench. */
  readonly device: string;
  /** Name in the profile's firmware table. */
  readonly firmware: string;
}

/** A board on somebody's bench, from project.yaml: facts of one machine, which no experiment and no cached stage sees. */
export interface BenchDevice {
  readonly name: string;
  /** Name of a device profile. */
  readonly profile: string;
  /** As the system names it; null: found by itself. */
  readonly port: string | null;
  /** Of its USB adapter; null: any. */
  readonly serial: string | null;
  /** Bits a second to begin with; null: what boards of this kind usually take. */
  readonly baudRate: number | null;
  /** Who writes its flash chip over the serial port; auto: the one that `flash.engine` names. */
  readonly engine: 'auto' | 'builtin' | 'kflash';
}

export interface FlashSection {
  readonly engine: 'dry-run' | 'sd' | 'kfpkg' | 'isp' | 'kflash' | 'repl';
  readonly modelFrom: 'sd' | 'flash';
  readonly address: number;
  /** Whether the model may lie where the board keeps its files. */
  readonly allowFilesystem: boolean;
  /** Of the largest probability. Null: the one that `evaluate.unknown` asks for. */
  readonly threshold: number | null;
  readonly screenRotation: 0 | 1 | 2 | 3;
  readonly camera: { readonly vflip: boolean; readonly hmirror: boolean };
  /** Bytes for the interpreter's heap on the board; 0: leave as it is. */
  readonly gcHeapBytes: number;
  /** Number of pictures with which the board tests itself; 0: none. */
  readonly selfTest: number;
}
