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
