import { GraftError } from '@graft/foundation';
import type { Diagnostic } from '@graft/foundation';

/** The other formats know no such activation in a file that all of their readers take. */
export const activationNotExportable = (format: string, node: string, activation: string) =>
  new GraftError('E801', {
    message: `node "${node}" has the activation ${activation}, which ${format} has no layer for`,
    hint: 'use linear, relu, relu6, leaky_relu, sigmoid or tanh',
  });

/** A card whose labels do not fit the outputs would name the wrong class. */
export const labelsDoNotFit = (labels: number, outputs: number) =>
  new GraftError('E802', {
    message: `the network has ${outputs} outputs for ${labels} labels`,
    hint: 'train again: the classes changed after this network was trained',
  });

export const weightsNotSigned = (layer: string, zeroPoint: number) =>
  new GraftError('E810', {
    message: `weights of "${layer}" lie around ${zeroPoint} and do not fit 8-bit numbers around 0, which the int8 form of other formats takes`,
    hint: 'choose another quantize.calibration.method than nncase-0.1, or leave int8 out of the variants',
  });

/** TFLite has no batch norm; ours are folded into the convolution before them. */
export const batchNormAlone = (node: string) =>
  new GraftError('E841', {
    message: `batch norm "${node}" has no convolution before it to become a part of, and TFLite has no batch norm`,
    hint: 'export another format, or put a convolution before it',
  });

/** The int8 form of TFLite multiplies whole steps around 0. */
export const asymmetricWeights = (layer: string, zeroPoint: number) =>
  new GraftError('E842', {
    message: `the weights of "${layer}" lie around byte ${zeroPoint}; int8 of TFLite has room for weights around 128 only`,
    hint: 'choose another quantize.calibration.method than nncase-0.1, or leave int8 out of export.tflite.variants',
  });

/** The range of what stands before a curved activation is not known for convolutions. */
export const curvedConvolution = (layer: string, activation: string) =>
  new GraftError('E843', {
    message: `convolution "${layer}" has the activation ${activation}; int8 of TFLite needs the range of what stands before it, which calibration has not measured`,
    hint: 'leave int8 out of export.tflite.variants, or use linear, relu or relu6',
  });

/** A layer of the tail without a measured range. */
export const noTailRange = (layer: string) =>
  new GraftError('E844', {
    message: `calibration has left no range for "${layer}"`,
    hint: 'run the target quantize again: this quantized network was made by an older version',
  });

/** @param at byte offset */
export const brokenTflite = (at: number, why: string) =>
  new GraftError('E845', {
    message: `this TFLite file is broken at byte ${at}: ${why}`,
    hint: 'download or write it again, and compare its digest',
  });

/** @param at byte offset of what is not known */
export const foreignTflite = (what: string, at: number) =>
  new GraftError('E846', {
    message: `this TFLite file is not of the kind that is read here: ${what} (byte ${at})`,
    hint: 'take a MobileNet v1 in float32, uint8 or int8',
  });

/** Of a file under `model.weights.path`. */
export const weightsNotReadable = (file: string, reason: string) =>
  new GraftError('E830', {
    message: `${file} cannot be read as weights: ${reason}`,
    hint: 'name an ONNX file, or the folder of a TensorFlow.js layers model, that is whole and has its weights inside',
  });

export const wrongAlpha = (file: string, found: number, wanted: number) =>
  new GraftError('E831', {
    message: `${file} holds weights for alpha ${found}; the experiment has alpha ${wanted}`,
    hint: `set model.alpha to ${found}, or take other weights`,
  });

export const notMobilenet = (file: string, node: string, reason: string) =>
  new GraftError('E832', {
    message: `${file} holds no MobileNet v1 trunk: it departs from one at ${node}: ${reason}`,
    hint: 'the layers must be a chain: conv1, then pairs of depthwise and pointwise convolutions, each with a batch norm or a bias and ReLU6',
  });

export const weightsElsewhere = (file: string, tensor: string) =>
  new GraftError('E833', {
    message: `${file} keeps the numbers of "${tensor}" in another file`,
    hint: 'save the model as one file, without external data; no path inside a model is followed',
  });

export const paddedOtherwise = (file: string, nodes: readonly string[]): Diagnostic => ({
  code: 'W830',
  severity: 'warning',
  message: `${file} was trained with padding at the right and bottom in ${nodes.length} layers that halve; the K210 pads all four sides`,
  details: [nodes.join(', ')],
  hint: 'features move by half a pixel there; let some layers learn (model.freeze, train.fine_tune) if accuracy is lower than expected',
});
