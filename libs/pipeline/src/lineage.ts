import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '@graft/foundation';
import { producerOutdated } from './errors';
import { consumedOutputs, readManifest } from './manifest';
import type { Manifest } from './manifest';
import type { StageName } from './stage';
import { producersOf, stageNamed } from './stages';

/**
 * Follows the manifests of stages back to the first one: what each took must be what its own producers and its settings
 * hold now. A run that failed leaves the output of the run before it in place, and that must not pass for the new one.
 * Reads manifests only.
 * @throws GraftError E507, and E501 or E502 for a stage that is not done.
 */
export async function verifyLineage(stages: readonly StageName[], outFolder: string): Promise<void> {
  for (const stage of stages) {
    const producers = producersOf(stageNamed(stage));
    const manifest = await readManifest(stage, join(outFolder, stage));
    const changed = await settingsChanged(manifest, outFolder);
    for (const producer of producers) changed.push(...(await inputsChanged(manifest, producer, outFolder)));
    if (changed.length > 0) throw producerOutdated(stage, changed.slice(0, 10));
    await verifyLineage(producers, outFolder);
  }
}

async function settingsChanged({ stage, inputs }: Manifest, outFolder: string): Promise<string[]> {
  if (stage === 'resolve') return [];
  const slice = await readFile(join(outFolder, 'resolve', `${stage}.json`), 'utf8').catch(() => null);
  // Whether there are settings at all is the question of the stage that needs them.
  if (slice === null) return [];
  return canonicalJson(inputs.settings) === canonicalJson(JSON.parse(slice)) ? [] : [`resolve/${stage}.json`];
}

async function inputsChanged({ stage, inputs }: Manifest, producer: StageName, outFolder: string): Promise<string[]> {
  const { outputs } = await readManifest(producer, join(outFolder, producer));
  const consumed = stageNamed(stage).consumes.filter((one) => one.stage === producer);
  const now = new Map(consumedOutputs(outputs, consumed).map(({ path, sha256 }) => [`${producer}/${path}`, sha256]));
  const before = new Map(Object.entries(inputs.files).filter(([name]) => name.startsWith(`${producer}/`)));
  const names = [...new Set([...before.keys(), ...now.keys()])].sort();
  return names.filter((name) => before.get(name) !== now.get(name));
}
