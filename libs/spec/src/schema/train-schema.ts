import { BACKBONE_LAYERS } from './backbone';
import { choice, decimal, either, flag, integer, quantity, section, table } from './kit';

const EARLY_STOPPING = { monitor: 'val_loss', patience: 6, min_delta: 0.001, restore_best_weights: true };
const CHECKPOINT = { monitor: 'val_loss', save_best_only: true };
const MONITORS = ['val_loss', 'val_accuracy'];
const LARGEST = 1000;

const adam = section(
  { description: 'Adam.' },
  {
    name: { description: 'Adam.', const: 'adam' },
    beta_1: decimal(
      { description: 'Decay of the mean of gradients.', default: 0.9, examples: [0.95] },
      { minimum: 0, maximum: 0.999999 },
    ),
    beta_2: decimal(
      { description: 'Decay of the mean of squared gradients.', default: 0.999, examples: [0.99] },
      { minimum: 0, maximum: 0.999999 },
    ),
    epsilon: decimal(
      { description: 'Keeps the division away from zero.', default: 1e-7, examples: [1e-8] },
      { exclusiveMinimum: 0, maximum: 1 },
    ),
  },
  ['name'],
);

const sgd = section(
  { description: 'Stochastic gradient descent.' },
  {
    name: { description: 'Stochastic gradient descent.', const: 'sgd' },
    momentum: decimal(
      { description: 'Share of the last step that is kept.', default: 0.9, examples: [0.5] },
      { minimum: 0, maximum: 0.999999 },
    ),
    nesterov: flag({ description: 'Whether the gradient is taken where the momentum leads.', default: false }),
  },
  ['name'],
);

const ridge = section(
  { description: 'Ridge regression.' },
  {
    name: { description: 'Ridge regression.', const: 'ridge' },
    penalty: decimal(
      {
        description: 'How much large weights cost, beside the mean square error on standardized features.',
        default: 0.1,
        examples: [0.3],
      },
      { exclusiveMinimum: 0, maximum: 1000 },
    ),
  },
  ['name'],
);

const constantRate = section(
  { description: 'The rate stays.' },
  { name: { description: 'The rate stays.', const: 'constant' } },
  ['name'],
);

const cosineRate = section(
  { description: 'The rate comes down to 0 along a cosine.' },
  { name: { description: 'The rate comes down to 0 along a cosine.', const: 'cosine' } },
  ['name'],
);

const factor = (byDefault: number) =>
  decimal(
    { description: 'What the rate is multiplied by.', default: byDefault, examples: [0.5] },
    { exclusiveMinimum: 0, maximum: 1 },
  );

const stepRate = section(
  { description: 'The rate is lowered at fixed epochs.' },
  {
    name: { description: 'The rate is lowered at fixed epochs.', const: 'step' },
    every: integer(
      { description: 'Epochs from one step to the next.', default: 10, examples: [5] },
      { minimum: 1, maximum: 10_000 },
    ),
    factor: factor(0.1),
  },
  ['name'],
);

const plateauRate = section(
  { description: 'The rate is lowered where the validation loss no longer falls.' },
  {
    name: { description: 'The rate is lowered where the validation loss no longer falls.', const: 'plateau' },
    patience: integer(
      { description: 'Epochs without progress before the rate is lowered.', default: 3, examples: [5] },
      { minimum: 1, maximum: 10_000 },
    ),
    factor: factor(0.2),
  },
  ['name'],
);

const earlyStopping = section(
  { description: 'When training ends before its last epoch.' },
  {
    monitor: choice({ description: 'The figure to watch.', default: EARLY_STOPPING.monitor }, MONITORS),
    patience: integer(
      {
        description: 'Epochs without progress before training ends.',
        default: EARLY_STOPPING.patience,
        examples: [10],
      },
      { minimum: 1, maximum: 10_000 },
    ),
    min_delta: decimal(
      { description: 'Less than this is no progress.', default: EARLY_STOPPING.min_delta, examples: [0.01] },
      { minimum: 0, maximum: LARGEST },
    ),
    restore_best_weights: flag({
      description: 'Whether the weights of the best epoch come back.',
      default: EARLY_STOPPING.restore_best_weights,
    }),
  },
);

