import type { BatchNormNode, ConvolutionNode, DepthwiseNode, Graph, GraphNode } from './graph';

/**
 * Merges each batch norm into the convolution before it:
 * weight · gamma / √(variance + epsilon), and (bias − mean) · gamma / √(variance + epsilon) + beta.
 * Worked out in double precision and rounded once. A batch norm with no convolution before it stays.
 */
export function foldBatchNorm(graph: Graph): Graph {
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const before = nodes.at(-1);
    if (node.kind === 'batchNorm' && (before?.kind === 'convolution' || before?.kind === 'depthwise')) {
      nodes[nodes.length - 1] = folded(before, node);
    } else nodes.push(node);
  }
  return { ...graph, nodes };
}

function folded<Node extends ConvolutionNode | DepthwiseNode>(convolution: Node, norm: BatchNormNode): Node {
  const channels = norm.gamma.length;
  const perChannel = convolution.weights.length / channels;
  const weights = new Float32Array(convolution.weights.length);
  const bias = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const factor = norm.gamma[channel] / Math.sqrt(norm.variance[channel] + norm.epsilon);
    const start = channel * perChannel;
    for (let at = start; at < start + perChannel; at++) weights[at] = convolution.weights[at] * factor;
    bias[channel] = ((convolution.bias?.[channel] ?? 0) - norm.mean[channel]) * factor + norm.beta[channel];
  }
  return { ...convolution, weights, bias };
}
