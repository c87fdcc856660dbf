export { FakeK210 } from './board/fake-k210';
export type { AnswerFault, BoardFaults, FakeK210Options } from './board/fake-k210';
export { FakePort } from './board/fake-port';
export type { FakePortOptions } from './board/fake-port';
export { FlashChip } from './board/flash-chip';
export { GREY_PICTURE, runMaixPy } from './board/maixpy-board';
export type { MaixPyBoard, MaixPyRun } from './board/maixpy-board';
export { PtyBoard } from './board/pty-board';
export { ModemLines } from './board/modem-lines';
export { hasPty } from './board/pty-line';
export { ReplBoard } from './board/repl-board';
export type { ReplBoardOptions } from './board/repl-board';
export { VirtualClock } from './board/virtual-clock';
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