const checkpoint = section(
  { description: 'Which epoch is kept.' },
  {
    monitor: choice({ description: 'The figure that decides.', default: CHECKPOINT.monitor }, MONITORS),
    save_best_only: flag({
      description: 'true keeps the best epoch, false the last one.',
      default: CHECKPOINT.save_best_only,
    }),
  },
);

const off = choice({ description: 'Turned off.' }, ['none']);

const fineTune = section(
  { description: 'A second phase.' },
  {
    unfreeze_from: choice(
      { description: 'The first layer that learns in it, by its Keras name.', examples: ['conv_dw_6', 'conv_pw_7'] },
      BACKBONE_LAYERS,
    ),
    epochs: integer(
      { description: 'Most rounds of the second phase.', default: 10, examples: [5] },
      { minimum: 1, maximum: 10_000 },
    ),
    learning_rate: decimal(
      {
        description: 'Size of a step in the second phase; small, so that the weights do not forget.',
        default: 0.0001,
        examples: [0.00001],
      },
      { exclusiveMinimum: 0, maximum: 10 },
    ),
  },
  ['unfreeze_from'],
);

export const trainSchema = section(
  { description: 'How the network learns.', wakes: ['train'] },
  {
    epochs: integer(
      {
        description: 'Most rounds over the training pictures; early stopping may end sooner.',
        default: 30,
        examples: [10],
      },
      { minimum: 1, maximum: 10_000 },
    ),
    batch_size: integer(
      { description: 'Pictures per step.', default: 32, examples: [16] },
      { minimum: 1, maximum: 4096 },
    ),
    optimizer: either(
      {
        description:
          'The rule for a step; or ridge, which has no steps: it solves for the best last layer on a frozen backbone, in closed form, and leaves all that is about epochs and steps aside. The long form sets parameters and replaces an inherited one as a whole.',
        default: 'adam',
        examples: ['sgd', { name: 'sgd', momentum: 0.5, nesterov: true }, 'ridge'],
      },
      choice({ description: 'With its usual parameters.' }, ['adam', 'sgd', 'ridge']),
      adam,
      sgd,
      ridge,
    ),
    learning_rate: decimal(
      { description: 'Size of a step.', default: 0.001, examples: [0.0001] },
      { exclusiveMinimum: 0, maximum: 10 },
    ),
    lr_schedule: either(
      {
        description:
          'How the learning rate changes: not at all, down to 0 along a cosine over all epochs, by a factor every few epochs (step), or by a factor where the validation loss no longer falls (plateau).',
        default: 'constant',
        examples: ['cosine', { name: 'step', every: 5, factor: 0.5 }, { name: 'plateau', patience: 5 }],
      },
      choice({ description: 'With its usual parameters.' }, ['constant', 'cosine', 'step', 'plateau']),
      constantRate,
      cosineRate,
      stepRate,
      plateauRate,
    ),
    warmup_epochs: integer(
      {
        description: 'Epochs over which the learning rate rises to its full size, before the schedule begins.',
        default: 0,
        examples: [2],
      },
      { minimum: 0, maximum: 9_999 },
    ),
    label_smoothing: quantity(
      {
        description: 'Share of certainty taken from the right class and spread over all.',
        default: 0,
        examples: [0.05, '5%'],
      },
      { kind: 'share', minimum: 0, maximum: 0.5 },
    ),
    weight_decay: decimal(
      {
        description:
          'The share of every kernel, times the learning rate, that each step takes away (decoupled, as in Keras; biases and batch norms keep theirs).',
        default: 0,
        examples: [0.0001],
      },
      { minimum: 0, maximum: 1 },
    ),
    class_weights: either(
      {
        description:
          'How much a picture of each class counts: so that all classes weigh the same, all pictures the same, or by class name.',
        default: 'balanced',
        examples: ['none', { pikachu: 1.5 }],
      },
      choice({ description: 'A rule.' }, ['balanced', 'none']),
      table(
        { description: 'Class name to factor; 1 where not given.' },
        decimal({ description: 'Factor of the loss.' }, { exclusiveMinimum: 0, maximum: LARGEST }),
      ),
    ),
    fine_tune: either(
      {
        description:
          'After the head has settled, train once more with fewer layers frozen; what was best before stays unless an epoch of this phase is better.',
        default: 'none',
        examples: [{ unfreeze_from: 'conv_dw_7', epochs: 5 }],
      },
      off,
      fineTune,
    ),
    callbacks: section(
      { description: 'What happens between epochs.' },
      {
        early_stopping: either(
          {
            description: 'End training when it no longer gets better.',
            default: EARLY_STOPPING,
            examples: [{ patience: 10 }, 'none'],
          },
          off,
          earlyStopping,
        ),
        checkpoint: either(
          {
            description: 'Keep the best epoch instead of the last.',
            default: CHECKPOINT,
            examples: [{ monitor: 'val_accuracy' }, 'none'],
          },
          off,
          checkpoint,
        ),
      },
    ),
  },
);

