import { EXPORT_FORMATS } from '../experiment';
import { choice, flag, list, quantity, section } from './kit';

const KIBIBYTE = 1024;

/** The stages that write the network in other formats. */
const EXPORTS = ['export-tfjs'];

export const exportSchema = section(
  { description: 'The files that are made.', wakes: EXPORTS },
  {
    formats: list(
      {
        description:
          'What the target export makes. Each format also has a target of its own, export-onnx for instance, which makes it whatever stands here.',
        default: ['kmodel'],
        examples: [['kmodel', 'tfjs']],
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
    embed_provenance: flag({
      description:
        'Whether files of other formats than kmodel carry digests of the network, the settings and the lock, and the tools that they were made with. Without, another tool or lock that makes the same network leaves them as they are.',
      default: true,
    }),
  },
);
