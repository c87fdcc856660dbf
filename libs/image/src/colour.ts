/** Factors around 1: 1.1 is 10 % more. */
export interface ColourChange {
  /** Multiplies the light, as a longer exposure does. */
  readonly brightness: number;
  /** Stretches values away from the picture's mean luma. */
  readonly contrast: number;
  /** Stretches colours away from their own grey; 0 leaves grey only. */
  readonly saturation: number;
}

/** Luma of sRGB values after ITU-R BT.601, as cameras and JPEG weigh them. */
const RED = 0.299;
const GREEN = 0.587;
const BLUE = 0.114;

/** Changes RGB (`channels` 3) or RGBA (4, alpha untouched) bytes in place; values are cut at 0 and 255. */
export function changeColours(bytes: Uint8Array, channels: 3 | 4, change: ColourChange): void {
  const { brightness, contrast, saturation } = change;
  if (brightness === 1 && contrast === 1 && saturation === 1) return;
  const offset = (1 - contrast) * brightness * meanLuma(bytes, channels) + 0.5;
  const own = contrast * brightness * saturation;
  const grey = contrast * brightness * (1 - saturation);
  for (let at = 0; at < bytes.length; at += channels) {
    const shared = grey * (RED * bytes[at] + GREEN * bytes[at + 1] + BLUE * bytes[at + 2]) + offset;
    bytes[at] = Math.min(255, Math.max(0, own * bytes[at] + shared));
    bytes[at + 1] = Math.min(255, Math.max(0, own * bytes[at + 1] + shared));
    bytes[at + 2] = Math.min(255, Math.max(0, own * bytes[at + 2] + shared));
  }
}

function meanLuma(bytes: Uint8Array, channels: 3 | 4): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += channels) {
    sum += RED * bytes[at] + GREEN * bytes[at + 1] + BLUE * bytes[at + 2];
  }
  return sum / (bytes.length / channels);
}
