import { graphShapes, type Graph } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import { Inference, pictureTensor } from '../inference';
import { trainingOps } from '../running-ops';

/**
 * A backbone that answers at several of its nodes with the mean over the map there. One pass serves all of them, and each
 * mean has the same bytes as the network that ends there gives.
 */
export class PooledCuts {
  /** Channels at each cut. */
  readonly widths: readonly number[];
  private readonly parts: readonly Inference[];

  /** @param cuts names of nodes, from the front to the back */
  constructor(
    private readonly backbone: Graph,
    cuts: readonly string[],
  ) {
    const ends = cuts.map((cut) => backbone.nodes.findIndex(({ name }) => name === cut) + 1);
    const shapes = graphShapes(backbone);
    this.widths = ends.map((end) => shapes[end - 1].channels);
    this.parts = ends.map((end, index) => {
      const nodes = backbone.nodes.slice(index === 0 ? 0 : ends[index - 1], end);
      return new Inference({ ...backbone, nodes });
    });
  }

  /** @returns for each picture the means of all cuts, one cut after the other */
  run(pictures: readonly Uint8Array[]): Float32Array[] {
    const total = this.widths.reduce((sum, width) => sum + width, 0);
    const answers = pictures.map(() => new Float32Array(total));
    let value: tf.Tensor = pictureTensor(pictures, this.backbone.input);
    let start = 0;
    this.parts.forEach((part, cut) => {
      const before = value;
      value = part.apply(before);
      before.dispose();
      const means = tf.tidy(() =>
        trainingOps()
          .globalAveragePool(value as tf.Tensor4D)
          .dataSync<'float32'>(),
      );
      const width = this.widths[cut];
      answers.forEach((answer, at) => answer.set(means.subarray(at * width, (at + 1) * width), start));
      start += width;
    });
    value.dispose();
    return answers;
  }

  dispose(): void {
    this.parts.forEach((part) => part.dispose());
  }
}
