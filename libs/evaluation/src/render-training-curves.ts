import { amountAxis, countTicks, shareAxis } from './chart-axis';
import type { Axis } from './chart-axis';
import { percent } from './format';
import { escapeXml, svgDocument, svgHeading, svgNumber, svgText } from './svg';
import type { SvgParts } from './svg';
import type { EpochFigures, TrainingFacts } from './training-facts';

/** Pixels. */
const WIDTH = 720;
const LEFT = 64;
const RIGHT = 18;
const TOP = 76;
/** Between two panels, with the heading of the lower one. */
const GAP = 40;
/** Between the frame and the first or last epoch. */
const MARGIN = 10;
/** Epochs up to which each has a dot. */
const MOST_DOTS = 60;

const rules: SvgParts['rules'] = ({ card, muted, first, second, third, fourth }) => [
  // A ring of the ground's colour keeps words readable where a line runs through them.
  `text{paint-order:stroke;stroke:${card};stroke-width:3px;stroke-linejoin:round}`,
  'polyline{fill:none;stroke-width:1.75;stroke-linejoin:round}',
  ...Object.entries({ training: first, validation: second, rate: third }).flatMap(([name, colour]) => [
    `.${name}{stroke:${colour}}`,
    `circle.${name}{fill:${colour}}`,
  ]),
  '.validation{stroke-dasharray:6 3}',
  `.kept{stroke:${fourth};stroke-width:1.5}`,
  `.phase{stroke:${muted};stroke-dasharray:2 3}`,
  '.over{fill-opacity:0}',
];

interface Curve {
  readonly style: 'training' | 'validation' | 'rate';
  readonly name: string;
  /** One for each epoch; null breaks the line. */
  readonly values: readonly (number | null)[];
}

interface Panel {
  readonly title: string;
  readonly height: number;
  readonly axis: (values: readonly number[]) => Axis;
  readonly label: (tick: number) => string;
  readonly curves: readonly Curve[];
}

/**
 * Loss, accuracy and learning rate over the epochs of all phases, one panel below the other, with the epoch whose network
 * was kept. Equal histories give equal text.
 */
export function renderTrainingCurves(facts: TrainingFacts): string {
  return svgDocument(trainingChart(facts));
}

export function trainingChart(facts: TrainingFacts): SvgParts {
  const panels = panelsOf(facts.history);
  const tops = panels.map((_, index) => panels.slice(0, index).reduce((top, { height }) => top + height + GAP, TOP));
  const last = panels.length - 1;
  const bottom = tops[last] + panels[last].height;
  const x = positions(facts.history.length);
  return {
    kind: 'training-curves',
    width: WIDTH,
    height: bottom + 40,
    title: 'Training',
    description: describeTraining(facts),
    rules,
    body: [
      ...phaseParts(facts.history, x, bottom),
      ...keptParts(facts, x, bottom),
      ...panels.flatMap((panel, index) => panelParts(panel, tops[index], x)),
      ...countTicks(facts.history.length).map((epoch) => svgText(x(epoch), bottom + 14, `${epoch}`, 'middle')),
      svgText((LEFT + WIDTH - RIGHT) / 2, bottom + 30, 'epoch', 'middle'),
      ...facts.history.map((epoch) => tooltip(epoch, x, bottom)),
    ],
  };
}

/** In sentences, for those who do not see the picture. */
export function describeTraining({ history, bestEpoch }: TrainingFacts): string {
  const phases = phasesOf(history).map(({ name, epochs }) => `${name}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`);
  const tell = (epoch: EpochFigures | undefined) => (epoch === undefined ? '' : figuresText(epoch));
  const ends = `First epoch: ${tell(history[0])}. Last epoch: ${tell(history.at(-1))}.`;
  return `Phases: ${phases.join('; ')}. ${ends} Kept: epoch ${bestEpoch}, ${tell(history[bestEpoch - 1])}.`;
}

function panelsOf(history: readonly EpochFigures[]): Panel[] {
  const curve = (style: Curve['style'], name: string, value: (epoch: EpochFigures) => number | null): Curve[] => {
    const values = history.map(value);
    return values.some((one) => one !== null) ? [{ style, name, values }] : [];
  };
  return [
    {
      title: 'Loss',
      height: 180,
      axis: amountAxis,
      label: String,
      curves: [
        ...curve('training', 'training', ({ loss }) => loss),
        ...curve('validation', 'validation', ({ valLoss }) => valLoss),
      ],
    },
    {
      title: 'Accuracy',
      height: 180,
      axis: shareAxis,
      label: (tick) => `${Number((100 * tick).toFixed(6))} %`,
      curves: [
        ...curve('training', 'training', ({ accuracy }) => accuracy),
        ...curve('validation', 'validation', ({ valAccuracy }) => valAccuracy),
      ],
    },
    {
      title: 'Learning rate',
      height: 80,
      axis: amountAxis,
      label: String,
      curves: curve('rate', 'at the end of the epoch', ({ learningRate }) => learningRate),
    },
  ];
}

type Position = (epoch: number) => number;

