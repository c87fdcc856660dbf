import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFacts, Prediction } from '@graft/evaluation';

/** What stage `compile` measured, read from its verified output. */
export async function readMeasured(compileFolder: string): Promise<{ predictions: Prediction[]; facts: ModelFacts }> {
  const folder = join(compileFolder, 'measured');
  const predictions: Prediction[] = JSON.parse(await readFile(join(folder, 'predictions.json'), 'utf8'));
  const facts: ModelFacts = JSON.parse(await readFile(join(folder, 'facts.json'), 'utf8'));
  return { predictions, facts };
}
