import type { ExperimentSpec } from '@graft/spec';
import { makerSettings, settingsDigest } from './provenance';
import type { StageName } from './stage';

/** What `fetch` may see. Classes are sorted by key, so that their order wakes nothing here. */
export function fetchSettings(spec: ExperimentSpec, mirrors: Readonly<Record<string, string>>) {
  const { sources, include, exclude, limits, lock } = spec.dataset;
  return {
    classes: classKeys(spec),
    sources,
    include,
    exclude,
    limits,
    lock,
    weights: { source: spec.model.weights, alpha: spec.model.alpha },
    mirrors,
  };
}

export function checkSettings(spec: ExperimentSpec) {
  return { name: spec.name, imageSize: spec.preprocess.imageSize, ...judgementSettings(spec) };
}

export function preprocessSettings(spec: ExperimentSpec) {
  const { imageSize, resize, interpolation, background, maxFrames } = spec.preprocess;
  return {
    ...judgementSettings(spec),
    preprocess: { imageSize, resize, interpolation, background, maxFrames },
  };
}

/** A network that the board can run, with what it needs there. */
export interface Cut {
  /** Keras name of the last backbone layer kept. */
  readonly output: string;
  readonly kmodelBytes: number;
  /** Of one picture on the chip. */
  readonly estimatedMs: number;
}

/** Which dense layers run on the KPU, as the fit check has decided. */
export interface DenseOnKpu {
  /** So many from the front; 0: all run on the CPU. */
  readonly layers: number;
  /** Whether `quantize` may keep them on the CPU after all. */
  readonly mayFallBack: boolean;
}

/** What the report shows of an experiment as a whole. */
interface Shown {
  readonly settingsSha256: string;
  readonly config: readonly string[];
}

/** What `resolve` works out beside the spec itself. */
export interface Resolved {
  /** Names what is handed out: the experiment's name, its variant, what was set on top. */
  readonly title: string;
  /** Address prefix to the folder or address that serves it instead. */
  readonly mirrors: Readonly<Record<string, string>>;
  /** Those among which `model.output: auto` chooses, from the front to the back; empty where the spec names one. */
  readonly cuts: readonly Cut[];
  readonly denseOnKpu: DenseOnKpu;
  /** The merged experiment as lines of YAML that do not change with its spelling. */
  readonly config: readonly string[];
}

/** A cut that is named wakes nothing but itself. The weights' source, not their numbers: those are consumed. */
export function probeSettings(spec: ExperimentSpec, cuts: readonly Cut[]) {
  const { output, alpha, weights, pooling } = spec.model;
  if (output !== 'auto') return { output, search: null };
  const classes = spec.classes.map(({ key }) => key);
  return {
    output: null,
    search: { cuts, seed: spec.seed, classes, normalize: spec.preprocess.normalize, alpha, weights, pooling },
  };
}

/** Class names are left out on purpose: renaming a class changes no weight. Their order is the output index. */
export function trainSettings(spec: ExperimentSpec) {
  // Where the backbone ends comes from stage `probe`, and nobody learns again when the same cut is named in another way.
  const { output, ...model } = spec.model;
  return {
    name: spec.name,
    seed: spec.seed,
    classes: spec.classes.map(({ key }) => key),
    normalize: spec.preprocess.normalize,
    augment: spec.augment,
    model,
    train: spec.train,
  };
}

/** Where dense layers run follows from `quantize.dense` and the sizes: only what follows is seen. */
function quantization({ quantize: { dense: _, ...quantize } }: ExperimentSpec, denseOnKpu: DenseOnKpu) {
  return { quantize: { ...quantize, denseOnKpu } };
}

/** Labels are read only where right answers are counted. */
export function quantizeSettings(spec: ExperimentSpec, dense: DenseOnKpu) {
  const { calibration, awareTraining } = spec.quantize;
  const judges = calibration.method === 'auto' || awareTraining !== null || dense.layers > 0;
  return {
    seed: spec.seed,
    classes: judges ? spec.classes.map(({ key }) => key) : [],
    ...quantization(spec, dense),
  };
}

export function compileSettings(spec: ExperimentSpec) {
  return { classes: spec.classes.map(({ key }) => key), kmodel: spec.export.kmodel };
}

export function exportKmodelSettings(spec: ExperimentSpec) {
  return { name: spec.name, confidence: spec.evaluate.confidence, require: spec.require };
}

/** @param settingsSha256 of what shapes the model, and the merged experiment as text: the report shows both */
export function evaluateSettings(spec: ExperimentSpec, { settingsSha256, config }: Shown) {
  return {
    name: spec.name,
    classes: spec.classes.map(({ name }) => name),
    confidence: spec.evaluate.confidence,
    worstImages: spec.evaluate.worstImages,
    require: spec.require,
    settingsSha256,
    config,
  };
}

/** Null where no threshold is asked for: then nothing else wakes it. Reading the pictures of no class is its own work. */
export function thresholdSettings(spec: ExperimentSpec) {
  if (spec.evaluate.unknown === null) return null;
  const { normalize: _, ...preprocess } = spec.preprocess;
  return {
    falseAccept: spec.evaluate.unknown.falseAccept,
    confidence: spec.evaluate.confidence,
    seed: spec.seed,
    classes: spec.classes.map(({ key }) => key),
    preprocess,
    groupBy: spec.dataset.split.groupBy,
  };
}

/** How many pictures the board shall be tested with; which ones follows from the pictures. */
export function selfTestSettings(spec: ExperimentSpec) {
  return { pictures: spec.flash.selfTest };
}

