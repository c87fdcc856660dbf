import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelCard } from '@graft/exchange';
import type { ExportedFile, ModelCard } from '@graft/exchange';
import { sha256File, writeFileAtomic } from '@graft/foundation';
import type { ExchangeSettings } from '@graft/pipeline';
import type { TailRange } from '@graft/quantization';
import { makerTools } from './fingerprint';
import type { Trained } from './networks';
import { placeInOut } from './place-in-out';
import { LOCK_FILE } from './source-files';
import type { StageJob } from './stage-executor';

type ExchangeJob = StageJob<ExchangeSettings>;

/** What calibration has measured behind the convolutions. */
export async function readTailRanges(job: Pick<ExchangeJob, 'input'>): Promise<readonly TailRange[]> {
  const text = await readFile(join(job.input('quantize'), 'tail', 'ranges.json'), 'utf8');
  return JSON.parse(text) as readonly TailRange[];
}

/** What the exported files say about themselves. */
export async function cardOf({ graph, sha256: networkSha256 }: Trained, job: ExchangeJob): Promise<ModelCard> {
  const { name, labels, provenance } = job.settings;
  if (provenance === null) return modelCard(graph, { experiment: name, labels });
  const lockSha256 = await sha256File(join(job.input('fetch'), 'lock', LOCK_FILE));
  const tools = await makerTools(job.workspaceFolder);
  return modelCard(graph, {
    experiment: name,
    labels,
    provenance: { networkSha256, ...provenance, lockSha256, tools },
  });
}

/** Writes the files of an export, and says which. @param folder below the stage's output; '' for itself */
export async function deliver(files: readonly ExportedFile[], folder: string, job: ExchangeJob, stage: string) {
  for (const { path, bytes } of files) await writeFileAtomic(join(job.folder, folder, path), bytes);
  const place = placeInOut(job, stage, folder);
  for (const { path, bytes } of files)
    job.say(`written: ${join(place, path)} (${bytes.length.toLocaleString('en')} bytes)`);
}
