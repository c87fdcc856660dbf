import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UnknownThreshold } from '@graft/evaluation';
import type { FlashPlanSettings } from '@graft/pipeline';

/** Below the output of stage `threshold`. */
export const THRESHOLD_FILE = 'threshold/threshold.json';

/** What stage `threshold` found, from its verified output; null where nobody asked. */
export async function readThreshold(folder: string): Promise<UnknownThreshold | null> {
  return JSON.parse(await readFile(join(folder, THRESHOLD_FILE), 'utf8'));
}

/** The threshold that the board's script and `predict` use. */
export async function thresholdOf(
  { threshold }: Pick<FlashPlanSettings['flash'], 'threshold'>,
  folder: string,
): Promise<number> {
  if (threshold !== null) return threshold;
  const found = await readThreshold(folder);
  if (found === null) throw new Error('internal: a threshold is asked for, and none was chosen');
  return found.threshold;
}
