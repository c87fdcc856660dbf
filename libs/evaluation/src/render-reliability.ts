import type { Calibration } from './calibration';
import { percent } from './format';
import type { Metrics } from './metrics';
import { svgNumber, svgText } from './svg';
import type { SvgParts } from './svg';

/** Pixels. */
const LEFT = 56;
const TOP = 40;
const SIDE = 300;
const WIDTH = LEFT + SIDE + 24;
const HEIGHT = TOP + SIDE + 48;
const LARGEST_MARK = 9;
const SMALLEST_MARK = 3;

const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1] as const;
const x = (share: number): number => LEFT + share * SIDE;
const y = (share: number): number => TOP + (1 - share) * SIDE;

/** How sure the answers are to the right, how often they are right upwards; on the diagonal both are the same. */
export function reliabilityChart({ float, device }: Pick<Metrics, 'float' | 'device'>): SvgParts {
  return {
    kind: 'reliability',
    width: WIDTH,
    height: HEIGHT,
    title: 'Reliability',
    description: describeReliability({ float, device }),
    rules: ({ muted, card, first, second }) => [
      `.even{stroke:${muted};stroke-dasharray:2 4}`,
      'polyline{fill:none;stroke-width:1.75}',
      `.float{stroke:${first}}`,
      `.device{stroke:${second};stroke-dasharray:6 3}`,
      `circle.float{fill:${first};stroke:${card}}`,
      `rect.device{fill:${second};stroke:${card};stroke-dasharray:none}`,
    ],
    body: [
      ...TICKS.flatMap((tick) => [
        `<line class="grid" x1="${LEFT}" y1="${y(tick)}" x2="${LEFT + SIDE}" y2="${y(tick)}"/>`,
        svgText(LEFT - 6, y(tick) + 4, `${Math.round(100 * tick)} %`, 'end'),
        svgText(x(tick), TOP + SIDE + 16, `${Math.round(100 * tick)} %`, 'middle'),
      ]),
      `<rect class="frame" x="${LEFT}" y="${TOP}" width="${SIDE}" height="${SIDE}"/>`,
      `<line class="even" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>`,
      svgText(LEFT + SIDE / 2, TOP + SIDE + 36, 'how sure the answers are', 'middle'),
      ...key('float', LEFT),
      ...key('device', LEFT + 90),
      svgText(LEFT + 196, 22, '↑ share that is right'),
      ...curve('float', float.calibration),
      ...curve('device', device.calibration),
    ],
  };
}

/** In a sentence, for those who do not see the picture. */
export function describeReliability({ float, device }: Pick<Metrics, 'float' | 'device'>): string {
  const tell = ({ calibration }: { readonly calibration: Calibration }) => percent(calibration.expectedError);
  return `Expected calibration error: float ${tell(float)}, device ${tell(device)}.`;
}

function key(name: 'float' | 'device', left: number): string[] {
  return [
    `<polyline class="${name}" points="${left},18 ${left + 24},18"/>`,
    mark(name, left + 12, 18, 4, ''),
    svgText(left + 30, 22, name),
  ];
}

function curve(name: 'float' | 'device', { bins }: Calibration): string[] {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const points = bins.flatMap(({ confidence, accuracy, count }) =>
    confidence === null || accuracy === null ? [] : [{ x: x(confidence), y: y(accuracy), count, confidence, accuracy }],
  );
  const line = points.map((point) => `${svgNumber(point.x)},${svgNumber(point.y)}`).join(' ');
  const marks = points.map((point) => {
    const radius = SMALLEST_MARK + (LARGEST_MARK - SMALLEST_MARK) * Math.sqrt(point.count / total);
    const words = `${name}: ${point.count} pictures, ${percent(point.confidence)} sure, ${percent(point.accuracy)} right`;
    return mark(name, point.x, point.y, radius, `<title>${words}</title>`);
  });
  return [...(points.length > 1 ? [`<polyline class="${name}" points="${line}"/>`] : []), ...marks];
}

/** Round for float, square for the device. */
function mark(name: 'float' | 'device', cx: number, cy: number, radius: number, title: string): string {
  if (name === 'float') {
    return `<circle class="float" cx="${svgNumber(cx)}" cy="${svgNumber(cy)}" r="${svgNumber(radius)}">${title}</circle>`;
  }
  const half = 0.85 * radius;
  const side = svgNumber(2 * half);
  return `<rect class="device" x="${svgNumber(cx - half)}" y="${svgNumber(cy - half)}" width="${side}" height="${side}">${title}</rect>`;
}
