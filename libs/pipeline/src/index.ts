export {
  historyEmpty,
  modelUnknown,
  noRecordIn,
  outputOfAnother,
  pointsDoNotFit,
  pointsFailed,
  recordsDiffer,
  recordsMissing,
  runUnknown,
  stageCancelled,
  sweepHeld,
  sweepMissing,
  targetUnknown,
} from './errors';
export { findRecord, HISTORY_FOLDER, keepRecord, parseRecord, projectFolder, readHistory } from './history';
export type { History, HistoryRecord, NewRecord } from './history';
export { chooseRun, nearRuns, orderRecords, RUN_PREFIX, SHORT } from './history-order';
export { verifyLineage } from './lineage';
export { listFiles, MANIFEST, matches, readManifest, verifyOutputs } from './manifest';
export type { FileRecord, Manifest } from './manifest';
export { MAKERS, makerSettings, parseProvenance, renderProvenance, settingsDigest } from './provenance';
export type { MakerSettings, Provenance } from './provenance';
export { runStage } from './run-stage';
export type { StageContext, StageRun } from './run-stage';
export { fetchSettings, preprocessSettings, stageSettings } from './slices';
export type {
  CheckSettings,
  CompileSettings,
  CrossValidateSettings,
  Cut,
  DenseOnKpu,
  EvaluateSettings,
  ExchangeSettings,
  ExportKmodelSettings,
  ExportOnnxSettings,
  ExportTfjsSettings,
  ExportTfliteSettings,
  FetchSettings,
  FlashPlanSettings,
  PreprocessSettings,
  ProbeSettings,
  QuantizeSettings,
  Resolved,
  SelfTestSettings,
  ThresholdSettings,
  TrainSettings,
} from './slices';
export { STAGE_NAMES } from './stage';
export type { Consumed, StageDeclaration, StageName } from './stage';
export { producersOf, stageNamed, STAGES } from './stages';
export { expectationOf, keepTiming } from './timings';
export type { Expectation, Timing } from './timings';
export { CHAIN, countRuns, inSharedOrder, parseShard, shardOf, stageKeys } from './sweep-plan';
export type { PlannedPoint, Shard } from './sweep-plan';
