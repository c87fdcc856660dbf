import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HealthFacts, Metrics, SplitCounts } from '@graft/evaluation';
import { examplePicture } from '@graft/image';
import type { ExampleIndex, Examples } from '@graft/image';

/** Pixels. */
const THUMBNAIL_SIDE = 160;

/** What stage `check` found. */
export async function readHealth(checkFolder: string): Promise<HealthFacts> {
  return JSON.parse(await readFile(join(checkFolder, 'check.json'), 'utf8'));
}

export function splitCounts({ examples }: ExampleIndex): SplitCounts {
  const labels = [...new Set(examples.map(({ label }) => label))].sort();
  return labels.map((label) => {
    const count = (side: string) => examples.filter((one) => one.label === label && one.split === side).length;
    return { label, train: count('train'), validation: count('validation'), test: count('test') };
  });
}

/** Of the pictures that the report shows, by the id of an example. */
export async function thumbnailsOf({ worst, flips }: Metrics, examples: Examples): Promise<Map<string, Uint8Array>> {
  const wanted = new Set([...worst, ...flips].map(({ id }) => id));
  const found = new Map<string, Uint8Array>();
  for (const [index, { id }] of examples.index.examples.entries()) {
    if (wanted.has(id)) found.set(id, await examplePicture(examples.pixels(index), examples.index, THUMBNAIL_SIDE));
  }
  return found;
}
