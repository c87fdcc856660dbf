export type {
  ArchiveSource,
  AugmentSection,
  BenchDevice,
  CheckAction,
  ChecksSection,
  ClassSpec,
  DatasetSection,
  DirectorySource,
  EvaluateSection,
  ExperimentSpec,
  ExportFormat,
  ExportSection,
  ExportVariant,
  FlashSection,
  GroupBy,
  HeadLayer,
  HttpItem,
  HttpSource,
  ModelSection,
  NpmSource,
  PictureGlobs,
  PreprocessSection,
  QuantizeSection,
  RequireSection,
  SourceSpec,
  SplitSection,
  StrictGate,
  TargetSection,
  TrainSection,
  WeightsSource,
} from './experiment';
export { describeChecks } from './schema/describe-checks';
export type { CheckDescription } from './schema/describe-checks';
export { experimentSchema, projectSchema } from './schema/schemas';
export type { JsonSchema } from './schema/json-schema';
export { explainedValues } from './explained-values';
export type { ExplainedValue } from './explained-values';
export { loadExperiment, loadMirrors } from './load-experiment';
export type { Experiment, LoadOptions } from './load-experiment';
export { placeOf } from './place-of';
export { printConfig } from './print-config';
export { expandSweep } from './sweep/expand-sweep';
export type { SweepPoint } from './sweep/expand-sweep';
export type { Ranking, Sweep, SweepAxis } from './sweep/read-sweep';
export { settingLines } from './setting-lines';
export { scanReferences } from './scan-references';
export type { References } from './scan-references';
