export { fileMissing, fileNotReadable, inFile } from './errors';
export { pooledSize, reachesMainMemory, weightBytes, weightLoads } from './geometry';
export type { WeightLoads } from './geometry';
export { inspectKModel } from './inspection/inspection';
export type { Inspection, KpuRamInspection, LayerInspection, TensorInspection } from './inspection/inspection';
export type { ConvolutionInspection } from './inspection/convolution';
export { printFindings, printInspection } from './inspection/print-inspection';
export type { RealRange } from './inspection/ranges';
export { TO_MAIN_MEMORY } from './kmodel';
export type {
  ActivationSegment,
  AddLayer,
  AddPaddingLayer,
  AveragePoolLayer,
  BatchNormEntry,
  ChannelwiseDequantizeLayer,
  ConcatLayer,
  ConvolutionLayer,
  ConvolutionRegisters,
  DequantizeLayer,
  FlattenLayer,
  FullyConnectedLayer,
  GlobalAveragePoolLayer,
  KModel,
  KModelLayer,
  KModelOutput,
  KpuLine,
  L2NormalizationLayer,
  LayerKind,
  LogisticLayer,
  MainAddress,
  MemoryRange,
  PlainLayer,
  QuantizeLayer,
  QuantizedAddLayer,
  QuantizedConcatLayer,
  QuantizedMaxPoolLayer,
  QuantizedResizeNearestLayer,
  RemovePaddingLayer,
  RequantizeLayer,
  ResizeNearestLayer,
  SoftmaxLayer,
  UploadLayer,
} from './kmodel';
export { printKModel } from './print';
export { readKModel } from './read';
export { validateKModel } from './validate';
export type { Finding } from './validate';
export { writeKModel } from './write';
