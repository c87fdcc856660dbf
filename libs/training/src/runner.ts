import type { Graph } from '@graft/model';

import { openBackend, type Backend } from './backend';
import type { BackendChoice } from './backend-identity';
import { Inference } from './inference';
import { nextTurn } from './next-turn';

const PICTURES_AT_A_TIME = 8;

export interface Runner {
  readonly backend: Backend;
  /** @param pictures bytes [row][column][RGB] each. @returns the last node's answer to each; of maps [row][column][channel] */
  predict(pictures: readonly Uint8Array[], signal?: AbortSignal): Promise<Float32Array[]>;
  dispose(): void;
}

/** The graph in float32 on the back end, batch norms folded. @throws GraftError E613 */
export async function openRunner(graph: Graph, choice?: BackendChoice): Promise<Runner> {
  const backend = await openBackend(choice);
  const network = new Inference(graph);
  return {
    backend,
    predict: async (pictures, signal) => {
      const answers: Float32Array[] = [];
      for (let start = 0; start < pictures.length; start += PICTURES_AT_A_TIME) {
        await nextTurn(signal);
        answers.push(...predictPart(network, pictures.slice(start, start + PICTURES_AT_A_TIME)));
      }
      return answers;
    },
    dispose: () => network.dispose(),
  };
}

function predictPart(network: Inference, pictures: readonly Uint8Array[]): Float32Array[] {
  const block = network.run(pictures);
  const size = block.length / pictures.length;
  return pictures.map((_, index) => block.slice(index * size, (index + 1) * size));
}
