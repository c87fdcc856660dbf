import sharp from 'sharp';
import { type Canvas, drawText, lineHeight, textWidth } from './letters';
import type { Size } from './resize';

/** A picture and what two arithmetics say of it. */
export interface AnswerPicture {
  /** Of `pixels`. */
  readonly size: Size;
  /** height · width · 3 bytes (row, column, RGB): what the network saw. */
  readonly pixels: Uint8Array;
  /** The answer, in large letters. */
  readonly title: string;
  readonly subtitle: string;
  /** One block a class. */
  readonly rows: readonly {
    readonly label: string;
    readonly bars: readonly { readonly name: string; /** 0 … 1 */ readonly share: number }[];
  }[];
}

type Colour = readonly [number, number, number];

const GROUND = 40;
const TRACK: Colour = [72, 72, 72];
/** Of the first, second … bar of a class; both 3:1 or more against the track. */
const BARS: readonly Colour[] = [
  [255, 193, 7],
  [100, 181, 246],
];
const MARGIN = 16;
const PANEL = 380;
const SMALL = 2;
const LARGE = 4;
const BAR_HEIGHT = lineHeight(SMALL);
const ROW_GAP = 8;
const LEAST_SIDE = 320;

/** PNG bytes: the picture at the left, enlarged in whole steps, the answers at the right. The same bytes on every machine. */
export async function renderAnswerPicture(answer: AnswerPicture): Promise<Uint8Array> {
  const { size, pixels, title, subtitle, rows } = answer;
  const step = Math.max(1, Math.ceil(LEAST_SIDE / Math.max(size.height, size.width)));
  const shown = { height: size.height * step, width: size.width * step };
  const rowHeight = (bars: number) => lineHeight(SMALL) + ROW_GAP + bars * (BAR_HEIGHT + ROW_GAP) + ROW_GAP;
  const below = rows.reduce((sum, { bars }) => sum + rowHeight(bars.length), 0);
  const head = lineHeight(LARGE) + lineHeight(SMALL) + 4 * ROW_GAP;
  const height = 2 * MARGIN + Math.max(shown.height, head + below);
  const width = 3 * MARGIN + shown.width + PANEL;
  const canvas: Canvas = { height, width, pixels: new Uint8Array(height * width * 3).fill(GROUND) };
  enlarge(canvas, pixels, size, step);
  const left = 2 * MARGIN + shown.width;
  const right = width - MARGIN;
  drawText(canvas, title, { top: MARGIN, left, right, scale: scaleOf(title) });
  drawText(canvas, subtitle, { top: MARGIN + lineHeight(LARGE) + ROW_GAP, left, right, scale: SMALL });
  let top = MARGIN + head;
  for (const { label, bars } of rows) {
    drawText(canvas, label, { top, left, right, scale: SMALL });
    bars.forEach((bar, at) => drawBar(canvas, bar, { at, top: top + lineHeight(SMALL) + ROW_GAP, left, right }));
    top += rowHeight(bars.length);
  }
  return sharp(canvas.pixels, { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();
}

/** Large, unless the text would be cut. */
function scaleOf(title: string): number {
  const fits = [LARGE, LARGE - 1].find((scale) => textWidth(title, scale) <= PANEL);
  return fits ?? SMALL;
}

function drawBar(
  canvas: Canvas,
  { name, share }: { readonly name: string; readonly share: number },
  { at, top, left, right }: { at: number; top: number; left: number; right: number },
): void {
  const line = top + at * (BAR_HEIGHT + ROW_GAP);
  const start = left + 72;
  const end = right - 106;
  drawText(canvas, name, { top: line, left, right: start, scale: SMALL });
  fill(canvas, { top: line, left: start, right: end, height: BAR_HEIGHT, colour: TRACK });
  const reach = start + Math.round((end - start) * share);
  fill(canvas, { top: line, left: start, right: reach, height: BAR_HEIGHT, colour: BARS[at % BARS.length] });
  drawText(canvas, `${(share * 100).toFixed(1)} %`, { top: line, left: end + 10, right, scale: SMALL });
}

function fill(
  canvas: Canvas,
  { top, left, right, height, colour }: { top: number; left: number; right: number; height: number; colour: Colour },
): void {
  for (let row = top; row < top + height; row++)
    for (let column = left; column < right; column++) canvas.pixels.set(colour, (row * canvas.width + column) * 3);
}

function enlarge(canvas: Canvas, pixels: Uint8Array, size: Size, step: number): void {
  for (let row = 0; row < size.height * step; row++) {
    for (let column = 0; column < size.width * step; column++) {
      const from = (Math.floor(row / step) * size.width + Math.floor(column / step)) * 3;
      canvas.pixels.set(pixels.subarray(from, from + 3), ((row + MARGIN) * canvas.width + column + MARGIN) * 3);
    }
  }
}
