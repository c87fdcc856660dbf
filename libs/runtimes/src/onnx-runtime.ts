import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { askThread } from '@graft/foundation';

import { modelRefused, runtimeBroken } from './errors';
import { installPackages } from './install-package';
import type { InstallOptions, PackagePart } from './install-package';

const VERSION = '1.30.0';

/** Of 145 MB the WebAssembly build for the processor, 14 MB; the native package is 301 MB and has an install script. */
const PARTS: readonly PackagePart[] = [
  {
    package: 'onnxruntime-web',
    version: VERSION,
    integrity: 'sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ==',
    wanted: /^(?:package\.json|dist\/(?:ort\.node\.min\.js|ort-wasm-simd-threaded\.(?:mjs|wasm)))$/,
  },
  {
    package: 'onnxruntime-common',
    version: VERSION,
    integrity: 'sha512-7fdVWjAID1dVhH/G8qK3APARunV4VkBFoCQAP7qp4Wkab0mrorvmc+sqiT+mKXOzDqdjN5j+/Z9nb4gzNPWcyA==',
    wanted: /^(?:package\.json|dist\/cjs\/[^/]+\.js(?:on)?)$/,
  },
];

export const ONNX_RUNTIME = `onnxruntime-web ${VERSION}`;

/** A runtime of somebody else, which holds one model at a time. */
export interface Runtime {
  /** Takes a model in place of the one before. @throws GraftError E806 */
  open(model: Uint8Array): Promise<void>;
  /** @param pictures bytes [row][column][RGB] each, together one batch. @returns the outputs of each, one after the other */
  run(pictures: readonly Uint8Array[]): Promise<Float32Array[]>;
  dispose(): Promise<void>;
}

/** Downloads ONNX Runtime once (33 MB, pinned by digest). @returns its folder @throws GraftError E20x */
export const installOnnxRuntime = (options: InstallOptions): Promise<string> =>
  installPackages(`onnxruntime-web-${VERSION}`, PARTS, options);

/**
 * ONNX Runtime in a thread of its own, for models with one input [picture][height][width][3], float32 or uint8.
 * @param folder of `installOnnxRuntime` @throws GraftError E805
 */
export async function startOnnxRuntime(folder: string): Promise<Runtime> {
  const thread = new Worker(join(__dirname, 'onnx-worker.cjs'), { workerData: { folder: resolve(folder) } });
  const dispose = async (): Promise<void> => void (await thread.terminate());
  await askThread(thread, { load: true }).catch(async (error: unknown) => {
    await dispose();
    throw runtimeBroken(ONNX_RUNTIME, error);
  });
  return {
    open: async (model) => {
      await askThread(thread, { model }).catch((error: unknown) => {
        throw modelRefused(ONNX_RUNTIME, error);
      });
    },
    // The thread answers with what it is said to: it is ours.
    run: async (pictures) => (await askThread(thread, { pictures })) as Float32Array[],
    dispose,
  };
}
