import { unreachable } from '@graft/foundation';
import { foldBatchNorm, graphShapes, isGlobalPool } from '@graft/model';
import type { Activation, ConvolutionNode, DenseNode, DepthwiseNode, Graph, GlobalPoolNode } from '@graft/model';
import type { MapShape } from '@graft/tensor';

import { batchNormAlone } from '../errors';
import { activationOperation, fusedActivation } from './activation-operation';
import { channelsLast } from './channels-last';
import { bytesOf, ModelBuilder, nhwc } from './model-builder';
import type { FusedActivation, TfliteModel } from './tflite-model';

/**
 * The trained network in float32: pixel values 0 … 255 in, probabilities out. Batch norms are folded, ReLU and ReLU6 are
 * part of the layer before them. @throws GraftError E841
 */
export function floatNetwork(graph: Graph, metadata: Readonly<Record<string, string>>): TfliteModel {
  const folded = foldBatchNorm(graph);
  const shapes = graphShapes(folded);
  const builder = normalized(graph);
  let before: MapShape = graph.input;
  folded.nodes.forEach((node, index) => {
    const after = shapes[index];
    const following = folded.nodes.at(index + 1);
    const fused = following?.kind === 'activation' ? fusedActivation(following.activation) : 'none';
    if (node.kind === 'convolution' || node.kind === 'depthwise') convolution(builder, node, { before, after, fused });
    else if (node.kind === 'activation') activate(builder, node.name, node.activation);
    else if (isGlobalPool(node)) pool(builder, node, before);
    else if (node.kind === 'dense') dense(builder, node, fused);
    else if (node.kind === 'softmax')
      builder.then({ kind: 'softmax' }, [], { name: 'probabilities', shape: builder.current.shape });
    else if (node.kind === 'batchNorm') throw batchNormAlone(node.name);
    else unreachable(node);
    before = after;
  });
  return builder.finish(graph.name, metadata);
}

/** real = pixel · scale + offset, before the first layer: what it pads with must be real 0. */
function normalized({ input }: Graph): ModelBuilder {
  const shape = nhwc(input);
  const builder = new ModelBuilder({ name: 'image', shape, type: 'float32' });
  const { scale, offset } = input.encoding;
  builder.then({ kind: 'mul' }, [scalar(builder, 'scale', scale)], { name: 'scaled', shape });
  builder.then({ kind: 'add' }, [scalar(builder, 'offset', offset)], { name: 'normalized', shape });
  return builder;
}

const scalar = (builder: ModelBuilder, name: string, value: number): number =>
  floats(builder, name, [1], Float32Array.of(value));

const floats = (builder: ModelBuilder, name: string, shape: readonly number[], values: Float32Array): number =>
  builder.constant({ name, shape, type: 'float32', data: bytesOf(values) });

interface Surroundings {
  readonly before: MapShape;
  readonly after: MapShape;
  readonly fused: FusedActivation;
}

function convolution(
  builder: ModelBuilder,
  node: ConvolutionNode | DepthwiseNode,
  { before, after, fused }: Surroundings,
): void {
  const { name, stride, weights } = node;
  const depthwise = node.kind === 'depthwise';
  const kernel = depthwise ? 3 : node.kernel;
  const shape = depthwise ? [1, 3, 3, node.channels] : [node.outputChannels, kernel, kernel, node.inputChannels];
  const turned = channelsLast(weights, new Float32Array(weights.length), shape[3], kernel ** 2);
  builder.window({
    ...{ name, kind: depthwise ? 'depthwiseConv2d' : 'conv2d', kernel, stride, fused, input: before, output: after },
    weights: floats(builder, `${name}/kernel`, shape, turned),
    bias: floats(builder, `${name}/bias`, [after.channels], node.bias ?? new Float32Array(after.channels)),
  });
}

function activate(builder: ModelBuilder, name: string, activation: Activation): void {
  const operation = activationOperation(activation);
  if (operation !== undefined) builder.then(operation, [], { name, shape: builder.current.shape });
}

function pool(builder: ModelBuilder, { kind, name }: GlobalPoolNode, { channels }: MapShape): void {
  builder.pool(kind === 'globalAverageMaxPool', name, channels);
  builder.reshape(`${name}_flat`, [1, builder.current.shape[3]]);
}

function dense(builder: ModelBuilder, { name, units, inputs, weights, bias }: DenseNode, fused: FusedActivation): void {
  const constants = [
    floats(builder, `${name}/kernel`, [units, inputs], weights),
    floats(builder, `${name}/bias`, [units], bias),
  ];
  builder.then({ kind: 'fullyConnected', fused }, constants, { name, shape: [1, units] });
}
