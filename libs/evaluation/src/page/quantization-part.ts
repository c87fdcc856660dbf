import { escapeHtml, htmlTable } from '@graft/foundation';
import { percent } from '../format';
import type { DenseFacts, DenseFormFacts, LayerLoss, QuantizationFacts, TrainedAware } from '../quantization-facts';
import { svgNumber } from '../svg';

/** What 8 bits cost, layer by layer, and what was tried. */
export function quantizationPart({ layers, candidates, dense, awareTraining }: QuantizationFacts): string {
  const columns = [
    'layer',
    { number: 'signal to noise' },
    'values',
    { number: 'seen' },
    { number: 'bytes cover' },
    { number: 'clipped' },
    { number: 'weight steps' },
    { number: 'dead channels' },
    { number: 'bias moved, steps' },
  ];
  const caption =
    'Measured on calibration pictures. The bars are the values after activation from the smallest to the largest seen, by square roots; a step is one of 256 that the output bytes have.';
  return [
    htmlTable({ caption, columns, rows: layers.map(layerRow) }),
    ...(candidates.length === 0 ? [] : [triedTable(candidates)]),
    ...(dense === null ? [] : [denseTable(dense)]),
    ...(awareTraining === null ? [] : [awareTable(awareTraining)]),
  ].join('\n');
}

function layerRow(layer: LayerLoss): string[] {
  const { smallest, largest, deadChannels } = layer.weightScales;
  return [
    escapeHtml(layer.name),
    layer.snrDb === null ? 'exact' : `${layer.snrDb.toFixed(1)} dB`,
    histogram(layer),
    range(layer.observed),
    range(layer.range),
    `${(100 * layer.saturatedShare).toFixed(3)} %`,
    `${smallest.toExponential(1)} … ${largest.toExponential(1)}`,
    String(deadChannels),
    `${layer.biasCorrection.mean.toFixed(2)} (${layer.biasCorrection.largest.toFixed(1)})`,
  ];
}

const range = ({ min, max }: LayerLoss['range']): string => `${min.toFixed(2)} … ${max.toFixed(2)}`;

const BAR = 4;
const HEIGHT = 20;

function histogram({ name, histogram: shares }: LayerLoss): string {
  const highest = shares.reduce((a, b) => Math.max(a, b), 0) || 1;
  const path = shares.map((share, index) => {
    const height = Math.max(1, HEIGHT * Math.sqrt(share / highest));
    return `M${index * BAR} ${HEIGHT}v-${svgNumber(height)}h${BAR - 1}v${svgNumber(height)}z`;
  });
  const width = shares.length * BAR;
  return `<svg class="bars" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${escapeHtml(`values of ${name}`)}"><path d="${path.join('')}"/></svg>`;
}

/** The row that was taken says so in words. */
const chosenName = (name: string, chosen: boolean): string =>
  chosen ? `<strong>${escapeHtml(name)}</strong> (chosen)` : escapeHtml(name);

function triedTable(candidates: QuantizationFacts['candidates']): string {
  return htmlTable({
    caption: 'Recipes that were tried on calibration pictures',
    columns: [
      'recipe',
      { number: 'float accuracy' },
      { number: 'device accuracy' },
      { number: 'logit error' },
      { number: 'pictures' },
    ],
    rows: candidates.map(({ name, chosen, floatAccuracy, deviceAccuracy, logitError, pictures }) => [
      chosenName(name, chosen),
      percent(floatAccuracy),
      percent(deviceAccuracy),
      logitError.toFixed(4),
      String(pictures),
    ]),
  });
}

function denseTable({ layers, pictures, cpu, kpu, difference, chosen }: DenseFacts): string {
  const row = (form: 'cpu' | 'kpu', name: string, { accuracy, logitError, flips }: DenseFormFacts) => [
    chosenName(name, form === chosen),
    percent(accuracy),
    logitError.toFixed(4),
    `${flips} of ${pictures}`,
  ];
  return htmlTable({
    caption: `Dense layers (${layers.join(', ')}) in 8 bits and as floats; both differ by ${percent(difference)} of the spread of the values before softmax`,
    columns: ['form', { number: 'accuracy' }, { number: 'logit error' }, { number: 'other answers than float' }],
    rows: [row('kpu', 'KPU, 8 bits', kpu), row('cpu', 'CPU, float32', cpu)],
  });
}

function awareTable({ pictures, validationPictures, before, epochs, kept }: TrainedAware): string {
  return htmlTable({
    caption: `Training in 8 bits on ${pictures} calibration pictures, judged by ${validationPictures} of validation. The table of layers tells of the network before.`,
    columns: ['epoch', { number: 'device accuracy' }, { number: 'loss' }],
    rows: [
      [chosenName('before', kept === null), percent(before), ''],
      ...epochs.map(({ epoch, loss, deviceAccuracy }) => [
        chosenName(String(epoch), epoch === kept),
        percent(deviceAccuracy),
        loss.toFixed(4),
      ]),
    ],
  });
}

export const QUANTIZATION_STYLE = `
.bars { display: block; max-width: none; }
.bars path { fill: var(--first); }
`;
