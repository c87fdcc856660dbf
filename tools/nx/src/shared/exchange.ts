import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelCard } from '@graft/exchange';
import type { ExportedFile, ModelCard } from '@graft/exchange';
import { sha256, sha256File, writeFileAtomic } from '@graft/foundation';
import { readGraph } from '@graft/model';
import type { Graph } from '@graft/model';
import type { ExchangeSettings } from '@graft/pipeline';
import { readQuantizedGraph } from '@graft/quantization';
import type { QuantizedGraph, TailRange } from '@graft/quantization';
import { makerTools } from './fingerprint';
import { LOCK_FILE } from './source-files';
import type { StageJob } from './stage-executor';

type ExchangeJob = StageJob<ExchangeSettings>;

export interface Trained {
  readonly graph: Graph;
  /** Digest of its text and its arrays. */
  readonly sha256: string;
}

/** The network that `train` has left. */
export async function readTrained(job: Pick<ExchangeJob, 'input'>): Promise<Trained> {
  const folder = join(job.input('train'), 'model');
  const json = await readFile(join(folder, 'graph.json'), 'utf8');
  const bin = await readFile(join(folder, 'graph.bin'));
  return { graph: readGraph({ json, bin }), sha256: sha256(`${sha256(json)}\n${sha256(bin)}`) };
}

/** The 8-bit network that `quantize` has left. */
export async function readQuantized(job: Pick<ExchangeJob, 'input'>): Promise<QuantizedGraph> {
  const folder = join(job.input('quantize'), 'model');
  return readQuantizedGraph({
    json: await readFile(join(folder, 'quantized.json'), 'utf8'),
    bytes: await readFile(join(folder, 'quantized.bin')),
  });
}

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
  const place = join(job.projectFolder.slice(job.workspaceFolder.length + 1), 'out', stage, folder);
  for (const { path, bytes } of files)
    job.say(`written: ${join(place, path)} (${bytes.length.toLocaleString('en')} bytes)`);
}
