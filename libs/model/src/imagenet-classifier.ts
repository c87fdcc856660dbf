import { reverseAxes } from '@graft/tensor';

import { buildBackbone } from './build-graph';
import type { NamedWeights } from './build-graph';
import { weightsDoNotFit } from './errors';
import type { DenseNode, Graph, GraphNode, InputEncoding } from './graph';
import { POOL_NODES } from './mobilenet';

export const IMAGENET_CLASS_COUNT = 1000;

/**
 * The pretrained network just as Keras has it, with its own padding and its top of 1000 classes (`conv_preds/kernel`
 * [1][1][channel][class], `conv_preds/bias`), for pictures that are given a half turn ({@link halfTurn}).
 *
 * Where the stride is 2, Keras pads below and at the right and takes the outputs at odd places; a graph pads on all sides and
 * takes the even ones. Of a picture whose sides are even, seen upside down and mirrored, the odd places are the even ones, and
 * below is above. So kernels and picture are turned, and the answer, a mean over all places, is the same.
 *
 * @param size a multiple of 32 @throws GraftError E605 where a tensor is missing or has another shape
 */
export function imagenetClassifier(alpha: number, size: number, encoding: InputEncoding, weights: NamedWeights): Graph {
  const backbone = buildBackbone(
    {
      ...{ alpha, output: 'conv_pw_13_relu', encoding, pooling: 'avg', head: [], classes: IMAGENET_CLASS_COUNT },
      input: { height: size, width: size },
    },
    weights,
  );
  const { kind, name } = POOL_NODES.avg;
  const top = topOf(Math.floor(1024 * alpha), weights);
  const nodes = [...backbone.nodes.map(turned), { kind, name }, top, { kind: 'softmax', name: 'softmax' } as const];
  return { ...backbone, name: `${backbone.name}_imagenet`, nodes };
}

/** The pixels of a picture, `channels` bytes each, in the opposite order: upside down and mirrored. */
export function halfTurn(pixels: Uint8Array, channels: number): Uint8Array {
  const turnedPixels = new Uint8Array(pixels.length);
  for (let from = 0; from < pixels.length; from += channels) {
    turnedPixels.set(pixels.subarray(from, from + channels), pixels.length - channels - from);
  }
  return turnedPixels;
}

function topOf(inputs: number, weights: NamedWeights): DenseNode {
  const kernel = weights.get('conv_preds/kernel');
  const bias = weights.get('conv_preds/bias');
  const units = IMAGENET_CLASS_COUNT;
  if (kernel?.shape.join() !== `1,1,${inputs},${units}` || bias?.shape.join() !== `${units}`) {
    throw weightsDoNotFit(
      [`conv_preds/kernel [1, 1, ${inputs}, ${units}] or conv_preds/bias [${units}] is missing or of another shape`],
      'take weights of a Keras MobileNet v1 with its top',
    );
  }
  const values = reverseAxes(kernel.data, 1, inputs, units);
  return { kind: 'dense', name: 'conv_preds', inputs, units, weights: values, bias: bias.data.slice() };
}

function turned(node: GraphNode): GraphNode {
  const isWide = node.kind === 'depthwise' || (node.kind === 'convolution' && node.kernel === 3);
  if (!isWide) return node;
  const weights = node.weights.slice();
  for (let at = 0; at < weights.length; at += 9) weights.subarray(at, at + 9).reverse();
  return { ...node, weights };
}
