import { graphShapes, POOL_NODES, type Graph, type Pooling } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import { globalPool } from '../global-pool';
import { Inference, pictureTensor } from '../inference';

/**
 * A backbone that answers at several of its nodes with the pooled map there. One pass serves all of them, and each answer
 * has the same bytes as the network that ends there gives.
 */
export class PooledCuts {
  private readonly widths: readonly number[];
  private readonly parts: readonly Inference[];

  /** @param cuts names of nodes, from the front to the back */
  constructor(
    private readonly backbone: Graph,
    cuts: readonly string[],
    private readonly pooling: Pooling,
  ) {
    const ends = endsOf(backbone, cuts);
    this.widths = cutWidths(backbone, cuts, pooling);
    this.parts = ends.map((end, index) => {
      const nodes = backbone.nodes.slice(index === 0 ? 0 : ends[index - 1], end);
      return new Inference({ ...backbone, nodes });
    });
  }

  /** @returns for each picture the pooled maps of all cuts, one cut after the other */
  run(pictures: readonly Uint8Array[]): Float32Array[] {
    const total = this.widths.reduce((sum, width) => sum + width, 0);
    const answers = pictures.map(() => new Float32Array(total));
    let value: tf.Tensor = pictureTensor(pictures, this.backbone.input);
    let start = 0;
    this.parts.forEach((part, cut) => {
      const before = value;
      value = part.apply(before);
      before.dispose();
      const pooled = tf.tidy(() => globalPool(this.pooling, value as tf.Tensor4D).dataSync<'float32'>());
      const width = this.widths[cut];
      answers.forEach((answer, at) => answer.set(pooled.subarray(at * width, (at + 1) * width), start));
      start += width;
    });
    value.dispose();
    return answers;
  }

  dispose(): void {
    this.parts.forEach((part) => part.dispose());
  }
}

/** Values at each cut. */
export function cutWidths(backbone: Graph, cuts: readonly string[], pooling: Pooling): number[] {
  const shapes = graphShapes(backbone);
  return endsOf(backbone, cuts).map((end) => POOL_NODES[pooling].values * shapes[end - 1].channels);
}

const endsOf = ({ nodes }: Graph, cuts: readonly string[]): number[] =>
  cuts.map((cut) => nodes.findIndex(({ name }) => name === cut) + 1);