const awareTraining = section(
  { description: 'A short training of the 8-bit network.' },
  {
    unfreeze_from: choice(
      {
        description: 'The first layer that learns, by its Keras name; head: the layers behind the convolutions alone.',
        default: 'head',
        examples: ['conv_dw_7'],
      },
      ['head', ...BACKBONE_LAYERS],
    ),
    epochs: integer(
      { description: 'Rounds over the calibration pictures.', default: 5, examples: [10] },
      { minimum: 1, maximum: 10_000 },
    ),
    learning_rate: decimal(
      {
        description: 'Size of a first step, as a share of the widest weight; comes down to 0 along a cosine.',
        default: 0.0003,
        examples: [0.0001],
      },
      { exclusiveMinimum: 0, maximum: 1 },
    ),
  },
);

export const quantizeSchema = section(
  { description: 'How the trained network becomes 8-bit numbers.', wakes: ['quantize'] },
  {
    calibration: section(
      { description: 'Training pictures that show which ranges occur.' },
      {
        samples: integer(
          { description: 'Number of training pictures.', default: 64, examples: [128] },
          { minimum: 1, maximum: 10_000 },
        ),
        method: choice(
          {
            description:
              'Range of each feature map: all that occurs, without rare extremes, with the least squared error (mse), or with the least loss of information (kl). nncase-0.1 is the whole recipe of that compiler, for comparison: its ranges and weights, without bias correction. auto tries recipes, weight_rounding and channel_scales among them, and keeps the one that loses least on calibration pictures.',
            default: 'minmax',
          },
          ['minmax', 'percentile', 'mse', 'kl', 'nncase-0.1', 'auto'],
        ),
        percentile: decimal(
          {
            description: 'Share of the values inside the range, in percent; for method percentile.',
            default: 99.99,
            examples: [99.9],
          },
          { exclusiveMinimum: 50, maximum: 100 },
        ),
      },
    ),
    weight_rounding: choice(
      {
        description:
          'Round every weight to its nearest step, or search for the roundings with which the output of each layer is closest to the trained network.',
        default: 'search',
      },
      ['nearest', 'search'],
    ),
    channel_scales: either(
      {
        description:
          'Whether each channel of a ReLU layer gets a scale of its own, so that quiet channels use all 256 bytes as well. auto: in layers where one scale for all channels would cost them more than two of eight bits in the mean, by the peaks of calibration pictures.',
        default: 'auto',
        examples: [true],
      },
      choice({ description: 'In layers with uneven channels.' }, ['auto']),
      flag({ description: 'In every such layer, or in none.' }),
    ),
    bias_correction: flag({
      description:
        'Whether the shift that rounding gives each channel is taken back; it removes about two thirds of the error.',
      default: true,
    }),
    dense: choice(
      {
        description:
          'Where dense layers run: all on the CPU in floats (4 bytes a weight), the hidden ones on the KPU in 8 bits (kpu), or every one there (kpu-all). auto moves hidden layers to the KPU when they have more than 65,536 weights together or when the model fits only so, and back when 8 bits lose too much on calibration pictures and floats fit.',
        default: 'auto',
      },
      ['auto', 'cpu', 'kpu', 'kpu-all'],
    ),
    aware_training: either(
      {
        description:
          'Train the 8-bit network a little in the arithmetic of the chip, to answer as the trained network does. What it learns is kept only where the chip then gets more validation pictures right.',
        default: 'none',
        examples: [{ unfreeze_from: 'conv_dw_7' }],
      },
      off,
      awareTraining,
    ),
  },
);
