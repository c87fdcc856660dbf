export { installOnnxRuntime, ONNX_RUNTIME, startOnnxRuntime } from './onnx-runtime';
export type { Runtime } from './onnx-runtime';
export type { InstallOptions } from './install-package';
