/** Decoded pixels: row, column, channel; one byte each, sRGB, not premultiplied. */
export interface Raster {
  readonly height: number;
  readonly width: number;
  /** 3: RGB. 4: RGBA. */
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

/** A picture's visible part, RGBA, not premultiplied, height · width · 4 bytes. */
export interface Cutout {
  readonly height: number;
  readonly width: number;
  readonly rgba: Uint8Array;
}

/** True where no pixel lets anything through. */
export function isOpaque(raster: Raster): boolean {
  if (raster.channels === 3) return true;
  const { data } = raster;
  for (let at = 3; at < data.length; at += 4) {
    if (data[at] < 255) return false;
  }
  return true;
}

/** The colours alone. */
export function withoutAlpha(raster: Raster): Raster {
  if (raster.channels === 3) return raster;
  const { data, height, width } = raster;
  const area = height * width;
  const rgb = new Uint8Array(area * 3);
  for (let pixel = 0, from = 0, to = 0; pixel < area; pixel++, from += 4, to += 3) {
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
  }
  return { height, width, channels: 3, data: rgb };
}
