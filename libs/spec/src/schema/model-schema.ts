import { OUTPUTS } from './backbone';
import { A_PATH, packageKeys } from './dataset-schema';
import { choice, either, flag, integer, list, quantity, section, text } from './kit';

export const ALPHAS = [0.25, 0.5, 0.75, 1] as const;

const dense = section(
  { description: 'A dense layer.' },
  {
    dense: integer({ description: 'Number of units.', examples: [100] }, { minimum: 1, maximum: 4096 }),
    activation: choice({ description: 'What follows the layer; leaky_relu has slope 0.3 below 0.', default: 'relu' }, [
      'linear',
      'relu',
      'relu6',
      'leaky_relu',
      'sigmoid',
      'tanh',
    ]),
  },
  ['dense'],
);

const dropout = section(
  { description: 'A dropout layer; it works in training only.' },
  {
    dropout: quantity(
      { description: 'Share of the values set to zero.', examples: [0.5, '20%'] },
      { kind: 'share', minimum: 0, maximum: 0.95 },
    ),
  },
  ['dropout'],
);

const npmWeights = section(
  { description: 'The trunk of an SSD MobileNet v1 inside an npm package: 8-bit weights and a manifest.' },
  {
    npm: packageKeys.name,
    version: packageKeys.version,
    integrity: packageKeys.integrity,
    manifest: text(
      {
        description: 'Path of the weights manifest inside the package.',
        examples: ['model/ssd_mobilenetv1_model-weights_manifest.json'],
      },
      { pattern: '^(?!/)(?!.*\\.\\.)[^\\\\]+\\.json$', looks: 'the path of a .json file inside the package' },
    ),
  },
  ['npm', 'version', 'integrity', 'manifest'],
);

const weightsOnDisk = section(
  { description: 'Weights from a file: the trunk of a MobileNet v1, of yours or of somebody else.' },
  {
    path: text(
      {
        description:
          'An ONNX file, or the folder of a TensorFlow.js layers model (model.json), relative to the experiment file it is written in. Layers are found by their form, whatever they are called.',
        examples: ['./weights/mobilenet.onnx', './weights/tfjs'],
      },
      A_PATH,
    ),
  },
  ['path'],
);

export const modelSchema = section(
  {
    description: 'The network: MobileNet v1 with the padding of the KPU, cut where you say, and a new head.',
    wakes: ['train'],
  },
  {
    backbone: choice({ description: 'The pretrained part.', default: 'mobilenet_v1' }, ['mobilenet_v1']),
    alpha: choice(
      {
        description: 'Width of the network. The default weights have 1.0 only; imagenet has all of them.',
        default: 1,
        wakes: ['fetch', 'probe', 'train'],
      },
      ALPHAS,
    ),
    weights: either(
      {
        description:
          'What the backbone starts from: default (an npm package, alpha 1.0), imagenet (from the internet, all alphas), none (random numbers), an npm package of yours, or a file (ONNX, TensorFlow.js).',
        default: 'default',
        examples: ['imagenet', 'none'],
        wakes: ['fetch', 'probe', 'train'],
      },
      choice({ description: 'Weights by name.' }, ['default', 'imagenet', 'none']),
      npmWeights,
      weightsOnDisk,
    ),
    output: choice(
      {
        description:
          'Keras name of the last backbone layer kept; earlier means smaller, faster, and often better on few pictures. auto: the stage probe compares all that fit the board on training pictures, and takes the smallest within one standard error of the best.',
        default: 'auto',
        wakes: ['probe'],
      },
      ['auto', ...OUTPUTS],
    ),
    pooling: choice(
      {
        description:
          'How the last map becomes one vector: avg takes the mean of each channel, avg_max its mean and its maximum (twice as many values for the head; also where cuts are compared).',
        default: 'avg',
        wakes: ['probe', 'train'],
      },
      ['avg', 'avg_max'],
    ),
    head: list(
      {
        description:
          'Layers between the pooled features and the output; a dense layer with softmax over the classes is added for you.',
        default: [],
        examples: [[{ dense: 100, activation: 'relu' }, { dropout: 0.5 }]],
      },
      either({ description: 'One layer of the head.' }, dense, dropout),
      { maxItems: 20 },
    ),
    freeze: either(
      {
        description:
          "What does not learn: the whole backbone, nothing, or the first layers counted as today's Keras counts them (the input layer is the first).",
        default: 'backbone',
        examples: [{ first: 20 }, 'none'],
      },
      choice({ description: 'All or nothing.' }, ['backbone', 'none']),
      section(
        { description: 'A number of layers.' },
        {
          first: integer(
            { description: 'How many layers, from the input on, do not learn.', examples: [20] },
            { minimum: 1, maximum: 86 },
          ),
        },
        ['first'],
      ),
    ),
    freeze_batch_norm: flag({
      description: 'Whether batch norms above the frozen part keep their statistics; right for few pictures.',
      default: true,
    }),
  },
);
