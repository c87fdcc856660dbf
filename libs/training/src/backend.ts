import { join } from 'node:path';

import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

import { planBackend, type BackendChoice, type BackendPlan, type NativePlan } from './backend-identity';
import { nativeUnusable } from './errors';
import { packageFolder } from './native/find-native';
import { openNativeAddon } from './native/open-native';

/** The back end that runs, to be shown to people: `name version: reason`. */
export type Backend = BackendPlan;

/**
 * Makes the back end the running one. A native library that is installed but does not load is an error and no silent change to wasm:
 * results would be stored under the wrong key. @throws GraftError E613
 */
export async function openBackend(choice: BackendChoice = 'auto'): Promise<Backend> {
  const plan = planBackend(choice);
  if (plan.name === 'tfjs-node') await openNative(plan);
  else await openWasm();
  const { name, version, reason } = plan;
  return { name, version, reason };
}

async function openWasm(): Promise<void> {
  // Both may be set only before the back end starts. One thread: sums keep their order, so bytes are the same in every run.
  if (tf.engine().registry['wasm'] === undefined) {
    setWasmPaths(`${join(packageFolder('@tensorflow/tfjs-backend-wasm') ?? '', 'dist')}/`);
    setThreadsCount(1);
  }
  await tf.setBackend('wasm');
  await tf.ready();
}

async function openNative({ place }: NativePlan): Promise<void> {
  if (place === null) throw nativeUnusable('its native library is neither built by setup-native nor installed');
  try {
    await openNativeAddon(place.addon);
  } catch (error) {
    throw nativeUnusable(error instanceof Error ? error.message.split('\n')[0] : String(error), error);
  }
}
