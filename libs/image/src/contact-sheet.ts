import sharp from 'sharp';
import type { Size } from './resize';

/** RGB, row, column, channel. */
export interface SheetImage extends Size {
  readonly pixels: Uint8Array;
}

const GAP = 2;
const MAX_SIDE = 16_000;

/** Pictures side by side, `columns` to a row, on grey, as PNG bytes: for people to look at. Every cell has the largest picture's size. */
export async function contactSheet(images: readonly SheetImage[], columns: number): Promise<Uint8Array> {
  if (images.length === 0 || columns < 1) throw new Error('internal: a contact sheet needs a picture and a column');
  const cell = { height: Math.max(...images.map((i) => i.height)), width: Math.max(...images.map((i) => i.width)) };
  const across = Math.min(columns, images.length);
  const width = across * (cell.width + GAP) + GAP;
  const height = Math.ceil(images.length / across) * (cell.height + GAP) + GAP;
  if (Math.max(width, height) > MAX_SIDE)
    throw new Error(`internal: a sheet of ${width} × ${height} pixels is too large`);
  const sheet = new Uint8Array(height * width * 3).fill(96);
  images.forEach((image, index) => {
    const top = GAP + Math.floor(index / across) * (cell.height + GAP);
    const left = GAP + (index % across) * (cell.width + GAP);
    for (let row = 0; row < image.height; row++) {
      const line = image.pixels.subarray(row * image.width * 3, (row + 1) * image.width * 3);
      sheet.set(line, ((top + row) * width + left) * 3);
    }
  });
  return sharp(sheet, { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();
}
