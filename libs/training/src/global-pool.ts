import type { GlobalAverageMaxPoolNode, Pooling } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import type { Layer } from './layer';
import { trainingOps } from './running-ops';

/** A map [picture][row][column][channel] as vectors: the mean of each channel; with `avg_max` then the maximum of each. */
export function globalPool(pooling: Pooling, map: tf.Tensor4D): tf.Tensor2D {
  const means = trainingOps().globalAveragePool(map);
  return pooling === 'avg' ? means : tf.concat([means, globalMaxPool(map)], 1);
}

/** Of operations that every back end has: [picture][channel]. */
export function globalMaxPool(map: tf.Tensor4D): tf.Tensor2D {
  return tf.max(map, [1, 2]);
}

/** Pixels that are the maximum share the gradient evenly, as in TensorFlow. */
export function globalMaxPoolGradient(gradient: tf.Tensor2D, map: tf.Tensor4D): tf.Tensor {
  const [pictures, , , channels] = map.shape;
  const perChannel = [pictures, 1, 1, channels];
  const largest = tf.cast(tf.equal(map, tf.reshape(globalMaxPool(map), perChannel)), 'float32');
  const each = tf.div(gradient, tf.sum(largest, [1, 2]));
  return tf.mul(largest, tf.reshape(each, perChannel));
}

export function averageMaxPoolLayer(node: GlobalAverageMaxPoolNode): Layer {
  return {
    name: node.name,
    parameters: [],
    statistics: [],
    forward: (input) => ({ output: globalPool('avg_max', input as tf.Tensor4D), saved: [input] }),
    backward: (gradient, [input]) => {
      const map = input as tf.Tensor4D;
      const [ofMeans, ofMaxima] = tf.split<tf.Tensor2D>(gradient as tf.Tensor2D, 2, 1);
      const spread = trainingOps().globalAveragePoolGradient(ofMeans, map.shape);
      return { input: tf.add(spread, globalMaxPoolGradient(ofMaxima, map)), parameters: [] };
    },
    node: () => node,
  };
}
