import sharp from 'sharp';
import { type Canvas, drawText, lineHeight } from './letters';
import type { Size } from './resize';

/** Pictures for people to look at: a row for each, its variants side by side, rows of one class together. */
export interface ContactSheet {
  readonly title: string;
  /** Of every picture. */
  readonly size: Size;
  /** What each column shows. */
  readonly columns: readonly string[];
  readonly classes: readonly {
    readonly label: string;
    readonly rows: readonly {
      readonly name: string;
      /** height · width · 3 bytes each (row, column, RGB), in the order of the columns. */
      readonly cells: readonly Uint8Array[];
    }[];
  }[];
}

const GAP = 4;
const SMALL = 1;
const LARGE = 2;
const NAME_HEIGHT = lineHeight(SMALL) + GAP;
const LABEL_HEIGHT = lineHeight(LARGE) + 3 * GAP;
const GROUND = 72;
/** Viewers refuse longer ones. */
const MAX_SIDE = 16_000;

/** As many rows as a sheet takes, if each of them had a class of its own. */
export function rowsThatFit({ height }: Size): number {
  return Math.max(1, Math.floor((MAX_SIDE - 2 * LABEL_HEIGHT) / (height + GAP + NAME_HEIGHT + LABEL_HEIGHT)));
}

/** The sheet as PNG bytes, on grey, with class, column and file names. The same bytes on every machine. */
export async function renderContactSheet(sheet: ContactSheet): Promise<Uint8Array> {
  const { size, columns, classes } = sheet;
  const rowHeight = NAME_HEIGHT + size.height + GAP;
  const rows = classes.reduce((count, each) => count + each.rows.length, 0);
  const height = LABEL_HEIGHT + classes.length * LABEL_HEIGHT + rows * rowHeight + GAP;
  const width = columns.length * (size.width + GAP) + GAP;
  if (Math.max(width, height) > MAX_SIDE)
    throw new Error(`internal: a contact sheet of ${width} × ${height} pixels is too large`);
  const canvas = { height, width, pixels: new Uint8Array(height * width * 3).fill(GROUND) };
  const left = (column: number) => GAP + column * (size.width + GAP);
  columns.forEach((text, column) =>
    drawText(canvas, text, { top: 2 * GAP, left: left(column), right: left(column) + size.width, scale: SMALL }),
  );
  let top = LABEL_HEIGHT;
  for (const { label, rows: pictures } of classes) {
    drawText(canvas, label, { top: top + GAP, left: GAP, right: width, scale: LARGE });
    top += LABEL_HEIGHT;
    for (const { name, cells } of pictures) {
      drawText(canvas, name, { top, left: GAP, right: width, scale: SMALL });
      cells.forEach((cell, column) => paste(canvas, cell, size, { top: top + NAME_HEIGHT, left: left(column) }));
      top += rowHeight;
    }
  }
  return sharp(canvas.pixels, { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();
}

function paste(canvas: Canvas, cell: Uint8Array, size: Size, { top, left }: { top: number; left: number }): void {
  for (let row = 0; row < size.height; row++) {
    const line = cell.subarray(row * size.width * 3, (row + 1) * size.width * 3);
    canvas.pixels.set(line, ((top + row) * canvas.width + left) * 3);
  }
}
