import type { Graph } from '@graft/model';

import type { Hdf5Dataset, Hdf5Group } from '../hdf5/write-hdf5';
import { KERAS_INPUT, kerasLayers } from '../tfjs/keras-layers';
import type { KerasLayer } from '../tfjs/keras-layers';
import { shapesOf } from './layer-shapes';
import type { Shape } from './layer-shapes';

export interface KerasModel {
  /** What `config.json` holds. */
  readonly config: unknown;
  /** What `model.weights.h5` holds. */
  readonly weights: Hdf5Group;
}

/** The network as a functional model of Keras 3. */
export function kerasModel(graph: Graph): KerasModel {
  const layers = kerasLayers(graph, 'Keras 3');
  const shapes = shapesOf(layers);
  const last = layers.at(-1)?.name ?? KERAS_INPUT;
  const config = {
    module: 'keras',
    class_name: 'Model',
    config: {
      name: graph.name,
      trainable: true,
      layers: layers.map((layer) => layerConfig(layer, shapes)),
      input_layers: [[KERAS_INPUT, 0, 0]],
      output_layers: [[last, 0, 0]],
    },
    registered_name: null,
    build_config: { input_shape: null },
  };
  return { config, weights: weightsOf(layers) };
}

function layerConfig({ name, className, config, inputs }: KerasLayer, shapes: ReadonlyMap<string, Shape>) {
  const tensors = inputs.map((input) => ({
    class_name: '__keras_tensor__',
    config: { shape: shapes.get(input), dtype: 'float32', keras_history: [input, 0, 0] },
  }));
  // A layer that joins takes a list of tensors, others one tensor.
  const args = tensors.length > 1 ? [tensors] : tensors;
  return {
    ...{ module: 'keras.layers', class_name: className, config: ofKeras3(className, { name, ...config }) },
    ...{ registered_name: null, name, inbound_nodes: inputs.length === 0 ? [] : [{ args, kwargs: {} }] },
  };
}

/** Keras 3 has other words for a few things than Keras 2. */
function ofKeras3(className: string, config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (className === 'InputLayer') {
    const { batch_input_shape: batch_shape, ...rest } = config;
    return { ...rest, batch_shape };
  }
  if (className !== 'LeakyReLU') return config;
  const { alpha: negative_slope, ...rest } = config;
  return { ...rest, negative_slope };
}

/** Groups by the place of a layer among those of its class, as Keras counts them; numbers in the order of its variables. */
function weightsOf(layers: readonly KerasLayer[]): Hdf5Group {
  const seen = new Map<string, number>();
  const groups = new Map<string, Hdf5Group>();
  for (const { className, tensors } of layers) {
    const base = snakeCase(className);
    const count = seen.get(base) ?? 0;
    seen.set(base, count + 1);
    const variables = tensors.map(({ shape, data }, at): [string, Hdf5Dataset] => [String(at), { shape, data }]);
    groups.set(count === 0 ? base : `${base}_${count}`, new Map([['vars', new Map(variables)]]));
  }
  return new Map<string, Hdf5Group>([
    ['layers', groups],
    ['vars', new Map()],
  ]);
}

/** As Keras makes names of classes: Conv2D → conv2d, ReLU → re_lu, BatchNormalization → batch_normalization. */
export function snakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
