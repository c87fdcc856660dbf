import { GraftError } from '@graft/foundation';

import type { DenseComparison } from './dense-on-kpu';

/** The network is not a chain this library can put into bytes. */
export const unsupportedGraph = (node: string, reason: string) =>
  new GraftError('E320', {
    message: `node "${node}" cannot be quantized: ${reason}`,
    hint: 'the network must be convolutions, then global pooling, then dense layers, then softmax',
  });

export const noCalibration = () =>
  new GraftError('E321', {
    message: 'there is no picture to calibrate with',
    hint: 'set quantize.calibration.samples to 1 or more, and see that the training split is not empty',
  });

export const wrongPictureSize = (index: number, actual: number, expected: number) =>
  new GraftError('E322', {
    message: `picture ${index} has ${actual} bytes; the network takes ${expected}`,
    hint: 'pictures are planar: all of channel 0 first, then channel 1, …; run the preprocess stage again',
  });

export const notFinite = (where: string) =>
  new GraftError('E323', {
    message: `${where} holds a value that is not a finite number`,
    hint: 'training diverged: lower train.learning_rate and train again',
  });

export const badPercentile = (percentile: number) =>
  new GraftError('E324', {
    message: `percentile ${percentile} does not lie above 50 and at most at 100`,
    hint: 'quantize.calibration.percentile is usually between 99 and 100',
  });

export const badScale = (scale: number) =>
  new GraftError('E325', {
    message: `the input encoding has scale ${scale}; a byte step must be a positive, finite number`,
    hint: 'check preprocess.normalize',
  });

export const encodingWithoutZero = (zeroPoint: number) =>
  new GraftError('E326', {
    message: `real 0 would be byte ${zeroPoint.toFixed(1)}, outside 0 … 255, so the border of the picture cannot be padded with it`,
    hint: 'choose preprocess.normalize so that 0 lies inside its range, for example 0..1 or -1..1',
  });

export const tableTooCoarse = (layer: string, activation: string, error: number | undefined, limit: number) =>
  new GraftError('E327', {
    message: `layer "${layer}": ${
      error === undefined
        ? `${activation} is too steep or too flat for 16 segments of this output range`
        : `16 segments miss ${activation} by up to ${error.toFixed(1)} output steps; ${limit} are allowed`
    }`,
    hint: 'use relu or leaky_relu, or train until the outputs of this layer reach further above 0',
  });

/** As a warning event has it. */
export const denseLosesTooMuch = ({ layers, pictures, cpu, kpu, difference, chosen }: DenseComparison) => {
  const right = (share: number) => Math.round(share * pictures);
  const loss = `answer ${right(kpu.accuracy)} of ${pictures} calibration pictures right (as floats ${right(cpu.accuracy)}) and move what comes before softmax by ${(100 * difference).toFixed(1)} % of its spread`;
  const remedy =
    chosen === 'cpu'
      ? 'they stay float32 on the CPU'
      : 'they stay on the KPU all the same; set quantize.dense to cpu, or make the layers smaller where floats do not fit';
  return { code: 'W320', message: `the dense layers ${layers.join(', ')} in bytes ${loss}: ${remedy}` };
};

export const nothingToJudgeBy = () =>
  new GraftError('E328', {
    message: 'there is no validation picture that could say whether training in 8 bits helps',
    hint: 'give dataset.split.validation a share, or set quantize.aware_training: none',
  });

export const noSuchLayer = (name: string) =>
  new GraftError('E329', {
    message: `training in 8 bits shall begin at "${name}", which the network does not have`,
    hint: 'quantize.aware_training.unfreeze_from names a convolution before model.output, or head',
  });

export const unreadableQuantizedGraph = (reason: string) =>
  new GraftError('E330', {
    message: `the quantized graph cannot be read: ${reason}`,
    hint: 'run the quantize stage again',
  });
