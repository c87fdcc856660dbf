export type { ExportedFile } from './exported-file';
export { modelCard, renderCard } from './model-card';
export type { CardOptions, CardProvenance, ModelCard } from './model-card';
export { writeOnnx } from './onnx/write-onnx';
export { writeOnnxInt8 } from './onnx/write-onnx-int8';
export { writeTfjs } from './tfjs/write-tfjs';
export type { TfjsOptions } from './tfjs/write-tfjs';
