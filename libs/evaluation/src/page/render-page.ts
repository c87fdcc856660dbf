import { escapeHtml, htmlPage } from '@graft/foundation';
import type { Metrics } from '../metrics';
import { describeMemory, memoryChart } from '../render-memory-map';
import { describeReliability, reliabilityChart } from '../render-reliability';
import { intervalChart } from '../render-intervals';
import { describeTraining, trainingChart } from '../render-training-curves';
import { svgStyle } from '../svg';
import { CONFUSION_STYLE, confusionTable } from './confusion-table';
import type { PageFacts } from './page-facts';
import { chart, paragraph, section } from './page-parts';
import type { Section } from './page-parts';
import { pictureCards, PICTURES_STYLE } from './picture-cards';
import { quantizationPart, QUANTIZATION_STYLE } from './quantization-part';
import { SUMMARY_STYLE, summaryPart } from './summary-part';
import { calibrationTable, classesPart, cutsPart, healthPart, provenancePart, thresholdPart } from './table-parts';

/** The report as one HTML file that needs nothing else, for people to look at and to pass on. Equal facts give equal text. */
export function renderPage(metrics: Metrics, facts: PageFacts): string {
  const sections = sectionsOf(metrics, facts);
  const links = sections.map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`);
  const charts = [
    intervalChart(metrics),
    reliabilityChart(metrics),
    trainingChart(facts.training),
    memoryChart(facts.memory),
  ];
  return htmlPage({
    title: facts.name,
    kicker: 'Graft · evaluation',
    style: [...charts.map(svgStyle), STYLE, SUMMARY_STYLE, CONFUSION_STYLE, PICTURES_STYLE, QUANTIZATION_STYLE].join(
      '\n',
    ),
    body: `${summaryPart(metrics, facts)}
<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>
${sections.map(section).join('\n')}
`,
  });
}

function sectionsOf(metrics: Metrics, facts: PageFacts): Section[] {
  const { cuts, unknown, training, memory, quantization } = facts;
  return [
    { id: 'confusion', title: 'What is taken for what', content: confusionPart(metrics) },
    { id: 'classes', title: 'Classes', content: classesPart(metrics) },
    { id: 'wrong', title: 'Wrong on the chip', content: wrongPart(metrics, facts) },
    { id: 'flipped', title: 'Float and chip disagree', content: flippedPart(metrics, facts) },
    { id: 'calibration', title: 'How sure, how right', content: calibrationPart(metrics) },
    ...(unknown === null ? [] : [{ id: 'unknown', title: 'None of these', content: thresholdPart(unknown) }]),
    {
      id: 'training',
      title: 'Training',
      content: `${chart(trainingChart(training))}\n${muted(describeTraining(training))}`,
    },
    ...(cuts.cuts.length === 0 ? [] : [{ id: 'cuts', title: 'Where the backbone ends', content: cutsPart(cuts) }]),
    { id: 'quantization', title: 'What 8 bits cost', content: quantizationPart(quantization) },
    { id: 'memory', title: 'Memory', content: `${chart(memoryChart(memory))}\n${muted(describeMemory(memory))}` },
    { id: 'pictures', title: 'Pictures', content: healthPart(facts) },
    { id: 'provenance', title: 'Where it comes from', content: provenancePart(facts) },
    { id: 'settings', title: 'Settings', content: settingsPart(facts) },
  ];
}

function confusionPart({ device, float, classes }: Metrics): string {
  const layout = classes.length > MOST_SIDE_BY_SIDE ? 'stack' : 'pair';
  return `<div class="${layout}">
<div class="panel">${confusionTable('As the chip will answer', device, classes)}</div>
<div class="panel">${confusionTable('As the float network answers', float, classes)}</div>
</div>`;
}

/** With more classes, a matrix takes the whole width. */
const MOST_SIDE_BY_SIDE = 14;

function wrongPart({ worst, deviceAccuracy }: Metrics, { thumbnails }: PageFacts): string {
  const wrong = deviceAccuracy.total - deviceAccuracy.successes;
  if (wrong === 0) return paragraph('The chip answers every test picture right.');
  const shown = shownText(worst.length, wrong, 'the surest first');
  return `${paragraph(shown)}\n${pictureCards(worst, thumbnails)}`;
}

function flippedPart({ flips, agreement }: Metrics, { thumbnails }: PageFacts): string {
  const flipped = agreement.total - agreement.successes;
  if (flipped === 0) return paragraph('Float and chip give the same answer to every test picture.');
  const shown = shownText(flips.length, flipped, 'the surest answer of the chip first');
  return `${paragraph(shown)}\n${pictureCards(flips, thumbnails)}`;
}

function shownText(shown: number, all: number, order: string): string {
  const pictures = `${all} ${all === 1 ? 'picture' : 'pictures'}`;
  const which = shown < all ? `${pictures}; these are ${shown} of them` : pictures;
  return `${which}, ${order}. What is shown is what the network saw.`;
}

function calibrationPart(metrics: Metrics): string {
  const text = `${describeReliability(metrics)} On the dotted line, answers are right as often as they are sure; the larger a mark, the more pictures.`;
  return `${paragraph(text)}
<div class="pair">
${chart(reliabilityChart(metrics))}
${calibrationTable(metrics)}
</div>`;
}

function settingsPart({ config }: PageFacts): string {
  return `${paragraph('The experiment as merged, with all defaults. It can be read back.')}
<pre role="region" aria-label="Settings as YAML" tabindex="0"><code>${escapeHtml(config)}</code></pre>`;
}

const muted = (text: string): string => `<p class="muted">${escapeHtml(text)}</p>`;

const STYLE = `
.stack > * + * { margin-top: 1.25rem; }
svg { display: block; max-width: none; }
section .wide + .wide, section .wide + p { margin-top: 1.5rem; }
`;
