import * as tf from '@tensorflow/tfjs-core';

import { genericOps } from './generic-ops';
import { NATIVE } from './native/native-backend';
import { nativeOps } from './native/native-ops';
import type { TrainingOps } from './training-ops';

/** The operations of the back end that runs. */
export function trainingOps(): TrainingOps {
  return tf.getBackend() === NATIVE ? nativeOps : genericOps;
}
