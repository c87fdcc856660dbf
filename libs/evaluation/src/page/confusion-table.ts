import { escapeHtml, scrolling, tableCaption } from '@graft/foundation';
import type { Answers } from '../metrics';

/** More columns than this get narrow cells and upright names. */
const MOST_WIDE_COLUMNS = 8;
const LEVELS = 5;

/** Counts of pictures, rows by what they show; the darker a cell, the larger its share of the row. */
export function confusionTable(caption: string, { confusion }: Answers, classes: readonly string[]): string {
  const names = classes.map(escapeHtml);
  const dense = classes.length > MOST_WIDE_COLUMNS;
  const heads = names.map((name) => `<th scope="col"><span>${name}</span></th>`);
  const rows = confusion.map((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count, answer) => cell(count, total, truth === answer));
    return `<tr><th scope="row"><span>${names[truth]}</span></th>${cells.join('')}</tr>`;
  });
  return scrolling(
    caption,
    `<table class="confusion${dense ? ' dense' : ''}">
${tableCaption(caption)}
<thead><tr><td class="corner">shows ↓ answer →</td>${heads.join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`,
  );
}

function cell(count: number, total: number, isRight: boolean): string {
  if (count === 0) return `<td class="${isRight ? 'hit ' : ''}none">0</td>`;
  const level = Math.ceil((count / total) * LEVELS);
  return `<td class="${isRight ? 'hit' : 'miss'} level-${level}">${count}</td>`;
}

const levels = (kind: 'hit' | 'miss', colour: string): string =>
  Array.from(
    { length: LEVELS },
    (_, index) =>
      `.confusion .${kind}.level-${index + 1} { background: color-mix(in srgb, var(--${colour}) ${6 + 6 * (index + 1)}%, var(--card)); }`,
  ).join('\n');

export const CONFUSION_STYLE = `
.confusion { border-collapse: separate; border-spacing: 2px; }
.confusion tbody tr + tr > * { border-top: 0; }
.confusion thead th { border: 0; max-width: 10rem; text-align: center; padding: 0.25rem; overflow-wrap: anywhere; min-width: 4.5rem; }
.confusion tbody th { text-align: end; padding: 0.25rem 0.6rem 0.25rem 0; vertical-align: middle; max-width: 12rem; }
.confusion .corner { color: var(--muted); font-size: 0.8em; vertical-align: bottom; padding: 0.25rem 0.6rem 0.25rem 0; text-align: end; }
.confusion tbody td { text-align: center; vertical-align: middle; padding: 0.6rem 0.5rem; border-radius: 6px; font-size: 1.1rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.confusion .none { color: var(--muted); }
.confusion .hit { box-shadow: inset 0 0 0 1px var(--line); font-weight: 600; }
.confusion .miss { text-decoration: underline; text-decoration-thickness: 2px; text-underline-offset: 3px; text-decoration-color: var(--bad); }
.confusion.dense thead th { min-width: 0; max-width: none; padding: 0.15rem; vertical-align: bottom; }
.confusion.dense thead th span { writing-mode: vertical-rl; max-height: 11rem; display: inline-block; text-align: end; }
.confusion.dense tbody td { padding: 0.15rem; font-size: 0.75rem; min-width: 1.6rem; border-radius: 3px; }
.confusion.dense tbody th { font-size: 0.75rem; padding-block: 0.1rem; min-width: 8rem; position: sticky; inset-inline-start: 0; background: var(--card); }
${levels('hit', 'good')}
${levels('miss', 'bad')}
@media print { .confusion td { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .confusion.dense { font-size: 6pt; } }
`;
