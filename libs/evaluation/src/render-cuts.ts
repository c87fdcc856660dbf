import type { ComparedCut, CutFacts } from './cut-facts';
import { msText, percent } from './format';
import { escapeMarkdown, table } from './markdown';

/** The section of the report about where the backbone ends; none where nothing was compared. */
export function cutSection(facts: CutFacts | undefined): string[] {
  if (facts === undefined || facts.cuts.length === 0) return [];
  const { cuts, pictures, trials } = facts;
  return [
    '## Where the backbone ends',
    `Linear probes on the mean of the map at each cut that fits the board, cross-validated on ${pictures} training pictures ` +
      `(which count as ${Number(trials.toFixed(1))} independent ones). Intervals are one standard error; the smallest network ` +
      'inside that of the best is **chosen**.',
    table(['cut', 'accuracy', 'interval', 'kmodel', 'on the chip (estimated)'], cuts.map(rowOf)),
  ];
}

function rowOf({ output, accuracy, low, high, kmodelBytes, estimatedMs, chosen }: ComparedCut): string[] {
  const name = escapeMarkdown(output);
  return [
    chosen ? `**${name}**` : name,
    percent(accuracy),
    `${percent(low)} to ${percent(high)}`,
    `${(kmodelBytes / 1024).toFixed(1)} KB`,
    msText(estimatedMs),
  ];
}
