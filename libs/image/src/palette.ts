import type { Random } from '@graft/foundation';

/** Red, green, blue, 0 … 255. */
export type Colour = readonly [number, number, number];

/** A few colours that go together: one hue and its neighbours, or two hues; mostly muted, as rooms and streets are. */
export function drawPalette(count: number, random: Random): Colour[] {
  const hue = random.uniform();
  const spread = random.uniform() < 0.6 ? 0.08 : 0.5;
  const vivid = random.uniform() < 0.3;
  const dark = random.between(0.08, 0.65);
  const bright = random.between(Math.max(0.5, dark), 1);
  return Array.from({ length: count }, () =>
    fromHsv(
      hue + random.between(-spread, spread),
      vivid ? random.between(0.35, 0.95) : random.between(0, 0.35),
      random.between(dark, bright),
    ),
  );
}

/** 256 steps through the colours, RGB after RGB. */
export function ramp(colours: readonly Colour[]): Float32Array {
  const table = new Float32Array(256 * 3);
  for (let step = 0; step < 256; step++) {
    const place = (step / 255) * (colours.length - 1);
    const first = Math.min(Math.floor(place), Math.max(0, colours.length - 2));
    const second = Math.min(first + 1, colours.length - 1);
    for (let channel = 0; channel < 3; channel++) {
      const from = colours[first][channel];
      table[step * 3 + channel] = from + (colours[second][channel] - from) * (place - first);
    }
  }
  return table;
}

/** `#rrggbb`, as the experiment spells colours. */
export function parseColour(text: string): Colour {
  const digits = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (digits === null) throw new Error(`internal: "${text}" is not a colour`);
  return [parseInt(digits[1], 16), parseInt(digits[2], 16), parseInt(digits[3], 16)];
}

/** Hue in turns (any number), saturation and value 0 … 1. */
export function fromHsv(hue: number, saturation: number, value: number): Colour {
  const channel = (offset: number): number => {
    const sector = (((offset + hue * 6) % 6) + 6) % 6;
    return 255 * value * (1 - saturation * Math.max(0, Math.min(sector, 4 - sector, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}
