import type { LayerStatistics } from './layer-statistics';

const HEADINGS = ['layer', 'range', 'clipped', 'weight steps', 'dead', 'bias moved', 'activation', 'SNR'];

/** A table, one line per convolution. Bias movements are in output steps. */
export function printLayerStatistics(layers: readonly LayerStatistics[]): string {
  const rows = [HEADINGS, ...layers.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function rowOf(layer: LayerStatistics): string[] {
  const { smallest, largest, deadChannels } = layer.weightScales;
  return [
    layer.name,
    `${layer.range.min.toFixed(3)} … ${layer.range.max.toFixed(3)}`,
    `${(100 * layer.saturatedShare).toFixed(3)} %`,
    `${smallest.toExponential(1)} … ${largest.toExponential(1)}`,
    String(deadChannels),
    `${layer.biasCorrection.mean.toFixed(2)} (max ${layer.biasCorrection.largest.toFixed(1)})`,
    `±${layer.activationError.toFixed(2)}`,
    `${layer.snrDb.toFixed(1)} dB`,
  ];
}
