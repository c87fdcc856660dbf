/** A picture in 16 bits a pixel, and what those are as bytes again. */
export interface Bitmap {
  /** The file: 16 bits a pixel with their masks, rows from the top. */
  readonly file: Uint8Array;
  /** height · width · 3 bytes (row, column, RGB): what a board sees that reads the file. */
  readonly pixels: Uint8Array;
}

const HEADER_BYTES = 66;
const RED = { bits: 5, shift: 11 } as const;
const GREEN = { bits: 6, shift: 5 } as const;
const BLUE = { bits: 5, shift: 0 } as const;

/**
 * A BMP file as boards with 16-bit pictures read it without converting: 5 bits of red, 6 of green, 5 of blue. Both ways
 * the nearest level is taken, as the firmware does it: byte b becomes round(b · 31 / 255), that becomes
 * round(value · 255 / 31).
 * @param pixels height · width · 3 bytes (row, column, RGB)
 */
export function encodeBitmap(pixels: Uint8Array, height: number, width: number): Bitmap {
  if (pixels.length !== height * width * 3)
    throw new Error(`internal: ${pixels.length} bytes are not ${height} × ${width} RGB pixels`);
  const rowBytes = Math.ceil(width / 2) * 4;
  const file = new Uint8Array(HEADER_BYTES + rowBytes * height);
  const view = new DataView(file.buffer);
  writeHeader(view, height, width);
  const seen = new Uint8Array(pixels.length);
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0; x < width; x++, from += 3) {
      let pixel = 0;
      for (const [channel, { bits, shift }] of [RED, GREEN, BLUE].entries()) {
        const most = 2 ** bits - 1;
        const level = Math.round((pixels[from + channel] * most) / 255);
        seen[from + channel] = Math.round((level * 255) / most);
        pixel |= level << shift;
      }
      view.setUint16(HEADER_BYTES + y * rowBytes + x * 2, pixel, true);
    }
  }
  return { file, pixels: seen };
}

/** File header, then a BITMAPINFOHEADER whose negative height means rows from the top, then the masks. */
function writeHeader(view: DataView, height: number, width: number): void {
  const BITFIELDS = 3;
  view.setUint16(0, 0x4d42, true);
  view.setUint32(2, view.byteLength, true);
  view.setUint32(10, HEADER_BYTES, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, -height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 16, true);
  view.setUint32(30, BITFIELDS, true);
  view.setUint32(34, view.byteLength - HEADER_BYTES, true);
  for (const [index, { bits, shift }] of [RED, GREEN, BLUE].entries())
    view.setUint32(54 + 4 * index, (2 ** bits - 1) << shift, true);
}
