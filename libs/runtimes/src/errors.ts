import { GraftError, reasonOf } from '@graft/foundation';

export const runtimeBroken = (name: string, cause: unknown) =>
  new GraftError('E805', {
    message: `${name} does not start: ${reasonOf(cause)}`,
    hint: 'delete the folder "runtimes" in the cache (.graft), so that it is installed anew',
    cause,
  });

export const modelRefused = (name: string, cause: unknown) =>
  new GraftError('E806', {
    message: `${name} does not take the model: ${reasonOf(cause)}`,
    hint: 'export it again; if that does not help, this is a fault of the exporter',
    cause,
  });
