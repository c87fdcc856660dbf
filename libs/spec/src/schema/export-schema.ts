import { EXPORT_FORMATS, EXPORT_VARIANTS } from '../experiment';
import { choice, flag, list, quantity, section } from './kit';

const KIBIBYTE = 1024;

/** The stages that write the network in other formats. */
const EXPORTS = ['export-onnx', 'export-tfjs', 'export-tflite', 'export-keras'];

const variants = (stage: string) =>
  list(
    {
      description:
        'Which files: float32, the network as it was trained; int8, the 8-bit network that also becomes the kmodel.',
      default: EXPORT_VARIANTS,
      examples: [['float32']],
      wakes: [stage],
    },
    choice({ description: 'A variant.' }, EXPORT_VARIANTS),
    { minItems: 1 },
  );

export const exportSchema = section(
  { description: 'The files that are made.', wakes: EXPORTS },
  {
    formats: list(
      {
        description:
          'What the target export makes. Each format also has a target of its own, export-onnx for instance, which makes it whatever stands here.',
        default: ['kmodel'],
        examples: [['kmodel', 'onnx', 'tfjs']],
        wakes: [],
      },
      choice({ description: 'A format.' }, EXPORT_FORMATS),
      { minItems: 1 },
    ),
    kmodel: section(
      { description: 'The model file for the K210.' },
      {
        version: choice(
          { description: 'Version of the format; every MaixPy firmware loads 3.', default: 3, wakes: ['compile'] },
          [3],
        ),
      },
    ),
    onnx: section({ description: 'The files for ONNX runtimes.' }, { variants: variants('export-onnx') }),
    tfjs: section(
      { description: 'The layers model for TensorFlow.js, in float32.' },
      {
        shard_size: quantity(
          {
            description: 'No weights file is larger; browsers cache small files better.',
            default: '4 MiB',
            examples: ['1 MiB'],
            wakes: ['export-tfjs'],
          },
          { kind: 'bytes', minimum: 64 * KIBIBYTE, maximum: KIBIBYTE ** 3 },
        ),
      },
    ),
    tflite: section(
      { description: 'The files for TFLite (LiteRT) and its microcontroller runtimes.' },
      { variants: variants('export-tflite') },
    ),
    embed_provenance: flag({
      description:
        'Whether files of other formats than kmodel carry digests of the network, the settings and the lock, and the tools that they were made with. Without, another tool or lock that makes the same network leaves them as they are.',
      default: true,
    }),
  },
);
