import { type Diagnostic, GraftError } from '@graft/foundation';

export const weightsUnreadable = (file: string, reason: string) =>
  new GraftError('E610', {
    message: `the weights in ${file} cannot be read: ${reason}`,
    hint: 'take a TensorFlow.js weights manifest or layers model of MobileNet v1 with float32, uint8 or uint16 tensors',
  });

export const shardDoesNotFit = (path: string, reason: string) =>
  new GraftError('E611', {
    message: `the weights file ${path} ${reason}`,
    hint: 'the download was cut or mixed up; delete the fetched weights and fetch them again',
  });

export const noWeightsIn = (directory: string) =>
  new GraftError('E612', {
    message: `there are no weights in ${directory}`,
    hint: 'it should hold model.json of a TensorFlow.js layers model, or one file that ends in weights_manifest.json',
  });

export const nativeUnusable = (reason: string, cause?: unknown) =>
  new GraftError('E613', {
    message: `the back end tfjs-node cannot be used: ${reason}`,
    hint: 'build it with "npx nx run training:setup-native", or set GRAFT_BACKEND to wasm, which always works',
    cause,
  });

export const classesWithoutPictures = (labels: readonly number[]) =>
  new GraftError('E614', {
    message: `there is no training picture of class ${labels.join(', ')} (counted from 0 in the order of "classes")`,
    hint: 'add pictures of each class, or give the training part a larger share in dataset.split',
  });

export const nothingToMonitor = (monitor: string) =>
  new GraftError('E615', {
    message: `training watches ${monitor}, but there are no validation pictures`,
    hint: 'give the validation part a share in dataset.split, or set early_stopping and checkpoint to null',
  });

export const lossNotFinite = (epoch: number, loss: number) =>
  new GraftError('E616', {
    message: `training went out of bounds: the loss of epoch ${epoch} is ${loss}`,
    hint: 'lower train.learning_rate; pictures and weights may also not belong to the same preprocess.normalize',
  });

export const batchTooLarge = (batchSize: number, bytes: number, fitting: number) =>
  new GraftError('E617', {
    message: `a batch of ${batchSize} pictures needs about ${(bytes / 2 ** 30).toFixed(1)} GiB, more than the back end can hold`,
    hint:
      fitting >= 2
        ? `set train.batch_size to ${fitting} or less, or model.freeze_batch_norm to true (then batches are worked off in parts)`
        : 'set model.freeze_batch_norm to true (then batches are worked off in parts), or make preprocess.image_size smaller',
  });

/** Warning W611. */
export const tooFewToProbe = (output: string): string =>
  `there are too few training pictures to compare cuts of the backbone (two groups of each class are needed); it ends with ${output}`;

/** Warning W610. */
export const FROZEN_WITHOUT_WEIGHTS =
  'layers are frozen although the network starts from random weights; they will not learn (set model.freeze to none)';

export const noTop = (file: string) =>
  new GraftError('E618', {
    message: `${file} has no top of 1000 classes (conv_preds)`,
    hint: 'take the TensorFlow.js copy of a whole Keras MobileNet v1, include_top=True',
  });

export const imagenetOutOfReach = (reason: string, address: string, cause: unknown) =>
  new GraftError('E619', {
    message: `the pretrained weights of 1000 classes are not at hand: ${reason}`,
    hint: `copy the folder of that width (model.json and all files beside it) from a machine that reaches ${address}, and name where it lies in project.yaml: mirrors: { "${address}": ./weights }`,
    cause,
  });

export const classNamesOutOfReach = (reason: string): Diagnostic => ({
  code: 'W620',
  severity: 'warning',
  message: `the names of the 1000 classes are not at hand, numbers stand for them: ${reason}`,
  hint: 'they come from an npm package; check the connection to the registry',
});
