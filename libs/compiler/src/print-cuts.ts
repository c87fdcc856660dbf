import type { FitReport } from './check-fit';
import { formatBytes, formatMebibytes } from './format-bytes';
import { printTable } from './print-table';
import { formatMs } from './print-time';

/** One place where the backbone may end, and how the network stands with the board then. */
export interface CutFit {
  /** Keras name of the last backbone layer kept. */
  readonly output: string;
  /** Null: there is no such network. */
  readonly report: FitReport | null;
  /** Why it is not compared: the code of the first complaint; null where it is. */
  readonly complaint: string | null;
}

/** A table of the cuts among which the pictures will choose; nothing where the experiment names one. */
export function printCuts(cuts: readonly CutFit[]): string {
  if (cuts.length === 0) return '';
  const rows = cuts.map(({ output, report, complaint }) => [
    output,
    report === null ? '' : formatBytes(report.kmodelBytes),
    report === null ? '' : formatMebibytes(report.neededBytes),
    report === null ? '' : formatMs(report.time.totalMs),
    complaint === null ? 'is compared' : `is not: ${complaint}`,
  ]);
  const headings = ['model.output: auto', 'kmodel', 'needed', 'ms (estimated)', ''];
  const largest = cuts.findLast(({ complaint }) => complaint === null);
  const shown =
    largest === undefined ? 'None of them will do; the nearest' : `The largest that is compared, ${largest.output}`;
  return `${printTable(headings, rows)}\n${shown}:\n`;
}
