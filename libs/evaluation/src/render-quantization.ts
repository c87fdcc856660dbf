import { percent } from './format';
import { escapeMarkdown, table } from './markdown';
import type { DenseFacts, DenseFormFacts, LayerLoss, QuantizationFacts, TrainedAware } from './quantization-facts';

/** The sections of the report about quantization; none where nothing is known. */
export function quantizationSections(facts: QuantizationFacts | undefined): string[] {
  if (facts === undefined) return [];
  const { layers, candidates, dense, awareTraining } = facts;
  const tried = candidates.map(({ name, pictures, floatAccuracy, deviceAccuracy, logitError, chosen }) => [
    chosen ? `**${escapeMarkdown(name)}**` : escapeMarkdown(name),
    percent(floatAccuracy),
    percent(deviceAccuracy),
    logitError.toFixed(4),
    String(pictures),
  ]);
  return [
    '## What quantization cost, layer by layer',
    'On calibration pictures. The bars are the values after activation, from the smallest to the largest; a step is one of ' +
      '256 that the output bytes have.',
    table(
      [
        'layer',
        'SNR',
        'values',
        'seen',
        'bytes cover',
        'clipped',
        'weight steps',
        'dead channels',
        'bias moved, steps',
      ],
      layers.map(rowOf),
    ),
    ...(tried.length === 0
      ? []
      : [
          '## Recipes that were tried',
          table(['recipe', 'float accuracy', 'device accuracy', 'logit error', 'calibration pictures'], tried),
        ]),
    ...(dense === null ? [] : denseSection(dense)),
    ...(awareTraining === null ? [] : awareSection(awareTraining)),
  ];
}

function denseSection({ layers, pictures, cpu, kpu, difference, chosen }: DenseFacts): string[] {
  const row = (form: 'cpu' | 'kpu', name: string, { accuracy, logitError, flips }: DenseFormFacts) => [
    form === chosen ? `**${name}**` : name,
    percent(accuracy),
    logitError.toFixed(4),
    `${flips} of ${pictures}`,
  ];
  return [
    '## Dense layers in 8 bits and as floats',
    `${layers.map(escapeMarkdown).join(', ')}, behind the same convolutions, on calibration pictures that corrected nothing. ` +
      `Both forms differ by ${percent(difference)} of the spread of the values before softmax.`,
    table(
      ['form', 'accuracy', 'logit error', 'other answers than the float network'],
      [row('kpu', 'KPU, 8 bits', kpu), row('cpu', 'CPU, float32', cpu)],
    ),
  ];
}

function awareSection({ pictures, validationPictures, before, epochs, kept }: TrainedAware): string[] {
  const rows = epochs.map(({ epoch, loss, deviceAccuracy }) => [
    epoch === kept ? `**${epoch}**` : String(epoch),
    percent(deviceAccuracy),
    loss.toFixed(4),
  ]);
  const verdict =
    kept === null ? 'No epoch was better than the network before; that one is kept.' : `Epoch ${kept} is kept.`;
  return [
    '## Training in 8 bits',
    `On ${pictures} calibration pictures, judged by ${validationPictures} of validation. ${verdict} The tables above tell of the ` +
      'network before.',
    table(['epoch', 'device accuracy', 'loss'], [['before', percent(before), ''], ...rows]),
  ];
}

function rowOf(layer: LayerLoss): string[] {
  const { smallest, largest, deadChannels } = layer.weightScales;
  return [
    escapeMarkdown(layer.name),
    layer.snrDb === null ? 'exact' : `${layer.snrDb.toFixed(1)} dB`,
    bars(layer.histogram),
    rangeText(layer.observed),
    rangeText(layer.range),
    `${(100 * layer.saturatedShare).toFixed(3)} %`,
    `${smallest.toExponential(1)} … ${largest.toExponential(1)}`,
    String(deadChannels),
    `${layer.biasCorrection.mean.toFixed(2)} (largest ${layer.biasCorrection.largest.toFixed(1)})`,
  ];
}

const rangeText = ({ min, max }: { min: number; max: number }): string => `${min.toFixed(2)} … ${max.toFixed(2)}`;

const BARS = ' ▁▂▃▄▅▆▇█';

/** One character a part; heights go by the square root, so that rare values are seen beside frequent ones. */
function bars(shares: readonly number[]): string {
  const highest = shares.reduce((a, b) => Math.max(a, b), 0) || 1;
  return `\`${shares.map((share) => BARS[Math.ceil(Math.sqrt(share / highest) * (BARS.length - 1))]).join('')}\``;
}
