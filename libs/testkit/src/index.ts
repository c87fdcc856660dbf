export { TemporaryWorkspace } from './temporary-workspace';
export type { NxResult, TaskRecord } from './temporary-workspace';
