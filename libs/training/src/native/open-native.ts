import * as tf from '@tensorflow/tfjs-core';

import { loadAddon } from './addon';
import { NATIVE, NativeBackend } from './native-backend';
import { registerKernels } from './native-kernels';

/** Makes the addon in this file the running back end. A process loads one addon. @throws Error where it does not load */
export async function openNativeAddon(path: string): Promise<void> {
  if (tf.findBackend(NATIVE) === null) {
    const backend = new NativeBackend(loadAddon(path));
    registerKernels(backend);
    tf.registerBackend(NATIVE, () => backend);
  }
  await tf.setBackend(NATIVE);
  await tf.ready();
}
