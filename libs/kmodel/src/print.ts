import type { KModel } from './kmodel';
export function printKModel(_model: KModel): string {
  throw new Error('internal: being written');
}
