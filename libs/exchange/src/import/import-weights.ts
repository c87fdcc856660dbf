import { canonicalJson } from '@graft/foundation';
import type { Diagnostic } from '@graft/foundation';

import { paddedOtherwise, weightsNotReadable } from '../errors';
import type { ExportedFile } from '../exported-file';
import { matchTrunk } from './match-trunk';
import { readOnnxChain } from './read-onnx-chain';
import { renameTfjs } from './rename-tfjs';
import type { RenamedWeights } from './rename-tfjs';
import { trunkWeights } from './trunk-weights';
import type { NamedTensor } from './trunk-weights';

export interface ImportedWeights {
  /** A TensorFlow.js weights manifest under Keras names, `manifest.json`, and the files that it names. */
  readonly files: readonly ExportedFile[];
  readonly warnings: readonly Diagnostic[];
}

export interface ImportOptions {
  /** Of the experiment. */
  readonly alpha: number;
  /** For messages. */
  readonly name: string;
}

/**
 * The trunk of a MobileNet v1 out of an ONNX file, or out of a TensorFlow.js layers model (`model.json` and the files that it names).
 * Layers are found by their place and form, whatever they are called; what stands behind the trunk is left out.
 * @throws GraftError E830 – E833
 */
export function importWeights(files: readonly ExportedFile[], options: ImportOptions): ImportedWeights {
  const [first] = files;
  const { alpha, name } = options;
  if (first === undefined || first.bytes.length === 0) throw weightsNotReadable(name, 'it is empty');
  if (first.path === 'model.json') return imported(renameTfjs(files, alpha, name), name);
  if (Buffer.from(first.bytes.subarray(4, 8)).toString('latin1') === 'TFL3')
    throw weightsNotReadable(name, 'it is a TFLite file, which is not read');
  const trunk = matchTrunk(readOnnxChain(first.bytes, name), alpha, name);
  return imported({ files: manifestOf(trunkWeights(trunk)), paddedOtherwise: trunk.paddedOtherwise }, name);
}

function manifestOf(tensors: readonly NamedTensor[]): ExportedFile[] {
  const weights = tensors.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
  const blocks = tensors.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const paths = ['weights.bin'];
  return [
    { path: 'manifest.json', bytes: Buffer.from(canonicalJson({ weightsManifest: [{ paths, weights }] })) },
    { path: paths[0], bytes: Buffer.concat(blocks) },
  ];
}

function imported({ files, paddedOtherwise: nodes }: RenamedWeights, name: string): ImportedWeights {
  return { files, warnings: nodes.length === 0 ? [] : [paddedOtherwise(name, nodes)] };
}
