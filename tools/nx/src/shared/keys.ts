import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainedValues } from '@graft/spec';
import type { Experiment } from '@graft/spec';

/** Every value of the merged experiment by its key as `show-config` names it: `train.epochs`, `classes[0].name`. */
export type Keys = Readonly<Record<string, unknown>>;

export function keysOf(experiment: Pick<Experiment, 'merged'>): Keys {
  // What it extends is merged in.
  const values = explainedValues(experiment).filter(({ keyPath }) => !/^extends\b/.test(keyPath));
  return Object.fromEntries(values.map(({ keyPath, value }) => [keyPath, value]));
}

/** As stage `resolve` saw them last; null before it has run. */
export async function resolvedKeys(outFolder: string): Promise<Keys | null> {
  const text = await readFile(join(outFolder, 'resolve', 'keys', 'keys.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Keys);
}
