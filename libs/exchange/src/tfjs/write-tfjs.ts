import { canonicalJson } from '@graft/foundation';
import type { Graph } from '@graft/model';

import { checkLabels } from '../check-labels';
import type { ExportedFile } from '../exported-file';
import type { ModelCard } from '../model-card';
import { KERAS_INPUT, kerasLayers } from './keras-layers';
import type { KerasLayer } from './keras-layers';

export interface TfjsOptions {
  readonly card: ModelCard;
  /** No weights file is larger. */
  readonly shardBytes: number;
}

/**
 * A TensorFlow.js layers model, float32: `model.json` and its weights files, for `tf.loadLayersModel`. The input is
 * [picture][row][column][RGB], pixel values 0 … 255; the output are the class probabilities. The card is `userDefinedMetadata`.
 * @throws GraftError E801, E802
 */
export function writeTfjs(graph: Graph, { card, shardBytes }: TfjsOptions): readonly ExportedFile[] {
  checkLabels(graph, card);
  const layers = kerasLayers(graph, 'a TensorFlow.js layers model');
  const tensors = layers.flatMap((layer) => layer.tensors);
  const shards = cut(joined(tensors.map(({ data }) => data)), shardBytes);
  const files = shards.map((bytes, index) => ({ path: `group1-shard${index + 1}of${shards.length}.bin`, bytes }));
  const model = {
    format: 'layers-model',
    generatedBy: 'graft',
    convertedBy: null,
    modelTopology: { keras_version: '2.15.0', backend: 'tensorflow', model_config: topology(graph.name, layers) },
    weightsManifest: [
      {
        paths: files.map(({ path }) => path),
        weights: tensors.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })),
      },
    ],
    userDefinedMetadata: card,
  };
  return [{ path: 'model.json', bytes: Buffer.from(canonicalJson(model)) }, ...files];
}

/** A functional model in the words of Keras 2, which TensorFlow.js reads. */
function topology(name: string, layers: readonly KerasLayer[]) {
  const last = layers.at(-1)?.name ?? KERAS_INPUT;
  return {
    class_name: 'Functional',
    config: {
      name,
      layers: layers.map((layer) => ({
        name: layer.name,
        class_name: layer.className,
        config: layer.config,
        inbound_nodes: layer.inputs.length === 0 ? [] : [layer.inputs.map((input) => [input, 0, 0, {}])],
      })),
      input_layers: [[KERAS_INPUT, 0, 0]],
      output_layers: [[last, 0, 0]],
    },
  };
}

function joined(arrays: readonly Float32Array[]): Uint8Array {
  return Buffer.concat(
    arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  );
}

function cut(bytes: Uint8Array, shardBytes: number): Uint8Array[] {
  const shards: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += shardBytes) shards.push(bytes.subarray(start, start + shardBytes));
  return shards;
}
