import type { FitReport } from './check-fit';
import type { FirmwareFit } from './fits-firmware';
import { formatMebibytes } from './format-bytes';
import { printCuts } from './print-cuts';
import type { CutFit } from './print-cuts';
import { printFitTable } from './print-fit';
import { printTable } from './print-table';
import { formatMs } from './print-time';
import type { NetworkSuggestion } from './suggest-networks';

export interface FitPage {
  /** Those that `model.output: auto` looks at; the report is about one of them. Empty where the experiment names one. */
  readonly cuts: readonly CutFit[];
  readonly report: FitReport;
  readonly firmware: readonly FirmwareFit[];
  readonly suggestions: readonly NetworkSuggestion[];
}

/** Layers, sums, firmware builds and other networks, as a page for people. Findings are the caller's to print. */
export function printFitPage({ cuts, report, firmware, suggestions }: FitPage): string {
  return [
    `${printCuts(cuts)}${printFitTable(report)}`,
    printFirmware(firmware, report.device),
    printSuggestions(suggestions, report.fits),
  ].join('\n');
}

function printFirmware(firmware: readonly FirmwareFit[], device: string): string {
  const rows = firmware.map(({ key, availableBytes, leftBytes, fits, loadsVersion3 }) => [
    key,
    formatMebibytes(availableBytes),
    leftBytes >= 0 ? `${formatMebibytes(leftBytes)} left` : `${formatMebibytes(-leftBytes)} missing`,
    loadsVersion3 ? (fits ? 'fits' : 'does not fit') : 'does not load kmodel v3',
  ]);
  return printTable([`firmware of ${device}`, 'available', 'memory', ''], rows);
}

function printSuggestions(suggestions: readonly NetworkSuggestion[], fits: boolean): string {
  if (suggestions.length === 0) {
    return fits ? 'No change to one key makes it much faster or smaller.\n' : 'No smaller network of this kind fits.\n';
  }
  const rows = suggestions.map(({ change, cost, kmodelBytes, neededBytes, macs, time }) => [
    change,
    formatMebibytes(kmodelBytes),
    formatMebibytes(neededBytes),
    (macs / 1e6).toFixed(0),
    `about ${formatMs(time.totalMs)} (${formatMs(time.lowMs)} to ${formatMs(time.highMs)})`,
    cost,
  ]);
  const title = fits ? 'Faster or smaller' : 'What would fit';
  const headings = ['change', 'kmodel', 'needed', 'million MACs', 'ms (estimated)', 'at the price of'];
  return `${title}, most work kept first (accuracy has to be measured):\n${printTable(headings, rows)}`;
}
