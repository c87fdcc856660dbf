import { escapeHtml, htmlTable } from '@graft/foundation';
import type { CutFacts } from '../cut-facts';
import { thresholdRows, thresholdText } from '../describe-threshold';
import { bytesText, msText, percent } from '../format';
import { healthRows, straddlingText } from '../health-facts';
import type { Calibration } from '../calibration';
import type { Metrics } from '../metrics';
import type { UnknownThreshold } from '../unknown-threshold';
import type { PageFacts } from './page-facts';
import { maybePercent, paragraph } from './page-parts';

export function classesPart({ float, device }: Metrics): string {
  return htmlTable({
    caption:
      'Precision: right ones among those answered so. Recall: right ones among those shown. F1: their harmonic mean.',
    columns: [
      'class',
      ...['pictures', 'precision', 'recall', 'F1', 'precision, float', 'recall, float', 'F1, float'].map((number) => ({
        number,
      })),
    ],
    rows: device.perClass.map((one, index) => {
      const other = float.perClass[index];
      const shares = [one.precision, one.recall, one.f1, other.precision, other.recall, other.f1];
      return [escapeHtml(one.name), String(one.support), ...shares.map(maybePercent)];
    }),
  });
}

export function calibrationTable({ float, device }: Metrics): string {
  const cells = ({ bins }: Calibration, index: number) => {
    const { count, confidence, accuracy } = bins[index];
    return [String(count), maybePercent(confidence), maybePercent(accuracy)];
  };
  const rows = device.calibration.bins.flatMap(({ low, high, count }, index) =>
    count + float.calibration.bins[index].count === 0
      ? []
      : [
          [
            `${Math.round(100 * low)} % to ${Math.round(100 * high)} %`,
            ...cells(device.calibration, index),
            ...cells(float.calibration, index),
          ],
        ],
  );
  const columns = ['pictures', 'sure', 'right', 'pictures, float', 'sure, float', 'right, float'];
  return htmlTable({
    caption: 'The same in numbers: answers by the probability that they give themselves',
    columns: ['probability', ...columns.map((number) => ({ number }))],
    rows,
  });
}

export function cutsPart({ cuts, pictures, trials }: CutFacts): string {
  return htmlTable({
    caption: `Linear probes on the map at each cut that fits the board, cross-validated on ${pictures} training pictures (which count as ${Number(trials.toFixed(1))} independent ones). Intervals are one standard error; the smallest network inside that of the best is chosen.`,
    columns: [
      'cut',
      { number: 'accuracy' },
      { number: 'interval' },
      { number: 'kmodel' },
      { number: 'on the chip, estimated' },
    ],
    rows: cuts.map(({ output, chosen, accuracy, low, high, kmodelBytes, estimatedMs }) => [
      chosen ? `<strong>${escapeHtml(output)}</strong> (chosen)` : escapeHtml(output),
      percent(accuracy),
      `${percent(low)} to ${percent(high)}`,
      `${(kmodelBytes / 1024).toFixed(1)} KiB`,
      msText(estimatedMs),
    ]),
  });
}

export function thresholdPart(found: UnknownThreshold): string {
  return htmlTable({
    caption: `Where the largest probability on the chip is below ${thresholdText(found.threshold)}, the answer is "none of these".`,
    columns: ['share', { number: 'value' }, { number: 'interval' }],
    rows: thresholdRows(found).map(([what, share, range]) => [
      escapeHtml(what),
      share,
      range.replace(/^.*interval /, ''),
    ]),
  });
}

export function healthPart({ health, split }: Pick<PageFacts, 'health' | 'split'>): string {
  const classes = htmlTable({
    caption: 'Pictures of each class; animations give several, and copies are left out',
    columns: ['class', ...['fetched', 'kept', 'training', 'validation', 'test'].map((number) => ({ number }))],
    rows: health.classes.map(({ label, fetched, kept }) => {
      const sides = split.find((one) => one.label === label) ?? { train: 0, validation: 0, test: 0 };
      return [escapeHtml(label), ...[fetched, kept, sides.train, sides.validation, sides.test].map(String)];
    }),
  });
  const found = healthRows(health).map(({ check, action, named, leftOut }) => [
    `<code>${escapeHtml(check)}</code>`,
    String(named),
    String(leftOut),
    escapeHtml(action),
  ]);
  const findings =
    found.length === 0
      ? paragraph('The checks found nothing.')
      : htmlTable({
          caption: 'What the checks found; out/check/check.html shows the pictures',
          columns: ['check', { number: 'pictures named' }, { number: 'left out' }, 'dataset.checks says'],
          rows: found,
        });
  const straddling = straddlingText(health);
  return [classes, findings, ...(straddling === null ? [] : [`<p class="note">${straddling}</p>`])].join('\n');
}

export function provenancePart({ provenance: { model, settingsSha256, lockSha256, tools } }: PageFacts): string {
  const rows = [
    ['model', `<code>${escapeHtml(model.sha256)}</code>`],
    ['its size', escapeHtml(bytesText(model.bytes))],
    ['settings that shape it', `<code>${escapeHtml(settingsSha256)}</code>`],
    ['lock of pictures and weights', `<code>${escapeHtml(lockSha256)}</code>`],
    ...Object.entries(tools).map(([name, version]) => [escapeHtml(name), `<code>${escapeHtml(version)}</code>`]),
  ];
  return htmlTable({
    caption: 'SHA-256 digests, and versions of the tools that made the model',
    columns: ['what', 'which'],
    rows,
  });
}
