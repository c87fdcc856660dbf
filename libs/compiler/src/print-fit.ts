import { KPU } from '@graft/k210';

import type { FitReport } from './check-fit';
import type { DenseChoice } from './choose-dense';
import { formatBytes, formatMebibytes } from './format-bytes';
import { printTable } from './print-table';
import { printTime } from './print-time';

/** A table of the layers, the sums under it, and what does not fit. */
export function printFit(report: FitReport): string {
  return `${printFitTable(report)}${report.findings.map((finding) => `\n${findingText(finding)}`).join('')}`;
}

const HEADINGS = [
  'layer',
  'output',
  'KPU lines',
  'KPU RAM',
  'weight loads',
  'million MACs',
  'in the file',
  'ms (estimated)',
];

/** Lines of KPU RAM and their bytes are given as input + output. */
export function printFitTable(report: FitReport): string {
  const rows = report.layers.map((layer) => [
    layer.name,
    layer.output,
    layer.inputLines === 0 ? '' : `${layer.inputLines} + ${layer.outputLines}`,
    layer.inputLines === 0 ? '' : `${linesText(layer.inputLines)} + ${linesText(layer.outputLines)}`,
    layer.weightLoads === 0 ? '' : String(layer.weightLoads),
    layer.macs === 0 ? '' : (layer.macs / 1e6).toFixed(2),
    formatBytes(layer.bytes),
    layer.ms.toFixed(3),
  ]);
  return `${printTable(HEADINGS, rows)}\n${sums(report)}`;
}

function linesText(lines: number): string {
  return formatBytes(lines * KPU.lineBytes);
}

function sums(report: FitReport): string {
  const { kmodelBytes, mainMemoryBytes, reservedBytes, neededBytes, availableBytes, kpuPeakLines, macs } = report;
  const share = ((100 * kpuPeakLines) / KPU.lines).toFixed(0);
  return [
    `kmodel           ${formatMebibytes(kmodelBytes)} (${kmodelBytes} bytes)`,
    `main memory      ${formatMebibytes(mainMemoryBytes)}`,
    `camera, screen   ${formatMebibytes(reservedBytes)}`,
    `needed           ${formatMebibytes(neededBytes)} of ${formatMebibytes(availableBytes)} on ${report.device} with firmware "${report.firmware}"`,
    `KPU RAM          ${kpuPeakLines} of ${KPU.lines} lines (${share} %)`,
    ...denseText(report.dense),
    `work             ${(macs / 1e6).toFixed(0)} million MACs a picture`,
    `time             ${printTime(report.time)}`,
    report.fits ? 'It fits.\n' : 'It does not fit.\n',
  ].join('\n');
}

const REASONS: Readonly<Record<DenseChoice['reason'], string>> = {
  asked: 'as quantize.dense asks',
  'many weights': 'too many weights for floats',
  'few weights': 'few weights',
  'only this fits': 'only so it fits',
  'limits of the KPU': 'the KPU cannot run them',
};

/** Nothing where there are no hidden layers to place. */
function denseText({ onKpu, hidden, hiddenWeights, reason }: DenseChoice): string[] {
  if (hidden === 0 && onKpu === 0) return [];
  const place = onKpu === 0 ? 'CPU, float' : onKpu > hidden ? 'KPU, 8 bits, the last one as well' : 'KPU, 8 bits';
  return [`dense layers     ${place}: ${hiddenWeights} hidden weights, ${REASONS[reason]}`];
}

function findingText({ code, keyPath, message, note, hint }: FitReport['findings'][number]): string {
  const last = hint === '' ? '' : `  hint: ${hint}\n`;
  return `error[${code}] ${message}\n  ${keyPath}: ${note}\n${last}`;
}
