import { dataUri, escapeHtml, htmlPage } from '@graft/foundation';
import { percent } from '../format';
import { thresholdText } from '../describe-threshold';
import { nameOf, NONE_OF_THESE, seenText, shownClasses, verdictOf } from './picture-answer';
import type { AnswerKey, AskedPicture, PictureAnswer, UnansweredPicture } from './picture-answer';

const MOST_CLASSES = 5;

export interface AnswersPage extends AnswerKey {
  /** Of the experiment. */
  readonly name: string;
  /** In their order; those without a picture are only counted. */
  readonly asked: readonly AskedPicture[];
  /** PNG of what the network saw, by {@link nameOf}. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

/** What was asked, as one page: each picture with label and score, chip beside float. */
export function renderAnswersPage(page: AnswersPage): string {
  const answers = page.asked.filter((one) => one.ok);
  const failed = page.asked.filter((one) => !one.ok);
  const shown = answers.filter((one) => page.pictures.has(nameOf(one)));
  const cards = shown.map((answer) => card(answer, page));
  return htmlPage({
    title: `What ${page.name} answers`,
    kicker: 'Predictions',
    style: STYLE,
    body: `<p>${counts(answers, failed, shown, page)}</p>
${failedList(failed)}<div class="answers">
${cards.join('\n')}
</div>
`,
  });
}

function counts(
  answers: readonly PictureAnswer[],
  failed: readonly UnansweredPicture[],
  shown: readonly PictureAnswer[],
  page: AnswersPage,
): string {
  const of = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  return [
    `${of(answers.length, 'answer')}, large the one of the chip.`,
    ...(shown.length < answers.length ? [`The first ${shown.length} are shown.`] : []),
    ...(page.threshold > 0 ? [`Below ${thresholdText(page.threshold)} the answer is “${NONE_OF_THESE}”.`] : []),
    ...(failed.length > 0 ? [`${of(failed.length, 'file')} could not be answered.`] : []),
  ].join(' ');
}

function failedList(failed: readonly UnansweredPicture[]): string {
  if (failed.length === 0) return '';
  const items = failed.map(
    ({ picture, reason }) => `<li><code>${escapeHtml(picture)}</code> ${escapeHtml(reason)}</li>`,
  );
  return `<h2>Without an answer</h2>\n<ul>\n${items.join('\n')}\n</ul>\n`;
}

function card(answer: PictureAnswer, page: AnswersPage): string {
  const device = verdictOf(answer.device, page);
  const float = verdictOf(answer.float, page);
  const name = nameOf(answer);
  const differs =
    float.answer === device.answer ? '' : `, <strong class="note">float: ${escapeHtml(float.answer)}</strong>`;
  const rows = shownClasses(answer, MOST_CLASSES).map((index) => {
    const label = `<th scope="row">${escapeHtml(page.classes[index])}</th>`;
    return `<tr>${label}${meter('chip', answer.device[index])}${meter('float', answer.float[index])}</tr>`;
  });
  const notes = [...answer.remarks, ...(answer.seen === null ? [] : [seenText(answer.seen)])];
  const src = dataUri('image/png', page.pictures.get(name) ?? new Uint8Array());
  return `<figure class="card">
<img alt="${escapeHtml(name)}, as the network sees it" src="${src}">
<div>
<h2>${escapeHtml(device.answer)} <small>${percent(device.score)}${device.answer === device.label ? '' : ` for ${escapeHtml(device.label)}`}${differs}</small></h2>
<table><caption><code>${escapeHtml(name)}</code></caption>
<thead><tr><th scope="col">class</th><th scope="col">chip</th><th scope="col">float</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>
${notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join('')}
</div>
</figure>`;
}

function meter(kind: 'chip' | 'float', share: number): string {
  const width = (share * 100).toFixed(2);
  return `<td><span class="meter" aria-hidden="true"><i class="${kind}" style="width: ${width}%"></i></span> ${width} %</td>`;
}

const STYLE = `
.answers { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); margin-top: 1.5rem; }
figure.card { display: flex; flex-wrap: wrap; gap: 1.25rem; padding: 1.25rem; }
figure.card > img { width: 14rem; height: auto; align-self: start; image-rendering: pixelated; border-radius: 6px; }
figure.card > div { flex: 1 1 16rem; min-width: 0; }
figure.card h2 { margin: 0 0 0.75rem; font-size: 1.6rem; }
figure.card table { width: 100%; }
figure.card td { font-variant-numeric: tabular-nums; white-space: nowrap; }
.meter { display: block; height: 0.5rem; margin-top: 0.3rem; background: var(--line); border-radius: 4px; overflow: hidden; }
.meter i { display: block; height: 100%; }
.meter .chip { background: var(--first); }
.meter .float { background: var(--second); }
`;
