import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every value of the merged experiment by its key as `show-config` names it: `train.epochs`, `classes[0].name`. */
export type Keys = Readonly<Record<string, unknown>>;

/** As stage `resolve` saw them last; null before it has run. */
export async function resolvedKeys(outFolder: string): Promise<Keys | null> {
  const text = await readFile(join(outFolder, 'resolve', 'keys', 'keys.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Keys);
}