function positions(epochs: number): Position {
  const width = WIDTH - LEFT - RIGHT - 2 * MARGIN;
  return (epoch) => LEFT + MARGIN + (epochs === 1 ? width / 2 : ((epoch - 1) / (epochs - 1)) * width);
}

function panelParts({ title, height, axis, label, curves }: Panel, top: number, x: Position): string[] {
  const scale = axis(curves.flatMap(({ values }) => values.filter((value) => value !== null)));
  const y = (value: number) => top + height * (1 - scale.at(value));
  const right = WIDTH - RIGHT;
  return [
    svgHeading(LEFT, top - 10, title),
    ...curves.flatMap((curve, index) => legend(curve, LEFT + 130 + 120 * index, top - 14)),
    ...scale.ticks.flatMap((tick) => [
      `<line class="grid" x1="${LEFT}" y1="${svgNumber(y(tick))}" x2="${right}" y2="${svgNumber(y(tick))}"/>`,
      svgText(LEFT - 6, y(tick) + 3, label(tick), 'end'),
    ]),
    `<rect class="frame" x="${LEFT}" y="${svgNumber(top)}" width="${right - LEFT}" height="${height}"/>`,
    ...curves.flatMap(({ style, values }) => curveParts(style, values, x, y)),
  ];
}

function legend({ style, name }: Curve, x: number, y: number): string[] {
  return [`<polyline class="${style}" points="${x},${y} ${x + 26},${y}"/>`, svgText(x + 32, y + 4, name)];
}

function curveParts(
  style: Curve['style'],
  values: readonly (number | null)[],
  x: Position,
  y: (value: number) => number,
): string[] {
  const pieces: string[][] = [[]];
  values.forEach((value, index) => {
    if (value === null) pieces.push([]);
    else pieces[pieces.length - 1].push(`${svgNumber(x(index + 1))},${svgNumber(y(value))}`);
  });
  const lines = pieces.filter((points) => points.length > 1);
  const dots = values.length <= MOST_DOTS ? pieces.flat() : pieces.filter(({ length }) => length === 1).flat();
  return [
    ...lines.map((points) => `<polyline class="${style}" points="${points.join(' ')}"/>`),
    ...dots.map((point) => {
      const [cx, cy] = point.split(',');
      return `<circle class="${style}" cx="${cx}" cy="${cy}" r="2"/>`;
    }),
  ];
}

/** A line where a phase begins, and its name over the panels; nothing where there is only one. */
function phaseParts(history: readonly EpochFigures[], x: Position, bottom: number): string[] {
  const phases = phasesOf(history);
  if (phases.length === 1) return [];
  return phases.flatMap(({ name, first }, index) => {
    const start = index === 0 ? LEFT : (x(first - 1) + x(first)) / 2;
    const line = `<line class="phase" x1="${svgNumber(start)}" y1="14" x2="${svgNumber(start)}" y2="${svgNumber(bottom)}"/>`;
    const late = start > WIDTH * 0.75;
    const label = late ? svgText(start - 5, 22, `${name} →`, 'end') : svgText(start + 5, 22, name);
    return index === 0 ? [label] : [line, label];
  });
}

interface PhaseSpan {
  readonly name: string;
  readonly first: number;
  readonly epochs: number;
}

function phasesOf(history: readonly EpochFigures[]): PhaseSpan[] {
  const names = [...new Set(history.map(({ phase }) => phase))];
  return names.map((name) => {
    const epochs = history.filter(({ phase }) => phase === name);
    return { name, first: epochs[0].epoch, epochs: epochs.length };
  });
}

function keptParts({ bestEpoch }: TrainingFacts, x: Position, bottom: number): string[] {
  const at = x(bestEpoch);
  const side = at > WIDTH / 2 ? ({ shift: -5, anchor: 'end' } as const) : ({ shift: 5, anchor: 'start' } as const);
  return [
    `<line class="kept" x1="${svgNumber(at)}" y1="32" x2="${svgNumber(at)}" y2="${svgNumber(bottom)}"/>`,
    svgText(at + side.shift, 42, `kept: epoch ${bestEpoch}`, side.anchor),
  ];
}

/** A strip over all panels that tells the figures of its epoch. */
function tooltip(epoch: EpochFigures, x: Position, bottom: number): string {
  const half = Math.max(2, (x(2) - x(1)) / 2);
  const left = Math.max(LEFT, x(epoch.epoch) - half);
  const right = Math.min(WIDTH - RIGHT, x(epoch.epoch) + half);
  const words = `epoch ${epoch.epoch} (${epoch.phase}): ${figuresText(epoch)}, learning rate ${short(epoch.learningRate)}`;
  return (
    `<rect class="over" x="${svgNumber(left)}" y="${TOP}" width="${svgNumber(right - left)}" height="${svgNumber(bottom - TOP)}">` +
    `<title>${escapeXml(words)}</title></rect>`
  );
}

function figuresText({ loss, accuracy, valLoss, valAccuracy }: EpochFigures): string {
  const training = `loss ${short(loss)}, accuracy ${percent(accuracy)}`;
  if (valLoss === null || valAccuracy === null) return training;
  return `${training}, validation loss ${short(valLoss)}, validation accuracy ${percent(valAccuracy)}`;
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
