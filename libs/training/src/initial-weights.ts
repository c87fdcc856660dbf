import { Random } from '@graft/foundation';
import {
  backboneWeightShapes,
  headWeightShapes,
  type MobilenetConfig,
  type NamedWeights,
  type WeightShape,
} from '@graft/model';
import type { FloatTensor } from '@graft/tensor';

/** Fresh head on given or (null) fresh backbone weights: kernels uniform after Glorot and Bengio (2010), as in Keras; each tensor draws its own stream. */
export function initialWeights(config: MobilenetConfig, backbone: NamedWeights | null, seed: number): NamedWeights {
  const fresh = [...(backbone === null ? backboneWeightShapes(config) : []), ...headWeightShapes(config)];
  return new Map([...(backbone ?? []), ...fresh.map((tensor) => [tensor.name, initial(tensor, seed)] as const)]);
}

function initial({ name, shape }: WeightShape, seed: number): FloatTensor {
  const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
  if (name.endsWith('/gamma') || name.endsWith('/moving_variance')) data.fill(1);
  if (!name.endsWith('kernel')) return { shape, data };
  const limit = Math.sqrt(6 / fans(shape));
  const random = Random.of(seed, 'initial-weights', name);
  for (let at = 0; at < data.length; at++) data[at] = random.between(-limit, limit);
  return { shape, data };
}

/** Inputs and outputs of one unit together, counted over the window. A depthwise kernel counts as Keras counts it: all its channels in. */
function fans(shape: readonly number[]): number {
  const [inputs, outputs] = shape.slice(-2);
  const window = shape.slice(0, -2).reduce((product, side) => product * side, 1);
  return window * (inputs + outputs);
}
