import { createRequire } from 'node:module';
import { join } from 'node:path';

import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

import { packageFolder, planBackend, type BackendChoice, type BackendPlan } from './backend-identity';
import { nativeUnusable } from './errors';

/** The back end that runs, to be shown to people: `name version: reason`. */
export type Backend = BackendPlan;

/**
 * Makes the back end the running one. A tfjs-node that is installed but does not load is an error and no silent change to wasm:
 * results would be stored under the wrong key. @throws GraftError E613
 */
export async function openBackend(choice: BackendChoice = 'auto'): Promise<Backend> {
  const plan = planBackend(choice);
  if (plan.name === 'tfjs-node') await openNative(plan);
  else await openWasm();
  return plan;
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

async function openNative({ version }: BackendPlan): Promise<void> {
  if (version === 'absent') throw nativeUnusable('the package @tensorflow/tfjs-node is not installed');
  // Read once, while the library loads; about twice as fast.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  const name = '@tensorflow/tfjs-node';
  try {
    createRequire(__filename)(name);
  } catch (error) {
    throw nativeUnusable(error instanceof Error ? error.message.split('\n')[0] : String(error), error);
  }
  if (tf.findBackend('tensorflow') === null) throw nativeUnusable('it brings its own copy of @tensorflow/tfjs-core');
  await tf.setBackend('tensorflow');
  await tf.ready();
}
