import { canonicalJson } from '@graft/foundation';
import { BATCH_NORM_EPSILON } from '@graft/model';

import { notMobilenet, weightsNotReadable } from '../errors';
import type { ExportedFile } from '../exported-file';
import { matchTrunk } from './match-trunk';
import type { MatchedTrunk } from './match-trunk';
import { isRecord, readTfjsChain } from './read-tfjs-chain';

export interface RenamedWeights {
  readonly files: readonly ExportedFile[];
  /** As `MatchedTrunk` has them. */
  readonly paddedOtherwise: readonly string[];
}

/** A layers model under Keras names: the weights files stay as they are, whatever form their numbers are stored in. @throws GraftError E830 – E832 */
export function renameTfjs([model, ...shards]: readonly ExportedFile[], alpha: number, name: string): RenamedWeights {
  const value = parse(model.bytes, name);
  const trunk = matchTrunk(readTfjsChain(value, name), alpha, name);
  const names = namesOf(trunk, name);
  const groups = isRecord(value) && Array.isArray(value.weightsManifest) ? value.weightsManifest : [];
  const weightsManifest = groups.map((group: unknown) => {
    if (!isRecord(group) || !Array.isArray(group.weights)) throw weightsNotReadable(name, 'it has no weights manifest');
    return { paths: group.paths, weights: group.weights.map((entry: unknown) => renamed(entry, names)) };
  });
  return {
    files: [{ path: 'manifest.json', bytes: Buffer.from(canonicalJson({ weightsManifest })) }, ...shards],
    paddedOtherwise: trunk.paddedOtherwise,
  };
}

function parse(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw weightsNotReadable(name, 'model.json is not JSON');
  }
}

/** From the names in the file to those of Keras. */
function namesOf({ layers }: MatchedTrunk<string>, file: string): ReadonlyMap<string, string> {
  return new Map(
    layers.flatMap(({ layer: { name, kind }, convolution, batchNorm }) => {
      const names: [string, string][] = [
        [convolution.weights, `${name}/${kind === 'depthwise' ? 'depthwise_kernel' : 'kernel'}`],
      ];
      if (convolution.bias !== null) names.push([convolution.bias, `${name}/bias`]);
      if (batchNorm === null) return names;
      if (Math.abs(batchNorm.epsilon - BATCH_NORM_EPSILON) > 1e-9)
        throw notMobilenet(
          file,
          batchNorm.node,
          `its epsilon is ${batchNorm.epsilon}; ${BATCH_NORM_EPSILON} is expected`,
        );
      const { gamma, beta, mean, variance } = batchNorm;
      names.push([gamma, `${name}_bn/gamma`], [beta, `${name}_bn/beta`]);
      names.push([mean, `${name}_bn/moving_mean`], [variance, `${name}_bn/moving_variance`]);
      return names;
    }),
  );
}

/** Tensors that belong to no layer of the trunk get a name that nobody looks for. */
function renamed(entry: unknown, names: ReadonlyMap<string, string>): unknown {
  if (!isRecord(entry) || typeof entry.name !== 'string') return entry;
  return { ...entry, name: names.get(entry.name) ?? `left_out/${entry.name.replaceAll('/', '_')}` };
}
