import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@graft/foundation';
import { readGraph } from '@graft/model';
import type { Graph } from '@graft/model';
import type { StageName } from '@graft/pipeline';
import { readQuantizedGraph } from '@graft/quantization';
import type { QuantizedGraph } from '@graft/quantization';

interface StageOutputs {
  /** The output folder of a stage, verified by whoever asks. */
  readonly input: (stage: StageName) => string;
}

export interface Trained {
  readonly graph: Graph;
  /** Digest of its text and its arrays. */
  readonly sha256: string;
}

/** The network that `train` has left. */
export async function readTrained({ input }: StageOutputs): Promise<Trained> {
  const folder = join(input('train'), 'model');
  const json = await readFile(join(folder, 'graph.json'), 'utf8');
  const bin = await readFile(join(folder, 'graph.bin'));
  return { graph: readGraph({ json, bin }), sha256: sha256(`${sha256(json)}\n${sha256(bin)}`) };
}

/** The 8-bit network that `quantize` has left. */
export async function readQuantized({ input }: StageOutputs): Promise<QuantizedGraph> {
  const folder = join(input('quantize'), 'model');
  return readQuantizedGraph({
    json: await readFile(join(folder, 'quantized.json'), 'utf8'),
    bytes: await readFile(join(folder, 'quantized.bin')),
  });
}
