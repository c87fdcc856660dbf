import { explainedValues } from '@graft/spec';
import type { Experiment } from '@graft/spec';
import type { Keys } from './resolved-keys';

export function keysOf(experiment: Pick<Experiment, 'merged'>): Keys {
  // What it extends is merged in.
  const values = explainedValues(experiment).filter(({ keyPath }) => !/^extends\b/.test(keyPath));
  return Object.fromEntries(values.map(({ keyPath, value }) => [keyPath, value]));
}
