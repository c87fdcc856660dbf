import { unreachable } from '@graft/foundation';
import { foldBatchNorm } from '@graft/model';
import type { BatchNormNode, ConvolutionNode, DepthwiseNode, Graph, GraphNode } from '@graft/model';

import { checkLabels } from '../check-labels';
import type { ModelCard } from '../model-card';
import { GraphBuilder } from './graph-builder';
import type { Name } from './graph-builder';
import { addActivation, addDense, addPool, addSoftmax, padsOf, PROBABILITIES } from './nodes';

/** Name of what goes in. */
export const IMAGE = 'image';

/**
 * The network as an ONNX file, opset 13, float32, batch norms folded. Input `image`: float32 [picture][row][column][RGB], pixel values
 * 0 … 255 (not uint8, which TensorRT 8 takes for no input). Output `probabilities` [picture][class]. @throws GraftError E802
 */
export function writeOnnx(graph: Graph, card: ModelCard): Uint8Array {
  checkLabels(graph, card);
  const builder = new GraphBuilder();
  const { height, width, encoding } = graph.input;
  const scaled = builder.node('Mul', 'scaled', [IMAGE, builder.float('normalize/scale', encoding.scale)]);
  const real = builder.node('Add', 'normalized', [scaled, builder.float('normalize/offset', encoding.offset)]);
  let value = builder.node('Transpose', 'planes', [real], { perm: [0, 3, 1, 2] });
  for (const node of foldBatchNorm(graph).nodes) value = addNode(builder, node, value);
  return builder.finish(
    graph.name,
    { name: IMAGE, type: 'float32', shape: ['N', height, width, 3] },
    { name: PROBABILITIES, type: 'float32', shape: ['N', card.labels.length] },
    card,
  );
}

function addNode(builder: GraphBuilder, node: GraphNode, input: Name): Name {
  switch (node.kind) {
    case 'convolution':
    case 'depthwise':
      return addConvolution(builder, node, input);
    case 'batchNorm':
      return addBatchNorm(builder, node, input);
    case 'activation':
      return addActivation(builder, node.name, node.activation, input);
    case 'globalAveragePool':
    case 'globalAverageMaxPool':
      return addPool(builder, node, input);
    case 'dense':
      return addDense(builder, node, input);
    case 'softmax':
      return addSoftmax(builder, input);
    default:
      return unreachable(node);
  }
}

function addConvolution(builder: GraphBuilder, node: ConvolutionNode | DepthwiseNode, input: Name): Name {
  const { name, stride, weights, bias } = node;
  const [outputs, inputs, kernel, group] =
    node.kind === 'depthwise'
      ? ([node.channels, 1, 3, node.channels] as const)
      : ([node.outputChannels, node.inputChannels, node.kernel, 1] as const);
  const constants = [builder.constant(`${name}/weights`, weights, [outputs, inputs, kernel, kernel])];
  if (bias !== undefined) constants.push(builder.constant(`${name}/bias`, bias, [outputs]));
  return builder.node('Conv', name, [input, ...constants], {
    ...{ kernel_shape: [kernel, kernel], strides: [stride, stride] },
    ...{ pads: padsOf(kernel), group: { int: group } },
  });
}

/** One that has no convolution before it. */
function addBatchNorm(builder: GraphBuilder, node: BatchNormNode, input: Name): Name {
  const { name, gamma, beta, mean, variance, epsilon } = node;
  const vectors = Object.entries({ gamma, beta, mean, variance });
  const constants = vectors.map(([part, values]) => builder.constant(`${name}/${part}`, values, [values.length]));
  return builder.node('BatchNormalization', name, [input, ...constants], { epsilon: { float: epsilon } });
}
