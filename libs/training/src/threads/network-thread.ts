import type { Graph, Pooling } from '@graft/model';

import { Inference } from '../inference';
import { PooledCuts } from '../probe/pooled-cuts';

/** A network that answers to pictures one by one. */
export interface NetworkPlan {
  readonly graph: Graph;
  /** The pooled maps of these nodes, front to back, one after the other; null: what the last node answers. */
  readonly cuts: { readonly names: readonly string[]; readonly pooling: Pooling } | null;
}

export interface NetworkThread extends NetworkPlan {
  readonly task: 'network';
}

/** Takes pictures as bytes [row][column][RGB] and gives an answer to each. */
export interface Answering {
  run(pictures: readonly Uint8Array[]): Float32Array[];
  dispose(): void;
}

/** On the back end that runs in this thread. */
export function openNetwork({ graph, cuts }: NetworkPlan): Answering {
  if (cuts !== null) return new PooledCuts(graph, cuts.names, cuts.pooling);
  const network = new Inference(graph);
  return {
    run: (pictures) => {
      const block = network.run(pictures);
      const size = block.length / pictures.length;
      return pictures.map((_, index) => block.slice(index * size, (index + 1) * size));
    },
    dispose: () => network.dispose(),
  };
}

export function networkProgram(plan: NetworkThread): (pictures: readonly Uint8Array[]) => Float32Array[] {
  const network = openNetwork(plan);
  return (pictures) => network.run(pictures);
}
