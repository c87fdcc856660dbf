/** Every stage of an experiment, in the order in which data meets them. */
export const STAGE_NAMES = [
  'resolve',
  'fetch',
  'check',
  'preprocess',
  'probe',
  'train',
  'quantize',
  'compile',
  'export-kmodel',
  'threshold',
  'evaluate',
  'self-test',
  'flash-plan',
  'export-onnx',
  'export-tfjs',
  'export-tflite',
  'export-keras',
  'cross-validate',
] as const;

export type StageName = (typeof STAGE_NAMES)[number];

/** Files that a stage takes from another one: `folder/**\/*`, `*.ending` or the name of one, below that stage's output folder. */
export interface Consumed {
  readonly stage: StageName;
  readonly files: string;
}

/**
 * What a stage is, without running it. Everything that can change its result is named here: its slice of the spec,
 * the files it consumes, the libraries and packages it runs. Nothing else may reach it.
 */
export interface StageDeclaration {
  readonly name: StageName;
  /** One sentence for people. */
  readonly summary: string;
  readonly consumes: readonly Consumed[];
  /** Libraries that it imports itself; what those import follows. */
  readonly libraries: readonly string[];
  /** npm packages whose version can change the result. */
  readonly packages: readonly string[];
  /** Made before it although it reads nothing of them, so that they are there whatever becomes of it. */
  readonly alongside?: readonly StageName[];
  /** Uses all cores by itself, so that nothing runs beside it. */
  readonly usesAllCores: boolean;
  /** Writes down the tools of the stages before it, so that another tool is another result even where no byte of theirs differs. */
  readonly namesTools?: true;
}
