import type { ClassSpec, QuantizeSection, TrainSection } from '../experiment';
import { keyOfClass } from './read-dataset';
import type { Reader } from './reader';

export function readTrain(train: Reader, classes: readonly ClassSpec[]): TrainSection {
  const callbacks = train.at('callbacks');
  const section: TrainSection = {
    epochs: train.at('epochs').number(),
    batchSize: train.at('batch_size').number(),
    optimizer: readOptimizer(train.at('optimizer')),
    learningRate: train.at('learning_rate').number(),
    schedule: readSchedule(train.at('lr_schedule')),
    warmupEpochs: train.at('warmup_epochs').number(),
    labelSmoothing: train.at('label_smoothing').quantity('share'),
    weightDecay: train.at('weight_decay').number(),
    classWeights: readClassWeights(train.at('class_weights'), classes),
    earlyStopping: readEarlyStopping(callbacks.at('early_stopping')),
    checkpoint: readCheckpoint(callbacks.at('checkpoint')),
    fineTune: readFineTune(train.at('fine_tune')),
  };
  return section.optimizer.name === 'ridge' ? { ...section, ...WITHOUT_STEPS } : section;
}

/** What a closed form leaves aside: an edit of it wakes nothing, and no pictures are held back to watch epochs. */
const WITHOUT_STEPS = {
  epochs: 1,
  batchSize: 1,
  learningRate: 0,
  schedule: { name: 'constant' },
  warmupEpochs: 0,
  weightDecay: 0,
  earlyStopping: null,
  checkpoint: null,
} as const;

function readOptimizer(optimizer: Reader): TrainSection['optimizer'] {
  const name = optimizer.at('name').word('adam', 'sgd', 'ridge');
  if (name === 'ridge') return { name, penalty: optimizer.at('penalty').number() };
  if (name === 'sgd') {
    return { name, momentum: optimizer.at('momentum').number(), nesterov: optimizer.at('nesterov').flag() };
  }
  const [beta1, beta2, epsilon] = ['beta_1', 'beta_2', 'epsilon'].map((key) => optimizer.at(key).number());
  return { name, beta1, beta2, epsilon };
}

function readSchedule(schedule: Reader): TrainSection['schedule'] {
  const name = schedule.at('name').word('constant', 'cosine', 'step', 'plateau');
  if (name === 'step') {
    return { name, every: schedule.at('every').number(), factor: schedule.at('factor').number() };
  }
  if (name === 'plateau') {
    return { name, patience: schedule.at('patience').number(), factor: schedule.at('factor').number() };
  }
  return { name };
}

function readClassWeights(weights: Reader, classes: readonly ClassSpec[]): TrainSection['classWeights'] {
  if (!weights.isMap) return weights.word('balanced', 'none');
  return Object.fromEntries(weights.entries().map(([name, factor]) => [keyOfClass(name, classes), factor.number()]));
}

function readEarlyStopping(stopping: Reader): TrainSection['earlyStopping'] {
  if (stopping.is('none')) return null;
  return {
    monitor: stopping.at('monitor').word('val_loss', 'val_accuracy'),
    patience: stopping.at('patience').number(),
    minDelta: stopping.at('min_delta').number(),
    restoreBestWeights: stopping.at('restore_best_weights').flag(),
  };
}

function readCheckpoint(checkpoint: Reader): TrainSection['checkpoint'] {
  if (checkpoint.is('none') || !checkpoint.at('save_best_only').flag()) return null;
  return { monitor: checkpoint.at('monitor').word('val_loss', 'val_accuracy') };
}

function readFineTune(fineTune: Reader): TrainSection['fineTune'] {
  if (fineTune.is('none')) return null;
  return {
    unfreezeFrom: fineTune.at('unfreeze_from').text(),
    epochs: fineTune.at('epochs').number(),
    learningRate: fineTune.at('learning_rate').number(),
  };
}

export function readQuantize(quantize: Reader): QuantizeSection {
  const calibration = quantize.at('calibration');
  return {
    calibration: {
      samples: calibration.at('samples').number(),
      method: calibration.at('method').word('minmax', 'percentile', 'mse', 'kl', 'nncase-0.1', 'auto'),
      percentile: calibration.at('percentile').number(),
    },
    weightRounding: quantize.at('weight_rounding').word('nearest', 'search'),
    channelScales: quantize.at('channel_scales').is('auto') ? 'auto' : quantize.at('channel_scales').flag(),
    biasCorrection: quantize.at('bias_correction').flag(),
    dense: quantize.at('dense').word('auto', 'cpu', 'kpu', 'kpu-all'),
    awareTraining: readAwareTraining(quantize.at('aware_training')),
  };
}

function readAwareTraining(aware: Reader): QuantizeSection['awareTraining'] {
  if (aware.is('none')) return null;
  const from = aware.at('unfreeze_from');
  return {
    unfreezeFrom: from.is('head') ? null : from.text(),
    epochs: aware.at('epochs').number(),
    learningRate: aware.at('learning_rate').number(),
  };
}
