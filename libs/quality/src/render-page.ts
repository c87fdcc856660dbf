import { escapeHtml, htmlPage } from '@graft/foundation';
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
  return htmlPage({ title: `Pictures of ${report.experiment}`, style: STYLE, body });
}

function classTable({ classes }: CheckReport): string {
  const rows = classes.map(
    ({ label, fetched, kept }) =>
      `<tr><th scope="row">${escapeHtml(label)}</th><td>${fetched}</td><td>${kept}</td></tr>`,
  );
  return `<table>
<thead><tr><th scope="col">class</th><th scope="col">fetched</th><th scope="col">kept</th></tr></thead>
<tbody>${rows.join('')}</tbody>
</table>`;
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
      : `<img loading="lazy" alt="${escapeHtml(name)}" src="data:image/webp;base64,${Buffer.from(bytes).toString('base64')}">`;
  const facts = [label, state].filter((text) => text !== null && text !== '').map((text) => escapeHtml(String(text)));
  return `<figure>${image}<figcaption>${escapeHtml(name)}<br><small>${facts.join(' · ')}</small></figcaption></figure>`;
}

const STYLE = `
:root { color-scheme: light dark; --text: #1a1a1a; --ground: #ffffff; --card: #f3f3f3; --line: #c8c8c8; --link: #0b57b0; --strong: #8a3d00; }
@media (prefers-color-scheme: dark) {
  :root { --text: #ececec; --ground: #16181b; --card: #24272c; --line: #4a4f57; --link: #8cbcff; --strong: #ffb77a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 75rem; margin: 0 auto; padding: 1.5rem; }
a { color: var(--link); }
h1 { line-height: 1.2; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
h2 small { font-weight: normal; font-size: 0.8rem; }
table { border-collapse: collapse; }
th, td { padding: 0.2rem 1rem 0.2rem 0; text-align: left; }
td { text-align: right; font-variant-numeric: tabular-nums; }
.note, .action { color: var(--strong); }
.findings { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 1rem; }
.findings > li { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 0.5rem 0.75rem; max-width: 100%; }
.reason { margin: 0 0 0.5rem; font-weight: 600; }
.cards { display: flex; flex-wrap: wrap; gap: 0.75rem; }
figure { margin: 0; width: 10rem; }
figure img, .missing { width: 10rem; height: 10rem; object-fit: contain; background: repeating-conic-gradient(#9994 0 25%, transparent 0 50%) 0 0 / 1rem 1rem; display: block; }
.missing { display: grid; place-items: center; }
figcaption { overflow-wrap: anywhere; font-size: 0.8rem; margin-top: 0.25rem; }
`;