/** @param settingsSha256 of what shapes the model: the kit on the board names it */
export function flashPlanSettings(spec: ExperimentSpec, settingsSha256: string) {
  const { imageSize, resize, normalize } = spec.preprocess;
  // The pictures of the self-test come from their stage.
  const { selfTest: _, ...flash } = spec.flash;
  return {
    name: spec.name,
    classes: spec.classes.map(({ name }) => name),
    preprocess: { imageSize, resize, normalize },
    target: spec.target,
    flash,
    settingsSha256,
  };
}

/** What every format of the network shares. @param settingsSha256 of what shapes the model */
function exchangeSettings(spec: ExperimentSpec, settingsSha256: string) {
  return {
    name: spec.name,
    labels: spec.classes.map(({ name }) => name),
    // Null: the files name nothing that they were made from.
    provenance: spec.export.embedProvenance ? { settingsSha256 } : null,
  };
}

export function exportOnnxSettings(spec: ExperimentSpec, settingsSha256: string) {
  return { ...exchangeSettings(spec, settingsSha256), ...spec.export.onnx };
}

export function exportTfjsSettings(spec: ExperimentSpec, settingsSha256: string) {
  return { ...exchangeSettings(spec, settingsSha256), ...spec.export.tfjs };
}

export function exportTfliteSettings(spec: ExperimentSpec, settingsSha256: string) {
  return { ...exchangeSettings(spec, settingsSha256), ...spec.export.tflite };
}

export function crossValidateSettings(
  spec: ExperimentSpec,
  { cuts, denseOnKpu }: Pick<Resolved, 'cuts' | 'denseOnKpu'>,
) {
  return {
    ...trainSettings(spec),
    cut: probeSettings(spec, cuts),
    labels: spec.classes.map(({ name }) => name),
    ...quantization(spec, denseOnKpu),
    kmodel: spec.export.kmodel,
    folds: spec.evaluate.crossValidation.folds,
    // Pictures that are kept for the final score stay out of every fold.
    testIsHeldOut: testSources(spec).length > 0,
    confidence: spec.evaluate.confidence,
  };
}

export type FetchSettings = ReturnType<typeof fetchSettings>;
export type CheckSettings = ReturnType<typeof checkSettings>;
export type PreprocessSettings = ReturnType<typeof preprocessSettings>;
export type ProbeSettings = ReturnType<typeof probeSettings>;
export type TrainSettings = ReturnType<typeof trainSettings>;
export type QuantizeSettings = ReturnType<typeof quantizeSettings>;
export type CompileSettings = ReturnType<typeof compileSettings>;
export type ExportKmodelSettings = ReturnType<typeof exportKmodelSettings>;
export type EvaluateSettings = ReturnType<typeof evaluateSettings>;
export type ThresholdSettings = ReturnType<typeof thresholdSettings>;
export type SelfTestSettings = ReturnType<typeof selfTestSettings>;
export type FlashPlanSettings = ReturnType<typeof flashPlanSettings>;
export type ExchangeSettings = ReturnType<typeof exchangeSettings>;
export type ExportOnnxSettings = ReturnType<typeof exportOnnxSettings>;
export type ExportTfjsSettings = ReturnType<typeof exportTfjsSettings>;
export type ExportTfliteSettings = ReturnType<typeof exportTfliteSettings>;
export type CrossValidateSettings = ReturnType<typeof crossValidateSettings>;

/** One slice of the spec for each stage but `resolve`. */
export function stageSettings(
  spec: ExperimentSpec,
  { title, mirrors, cuts, denseOnKpu, config }: Resolved,
): Record<Exclude<StageName, 'resolve'>, unknown> {
  const makers = {
    fetch: fetchSettings(spec, mirrors),
    preprocess: preprocessSettings(spec),
    probe: probeSettings(spec, cuts),
    train: trainSettings(spec),
    quantize: quantizeSettings(spec, denseOnKpu),
    compile: compileSettings(spec),
  };
  const settingsSha256 = settingsDigest(makerSettings(makers));
  // Stages up to the kmodel do not see the variant's name, so that variants share what is equal.
  const titled = { ...spec, name: title };
  return {
    ...makers,
    check: checkSettings(spec),
    'export-kmodel': exportKmodelSettings(titled),
    threshold: thresholdSettings(spec),
    evaluate: evaluateSettings(titled, { settingsSha256, config }),
    'self-test': selfTestSettings(spec),
    'flash-plan': flashPlanSettings(titled, settingsSha256),
    'export-onnx': exportOnnxSettings(titled, settingsSha256),
    'export-tfjs': exportTfjsSettings(titled, settingsSha256),
    'export-tflite': exportTfliteSettings(titled, settingsSha256),
    'export-keras': exchangeSettings(titled, settingsSha256),
    'cross-validate': crossValidateSettings(titled, { cuts, denseOnKpu }),
  };
}

/** Which pictures are taken, and on which side of the split. */
function judgementSettings(spec: ExperimentSpec) {
  return {
    seed: spec.seed,
    classes: classKeys(spec),
    checks: spec.dataset.checks,
    split: spec.dataset.split,
    testSources: testSources(spec),
  };
}

/** Indices of the sources whose pictures are measured only. */
function testSources(spec: ExperimentSpec): number[] {
  return spec.dataset.sources.flatMap(({ use }, index) => (use === 'test' ? [index] : []));
}

function classKeys(spec: ExperimentSpec): { key: string; folders: readonly string[] }[] {
  const classes = spec.classes.map(({ key, folders }) => ({ key, folders: [...folders].sort() }));
  return classes.sort((a, b) => (a.key < b.key ? -1 : 1));
}
