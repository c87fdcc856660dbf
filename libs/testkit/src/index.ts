export { kpuConvolution } from './kpu-convolution';
export { TemporaryWorkspace } from './temporary-workspace';
export type { NxResult, TaskRecord } from './temporary-workspace';
export {
  TINY_EXPERIMENT,
  TINY_PICTURES_PER_CLASS,
  TINY_PROJECT,
  tinyPicture,
  writeTinyExperiment,
} from './tiny-experiment';
