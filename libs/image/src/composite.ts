import type { Cutout } from './raster';

/** Where a cut-out stands in a frame: its middle goes to (x, y), after flips, scaling and turning. */
export interface Placement {
  /** Frame pixels from the left and upper edge; pixel centres lie at halves. */
  readonly x: number;
  readonly y: number;
  /** Frame pixels for one pixel of the cut-out. */
  readonly scale: number;
  /** Clockwise, radians. */
  readonly angle: number;
  readonly flipX: boolean;
  readonly flipY: boolean;
}

export interface CompositeOptions {
  /** RGB, height · width · 3; changed in place. */
  readonly frame: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly cutout: Cutout;
  readonly placement: Placement;
  /** `nearest` keeps the blocks of pixel art; `bilinear` mixes neighbours, which also softens the outline. */
  readonly interpolation: 'nearest' | 'bilinear';
}

/** Premultiplied RGBA (colour 0 … 255, alpha 0 … 1) inside a transparent rim of one pixel. */
interface Layer {
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** Draws a cut-out over a frame ("over" operator on sRGB values). Parts outside the frame are cut off. */
export function composite(options: CompositeOptions): void {
  const { cutout, placement, interpolation } = options;
  let layer = premultiplied(cutout);
  let factor = 1;
  // Bilinear mixing looks at four neighbours only, so a strong reduction is done by halving first.
  while (interpolation === 'bilinear' && placement.scale * factor <= 0.5 && layer.height > 1 && layer.width > 1) {
    layer = halved(layer);
    factor *= 2;
  }
  draw(options, layer, factor);
}

function premultiplied(cutout: Cutout): Layer {
  const { height, width, rgba } = cutout;
  const stride = (width + 2) * 4;
  const values = new Float32Array((height + 2) * stride);
  for (let row = 0, from = 0; row < height; row++) {
    for (let column = 0, to = (row + 1) * stride + 4; column < width; column++, from += 4, to += 4) {
      const alpha = rgba[from + 3] / 255;
      values[to] = rgba[from] * alpha;
      values[to + 1] = rgba[from + 1] * alpha;
      values[to + 2] = rgba[from + 2] * alpha;
      values[to + 3] = alpha;
    }
  }
  return { height, width, values };
}

/** Averages of two by two pixels; an odd last row or column is averaged with the transparent rim. */
function halved(layer: Layer): Layer {
  const height = Math.ceil(layer.height / 2);
  const width = Math.ceil(layer.width / 2);
  const from = (layer.width + 2) * 4;
  const to = (width + 2) * 4;
  const values = new Float32Array((height + 2) * to);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const a = (2 * row + 1) * from + (2 * column + 1) * 4;
      const b = a + from;
      const target = (row + 1) * to + (column + 1) * 4;
      for (let channel = 0; channel < 4; channel++) {
        const upper = layer.values[a + channel] + layer.values[a + 4 + channel];
        const lower = layer.values[b + channel] + layer.values[b + 4 + channel];
        values[target + channel] = (upper + lower) / 4;
      }
    }
  }
  return { height, width, values };
}

/** `factor`: pixels of the cut-out along one side of a layer pixel. */
function draw(options: CompositeOptions, layer: Layer, factor: number): void {
  const { frame, height, width, cutout, placement } = options;
  const { values } = layer;
  const stride = (layer.width + 2) * 4;
  const scale = placement.scale * factor;
  const cos = Math.cos(placement.angle);
  const sin = Math.sin(placement.angle);
  const halfX = (layer.width / 2 + 1) * scale;
  const halfY = (layer.height / 2 + 1) * scale;
  const reachX = Math.abs(cos) * halfX + Math.abs(sin) * halfY;
  const reachY = Math.abs(sin) * halfX + Math.abs(cos) * halfY;
  const left = Math.max(0, Math.floor(placement.x - reachX));
  const right = Math.min(width, Math.ceil(placement.x + reachX));
  const top = Math.max(0, Math.floor(placement.y - reachY));
  const bottom = Math.min(height, Math.ceil(placement.y + reachY));
  const perX = (placement.flipX ? -1 : 1) / scale;
  const perY = (placement.flipY ? -1 : 1) / scale;
  // The rim is index 0, so the middle of pixel i is index i + 1. Halving may have added half a pixel at the far side.
  const middleU = cutout.width / factor / 2 + 0.5;
  const middleV = cutout.height / factor / 2 + 0.5;
  const nearest = options.interpolation === 'nearest';
  for (let row = top; row < bottom; row++) {
    const dy = row + 0.5 - placement.y;
    for (let column = left; column < right; column++) {
      const dx = column + 0.5 - placement.x;
      let u = (cos * dx + sin * dy) * perX + middleU;
      let v = (cos * dy - sin * dx) * perY + middleV;
      if (nearest) {
        u = Math.round(u);
        v = Math.round(v);
      }
      if (!(u >= 0 && v >= 0 && u <= layer.width + 1 && v <= layer.height + 1)) continue;
      const column0 = Math.min(u | 0, layer.width);
      const row0 = Math.min(v | 0, layer.height);
      const fu = u - column0;
      const fv = v - row0;
      const a = row0 * stride + column0 * 4;
      const c = a + stride;
      const wa = (1 - fu) * (1 - fv);
      const wb = fu * (1 - fv);
      const wc = (1 - fu) * fv;
      const wd = fu * fv;
      const alpha = wa * values[a + 3] + wb * values[a + 7] + wc * values[c + 3] + wd * values[c + 7];
      if (alpha <= 0) continue;
      const rest = 1 - alpha;
      const at = (row * width + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const colour =
          wa * values[a + channel] +
          wb * values[a + 4 + channel] +
          wc * values[c + channel] +
          wd * values[c + 4 + channel];
        frame[at + channel] = Math.min(255, (colour + rest * frame[at + channel] + 0.5) | 0);
      }
    }
  }
}
