import { GraftError } from '@graft/foundation';

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
