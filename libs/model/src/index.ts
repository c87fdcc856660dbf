export { activated, activationName, activationSlope, isActivation, isClamping } from './activation';
export type { Activation, ClampingActivation, LeakyRelu } from './activation';
export type {
  ActivationNode,
  BatchNormNode,
  ConvolutionNode,
  DenseNode,
  DepthwiseNode,
  GlobalAverageMaxPoolNode,
  GlobalAveragePoolNode,
  GlobalPoolNode,
  Graph,
  GraphNode,
  InputEncoding,
  SoftmaxNode,
} from './graph';
export { isGlobalPool } from './graph';
export { BATCH_NORM_EPSILON, MOBILENET_OUTPUTS, POOL_NODES, headDenses, kerasLayers, mobilenetV1 } from './mobilenet';
export type { BackboneLayer, HeadDense, HeadShape, MobilenetConfig, Pooling } from './mobilenet';
export { networkShape } from './network-shape';
export type { LayerShape } from './network-shape';
export { frozenLayers } from './frozen-layers';
export type { FreezeRule } from './frozen-layers';
export { backboneWeightShapes, headWeightShapes } from './weight-shapes';
export type { WeightShape } from './weight-shapes';
export { buildBackbone, buildGraph } from './build-graph';
export { halfTurn, IMAGENET_CLASS_COUNT, imagenetClassifier } from './imagenet-classifier';
export type { NamedWeights } from './build-graph';
export { graphShapes, GraphShapeError } from './graph-shapes';
export { foldBatchNorm } from './fold-batch-norm';
export { printGraph, printNode } from './print-graph';
export { readGraph, writeGraph } from './graph-file';
export type { GraphFile } from './graph-file';
export { evaluate } from './evaluate';
export type { NodeObserver } from './evaluate';
