import { dataUri, escapeHtml, htmlPage, htmlTable } from '@graft/foundation';
import type { CheckOutcome } from './check-dataset';
import { count, keyOf } from './errors';
import type { CheckName, Finding, FoundPicture } from './finding';
import { countsOf, sideOf, SHOWN_FINDINGS, SHOWN_PICTURES, straddlingLine } from './report';
import type { CheckReport } from './report';

const TITLES: Readonly<Record<CheckName, string>> = {
  unreadable: 'Cannot be read',
  wrongExtension: 'Named after another format',
  exactDuplicate: 'Exact copies',
  nearDuplicate: 'Look-alikes of one class',
  labelConflict: 'The same picture under two classes',
  nearLabelConflict: 'Look-alikes under two classes',
  nameMentionsOtherClass: 'Name mentions another class',
  tooSmall: 'Too small',
  extremeAspectRatio: 'Very long or very wide',
  blank: 'Of one colour',
  blurred: 'Out of focus',
  fourComponents: 'In the colours of printing (CMYK)',
  exifRotated: 'Stored turned or mirrored',
  likelyLabelError: 'Likely in the wrong class',
  unknownLicense: 'Without a licence',
  classImbalance: 'Classes of very different sizes',
};

/**
 * The report as one HTML file that needs nothing else: no script, no address, thumbnails inside.
 * @param thumbnails WebP bytes by content, for {@link shownContents}; pictures without one are named only.
 */
export function renderCheckPage(report: CheckReport, thumbnails: ReadonlyMap<string, Uint8Array>): string {
  const found = report.outcomes.filter(({ findings }) => findings.length > 0);
  const clean = report.outcomes.filter(({ findings }) => findings.length === 0);
  const body = `${classTable(report)}
${report.straddling === 0 ? '' : `<p class="note">${escapeHtml(straddlingLine(report.straddling))}</p>\n`}${contents(found)}
${found.map((outcome) => section(outcome, report, thumbnails)).join('\n')}
${clean.length === 0 ? '' : `<p>Nothing found by: ${clean.map(({ name }) => `<code>${keyOf(name)}</code>`).join(', ')}.</p>`}
`;
  return htmlPage({ kicker: 'Graft · check', title: `Pictures of ${report.experiment}`, style: STYLE, body });
}

function classTable({ classes }: CheckReport): string {
  const rows = classes.map(({ label, fetched, kept }) => [escapeHtml(label), String(fetched), String(kept)]);
  const columns = ['class', { number: 'fetched' }, { number: 'kept' }];
  return htmlTable({ caption: 'Pictures of each class, before and after the checks', columns, rows });
}

function contents(found: readonly CheckOutcome[]): string {
  if (found.length === 0) return '<p>Nothing was found.</p>';
  const items = found.map((outcome) => {
    const { named } = countsOf(outcome);
    return `<li><a href="#${keyOf(outcome.name)}">${TITLES[outcome.name]}</a>: ${named} <span class="action">${outcome.action}</span></li>`;
  });
  return `<nav aria-label="Findings"><ul>${items.join('')}</ul></nav>`;
}

function section(outcome: CheckOutcome, report: CheckReport, thumbnails: ReadonlyMap<string, Uint8Array>): string {
  const { name, action, findings } = outcome;
  const { leftOut } = countsOf(outcome);
  const shown = findings.slice(0, SHOWN_FINDINGS);
  const rest = findings.length - shown.length;
  return `<section aria-labelledby="${keyOf(name)}">
<h2 id="${keyOf(name)}">${TITLES[name]} <small><code>dataset.checks.${keyOf(name)}: ${action}</code></small></h2>
<p>${count(findings.length, 'finding')}${leftOut > 0 ? `, ${count(leftOut, 'picture')} left out` : ''}.</p>
<ul class="findings">
${shown.map((finding) => item(finding, action === 'drop', report, thumbnails)).join('\n')}
</ul>
${rest > 0 ? `<p>${rest} more in check.json.</p>` : ''}
</section>`;
}

function item(
  { pictures, reason, surplus }: Finding,
  drops: boolean,
  report: CheckReport,
  thumbnails: ReadonlyMap<string, Uint8Array>,
): string {
  const gone = new Set(drops ? surplus.map(({ path }) => path) : []);
  const cards = pictures.slice(0, SHOWN_PICTURES).map((picture) => {
    const side = sideOf(report, picture.path);
    const state = picture.path !== null && gone.has(picture.path) ? 'left out' : (side ?? '');
    return card(picture, state, thumbnails);
  });
  const more = pictures.length - cards.length;
  return `<li><p class="reason">${escapeHtml(reason)}</p><div class="cards">${cards.join('')}</div>${more > 0 ? `<p>and ${more} more</p>` : ''}</li>`;
}

function card(
  { name, sha256, label }: FoundPicture,
  state: string,
  thumbnails: ReadonlyMap<string, Uint8Array>,
): string {
  const bytes = sha256 === null ? undefined : thumbnails.get(sha256);
  const image =
    bytes === undefined
      ? '<div class="missing">no picture</div>'
      : `<img loading="lazy" alt="${escapeHtml(name)}" src="${dataUri('image/webp', bytes)}">`;
  const facts = [label, state].filter((text) => text !== null && text !== '').map((text) => escapeHtml(String(text)));
  return `<figure>${image}<figcaption>${escapeHtml(name)}<br><small>${facts.join(' · ')}</small></figcaption></figure>`;
}

const STYLE = `
.findings { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 1rem; max-width: none; }
.findings > li { padding: 0.75rem 1rem; max-width: 100%; }
.reason { margin: 0 0 0.5rem; font-weight: 600; }
.cards > figure { width: min(10rem, 100%); }
figure img, .missing { width: 100%; height: 10rem; object-fit: contain; background: repeating-conic-gradient(#9994 0 25%, transparent 0 50%) 0 0 / 1rem 1rem; display: block; border-radius: 6px; }
.missing { display: grid; place-items: center; background: none; border: 1px dashed var(--line); }
`;
