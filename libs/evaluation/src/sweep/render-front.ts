import { amountAxis } from '../chart-axis';
import type { Axis } from '../chart-axis';
import { msText, percent } from '../format';
import { escapeXml, svgDocument, svgHeading, svgInline, svgNumber, svgStyle, svgText } from '../svg';
import type { SvgParts } from '../svg';
import type { RankedPoint, RankedSweep } from './rank-points';
import type { PointFigures } from './sweep-point';

/** Pixels. */
const WIDTH = 720;
const LEFT = 56;
const RIGHT = 24;
const PANEL = 260;
const TOP = 64;
const GAP = 74;

const rules: SvgParts['rules'] = ({ card, muted, first, third }) => [
  // A ring of the ground's colour keeps numbers readable where a line runs through them.
  `text{paint-order:stroke;stroke:${card};stroke-width:3px;stroke-linejoin:round}`,
  `.front{fill:none;stroke:${first};stroke-width:1.75}`,
  `.on{fill:${first}}`,
  `.off{fill:${card};stroke:${muted};stroke-width:1.5}`,
  `.interval{stroke:${muted};stroke-opacity:.45}`,
  `.ring{fill:none;stroke:${third};stroke-width:1.5}`,
];

interface Panel {
  readonly title: string;
  readonly cost: (figures: PointFigures) => number;
  readonly isOnFront: (point: RankedPoint) => boolean;
  readonly label: (tick: number) => string;
  readonly unit: string;
}

const PANELS: readonly Panel[] = [
  {
    title: 'Device accuracy against the size of the kmodel',
    cost: ({ kmodelBytes }) => kmodelBytes / 1000,
    isOnFront: ({ onSizeFront }) => onSizeFront,
    label: (tick) => `${tick}`,
    unit: 'KB (1000 bytes)',
  },
  {
    title: 'Device accuracy against the estimated time of a picture',
    cost: ({ estimatedMs }) => estimatedMs,
    isOnFront: ({ onSpeedFront }) => onSpeedFront,
    label: (tick) => `${tick}`,
    unit: 'ms',
  },
];

/**
 * Both trade-offs as one SVG: dots with the rank of their point, the front as a line, intervals as thin strokes, a ring around
 * what cannot be told from the most accurate point. Equal sweeps give equal text.
 */
export const renderFront = (sweep: RankedSweep): string => svgDocument(frontParts(sweep));

/** The same for inside a page, with the rules that its style needs. */
export function inlineFront(sweep: RankedSweep): { svg: string; style: string } {
  const parts = frontParts(sweep);
  return { svg: svgInline(parts), style: svgStyle(parts) };
}

function frontParts(sweep: RankedSweep): SvgParts {
  return {
    kind: 'sweep-front',
    width: WIDTH,
    height: TOP + 2 * PANEL + GAP + 44,
    title: 'Trade-offs of the sweep',
    description: describeFront(sweep),
    rules,
    body: [
      svgHeading(LEFT, 20, 'Trade-offs of the sweep'),
      svgText(
        LEFT,
        36,
        'Numbers: ranks. Filled, joined: Pareto front. Ringed: not distinguishable from the most accurate',
      ),
      ...PANELS.flatMap((panel, index) => panelParts(panel, TOP + index * (PANEL + GAP), sweep.points)),
    ],
  };
}

/** In sentences, for those who do not see the picture. */
export function describeFront({ points, best }: RankedSweep): string {
  if (best === null) return 'No point came out.';
  const front = (panel: Panel): string => {
    const on = [...points].filter(panel.isOnFront).sort((a, b) => panel.cost(a.figures) - panel.cost(b.figures));
    const texts = on.map((point) => `number ${point.rank} (${pointText(point)})`);
    return `${panel.title}, on the front from the cheapest: ${texts.join('; ')}.`;
  };
  return PANELS.map(front).join(' ');
}

const pointText = ({ label, figures }: RankedPoint): string =>
  `${label}: ${percent(figures.device.value)}, ${(figures.kmodelBytes / 1000).toFixed(1)} KB, ${msText(figures.estimatedMs)}`;

