import { percent } from './format';
import type { Proportion } from './interval';
import type { Metrics } from './metrics';
import { svgNumber, svgText } from './svg';
import type { SvgParts } from './svg';

/** Pixels. */
const WIDTH = 312;
const LEFT = 78;
const RIGHT = 66;
const TOP = 12;
const ROW = 24;

/** The three shares of an evaluation, each with its interval, over one axis. */
export function intervalChart({ floatAccuracy, deviceAccuracy, agreement }: Metrics): SvgParts {
  const rows = [
    { style: 'device', name: 'device', share: deviceAccuracy },
    { style: 'float', name: 'float', share: floatAccuracy },
    { style: 'agreement', name: 'agreement', share: agreement },
  ];
  const lowest = Math.min(...rows.map(({ share }) => share.low));
  const start = Math.max(0, Math.floor(lowest * 10 - 1e-9) / 10);
  const steps = Math.round((1 - start) * 10);
  // At most about six numbers below the axis.
  const every = Math.ceil(steps / 4);
  const ticks = Array.from({ length: steps + 1 }, (_, index) => index).filter((index) => (steps - index) % every === 0);
  const x = (share: number): number => LEFT + ((share - start) / (1 - start)) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + rows.length * ROW;
  return {
    kind: 'intervals',
    width: WIDTH,
    height: bottom + 26,
    title: 'Accuracy with its interval',
    description: rows.map(({ name, share }) => `${name} ${shareText(share)}`).join('; '),
    rules: ({ card, first, second, third }) => [
      'line{stroke-width:2}',
      '.grid{stroke-width:1}',
      ...Object.entries({ float: first, device: second, agreement: third }).flatMap(([name, colour]) => [
        `.${name}{stroke:${colour};stroke-linecap:round}`,
        `circle.${name}{fill:${colour};stroke:${card};stroke-width:2}`,
      ]),
    ],
    body: [
      ...ticks.flatMap((index) => {
        const at = svgNumber(x(start + index / 10));
        const grid = `<line class="grid" x1="${at}" y1="${TOP}" x2="${at}" y2="${bottom}"/>`;
        return [grid, svgText(Number(at), bottom + 18, `${Math.round(100 * start) + 10 * index} %`, 'middle')];
      }),
      ...rows.flatMap(({ style, name, share }, index) => {
        const y = TOP + (index + 0.5) * ROW;
        return [
          svgText(LEFT - 10, y + 4, name, 'end'),
          `<line class="${style}" x1="${svgNumber(x(share.low))}" y1="${y}" x2="${svgNumber(x(share.high))}" y2="${y}"/>`,
          ...[share.low, share.high].map(
            (end) =>
              `<line class="${style}" x1="${svgNumber(x(end))}" y1="${y - 5}" x2="${svgNumber(x(end))}" y2="${y + 5}"/>`,
          ),
          `<circle class="${style}" cx="${svgNumber(x(share.value))}" cy="${y}" r="6"/>`,
          svgText(WIDTH - RIGHT + 10, y + 4, percent(share.value)),
        ];
      }),
    ],
  };
}

function shareText({ value, low, high }: Proportion): string {
  return `${percent(value)} (${percent(low)} to ${percent(high)})`;
}
