import type { Graph } from '@graft/model';

import { openBackend, type Backend } from './backend';
import type { BackendChoice } from './backend-identity';
import { nextTurn } from './next-turn';
import { PictureNetwork } from './threads/picture-network';
import type { Threads } from './threads/threads';

export interface Runner {
  readonly backend: Backend;
  /** Pictures that `predict` is best asked for now, where somebody wants to hear how far it is. */
  readonly atATime: number;
  /** @param pictures bytes [row][column][RGB] each. @returns the last node's answer to each; of maps [row][column][channel] */
  predict(pictures: readonly Uint8Array[], signal?: AbortSignal): Promise<Float32Array[]>;
  dispose(): void;
}

export interface RunnerOptions {
  readonly backend?: BackendChoice;
  /** For long work on wasm; no bit depends on them. */
  readonly threads?: Threads;
  /** Work that takes less is not shared; see `PictureNetwork`. */
  readonly helpAfterMs?: number;
}

/** The graph in float32 on the back end, batch norms folded. @throws GraftError E613 */
export async function openRunner(graph: Graph, options: RunnerOptions = {}): Promise<Runner> {
  const backend = await openBackend(options.backend);
  const network = new PictureNetwork({ graph, cuts: null }, options.threads, options.helpAfterMs);
  return {
    backend,
    get atATime() {
      return network.atATime;
    },
    predict: async (pictures, signal) => {
      const answers: Float32Array[] = [];
      while (answers.length < pictures.length) {
        await nextTurn(signal);
        answers.push(...(await network.run(pictures.slice(answers.length, answers.length + network.atATime))));
      }
      return answers;
    },
    dispose: () => network.dispose(),
  };
}