function panelParts(panel: Panel, top: number, points: readonly RankedPoint[]): string[] {
  const costs = costAxis(points.map(({ figures }) => panel.cost(figures)));
  const shares = shareAxisOf(points);
  const x = (cost: number): number => LEFT + 14 + costs.at(cost) * (WIDTH - LEFT - RIGHT - 28);
  const y = (share: number): number => top + 12 + (1 - shares.at(share)) * (PANEL - 24);
  const on = points.filter(panel.isOnFront).sort((a, b) => panel.cost(a.figures) - panel.cost(b.figures));
  const at = (point: RankedPoint): [number, number] => [x(panel.cost(point.figures)), y(point.figures.device.value)];
  return [
    svgHeading(LEFT, top - 8, panel.title),
    `<rect class="frame" x="${LEFT}" y="${top}" width="${WIDTH - LEFT - RIGHT}" height="${PANEL}"/>`,
    ...shares.ticks.flatMap((tick) => [
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${svgNumber(y(tick))}" y2="${svgNumber(y(tick))}"/>`,
      svgText(LEFT - 6, y(tick) + 3.5, `${Number((100 * tick).toFixed(4))} %`, 'end'),
    ]),
    ...costs.ticks.map((tick) => svgText(x(tick), top + PANEL + 14, panel.label(tick), 'middle')),
    svgText((LEFT + WIDTH - RIGHT) / 2, top + PANEL + 30, panel.unit, 'middle'),
    ...points.map(({ figures }) => {
      const middle = svgNumber(x(panel.cost(figures)));
      const [low, high] = [figures.device.low, figures.device.high].map((share) =>
        svgNumber(clamp(y(share), top, top + PANEL)),
      );
      return `<line class="interval" x1="${middle}" x2="${middle}" y1="${low}" y2="${high}"/>`;
    }),
    `<path class="front" d="${stairs(on.map(at))}"/>`,
    ...labelled(points.map((point) => ({ point, place: at(point) }))).map(({ point, place: [left, up], label }) =>
      [
        '<g>',
        `<title>${escapeXml(`number ${point.rank}: ${pointText(point)}`)}</title>`,
        point.likeBest ? `<circle class="ring" cx="${svgNumber(left)}" cy="${svgNumber(up)}" r="8"/>` : '',
        `<circle class="${panel.isOnFront(point) ? 'on' : 'off'}" cx="${svgNumber(left)}" cy="${svgNumber(up)}" r="4.5"/>`,
        svgText(label[0], label[1], String(point.rank), 'middle'),
        '</g>',
      ].join(''),
    ),
  ];
}

/** From the cheapest to the dearest in steps: at a cost between two points, the cheaper one is what there is. */
function stairs(places: readonly (readonly [number, number])[]): string {
  return places
    .map(
      ([left, up], index) =>
        `${index === 0 ? 'M' : 'H'}${svgNumber(left)}${index === 0 ? ` ${svgNumber(up)}` : `V${svgNumber(up)}`}`,
    )
    .join('');
}

const LABEL_STEPS = [
  [0, -12],
  [14, 4],
  [0, 20],
  [-14, 4],
  [13, -10],
  [-13, -10],
  [13, 17],
  [-13, 17],
] as const;

/** Each number beside its dot where no other dot or number is, as far as there is such a place. */
function labelled<Item extends { readonly place: readonly [number, number] }>(
  items: readonly Item[],
): (Item & { readonly label: readonly [number, number] })[] {
  const taken = items.map(({ place }) => place);
  return items.map((item) => {
    const [left, up] = item.place;
    const places = LABEL_STEPS.map(([right, down]) => [left + right, up + down] as const);
    const crowd = (place: readonly [number, number]): number =>
      taken.filter(([x, y]) => Math.abs(x - place[0]) < 11 && Math.abs(y - (place[1] - 4)) < 11).length;
    const fewest = Math.min(...places.map(crowd));
    const label = places.find((place) => crowd(place) === fewest) ?? places[0];
    taken.push([label[0], label[1] - 4]);
    return { ...item, label };
  });
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

function costAxis(values: readonly number[]): Axis {
  return amountAxis(values.length === 0 ? [1] : values);
}

/** From below the lowest point to above the highest: an axis from 0 would lay all of them on one line. */
function shareAxisOf(points: readonly RankedPoint[]): Axis {
  const values = points.map(({ figures }) => figures.device.value);
  const [low, high] = [Math.min(1, ...values), Math.max(0, ...values)];
  const step = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2].find((one) => (high - low) / one <= 5) ?? 0.2;
  const first = Math.max(0, Math.floor(low / step - 1e-9));
  const last = Math.max(first + 2, Math.min(Math.round(1 / step), Math.ceil(high / step + 1e-9)));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
  return { ticks: ticks.filter((tick) => tick <= 1), at: (value) => (value / step - first) / (last - first) };
}
