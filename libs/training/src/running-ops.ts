import * as tf from '@tensorflow/tfjs-core';

import { genericOps, opsOfMember } from './generic-ops';
import { NATIVE } from './native/native-backend';
import { nativeOps } from './native/native-ops';
import type { Group } from './threads/group';
import type { TrainingOps } from './training-ops';

let generic = genericOps;

/** The operations of the back end that runs. */
export function trainingOps(): TrainingOps {
  return tf.getBackend() === NATIVE ? nativeOps : generic;
}

/** For the rest of this thread's life, each batch is that of a group, of which this thread has some pictures. */
export function useGroup(group: Group): void {
  generic = opsOfMember(group);
}
