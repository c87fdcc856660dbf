import { mirrored } from './mirror';

/** A change of view of a whole picture. */
export interface View {
  readonly flipX: boolean;
  readonly flipY: boolean;
  /** Clockwise, radians. */
  readonly angle: number;
  /** 1.1: everything is 10 % larger. */
  readonly zoom: number;
  /** The content moves right and down, in pixels. */
  readonly shiftX: number;
  readonly shiftY: number;
}

/**
 * Resamples RGB pixels (row, column, channel) once, bilinear, around the middle of the picture. What lies outside is the
 * picture mirrored at its edge, so that no flat border tells the network about the change.
 */
export function changeView(pixels: Uint8Array, height: number, width: number, view: View): Uint8Array {
  const { flipX, flipY, angle, zoom, shiftX, shiftY } = view;
  const result = new Uint8Array(height * width * 3);
  const cos = Math.cos(angle) / zoom;
  const sin = Math.sin(angle) / zoom;
  const signX = flipX ? -1 : 1;
  const signY = flipY ? -1 : 1;
  const middleX = (width - 1) / 2;
  const middleY = (height - 1) / 2;
  for (let row = 0, to = 0; row < height; row++) {
    const dy = row - middleY - shiftY;
    for (let column = 0; column < width; column++, to += 3) {
      const dx = column - middleX - shiftX;
      const u = (cos * dx + sin * dy) * signX + middleX;
      const v = (cos * dy - sin * dx) * signY + middleY;
      const left = Math.floor(u);
      const top = Math.floor(v);
      const inside = left >= 0 && top >= 0 && left < width - 1 && top < height - 1;
      const x0 = (inside ? left : mirrored(left, width)) * 3;
      const x1 = (inside ? left + 1 : mirrored(left + 1, width)) * 3;
      const y0 = (inside ? top : mirrored(top, height)) * width * 3;
      const y1 = (inside ? top + 1 : mirrored(top + 1, height)) * width * 3;
      const fu = u - left;
      const fv = v - top;
      const wa = (1 - fu) * (1 - fv);
      const wb = fu * (1 - fv);
      const wc = (1 - fu) * fv;
      const wd = fu * fv;
      for (let channel = 0; channel < 3; channel++) {
        result[to + channel] =
          wa * pixels[y0 + x0 + channel] +
          wb * pixels[y0 + x1 + channel] +
          wc * pixels[y1 + x0 + channel] +
          wd * pixels[y1 + x1 + channel] +
          0.5;
      }
    }
  }
  return result;
}
