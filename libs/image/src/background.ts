import type { Random } from '@graft/foundation';
import { type Cell, valueNoise } from './noise';
import { type Colour, drawPalette, fromHsv, ramp } from './palette';

/** A picture in the making: RGB after RGB, 0 … 255, fractions kept until the end. */
interface Canvas {
  readonly height: number;
  readonly width: number;
  readonly rgb: Float32Array;
}

type Recipe = (canvas: Canvas, random: Random) => void;

/** Often drawn kinds stand more than once. */
const RECIPES: readonly Recipe[] = [
  paintWhite,
  paintWhite,
  paintPlain,
  paintPlain,
  paintGradient,
  paintClouds,
  paintFoliage,
  paintStreaks,
  paintPattern,
  paintBokeh,
  paintBokeh,
  paintRoom,
  paintRoom,
  paintClutter,
  paintClutter,
  paintClutter,
];

/**
 * Draws something to stand behind a cut-out: walls, gradients, foliage, wood, checks, out-of-focus lights, rooms, heaps of
 * things; each with uneven light and a little sensor noise. A network that learns cut-outs over these cannot lean on the
 * background, which is what makes it work on photographs.
 *
 * @returns height · width · 3 bytes (row, column, RGB), decided by the state of `random` alone.
 */
export function drawBackground(height: number, width: number, random: Random): Uint8Array {
  const canvas = { height, width, rgb: new Float32Array(height * width * 3) };
  const recipe = RECIPES[random.integer(RECIPES.length)];
  recipe(canvas, random);
  // White paper stays white, as on a product's or a drawing's picture.
  if (recipe !== paintWhite) light(canvas, random);
  return withGrain(canvas, random);
}

function paintWhite(canvas: Canvas, random: Random): void {
  const level = random.uniform() < 0.5 ? 1 : random.between(0.85, 1);
  const colour = fromHsv(random.uniform(), random.between(0, 0.04), level);
  fillField(canvas, slope(canvas, random), [colour, scaled(colour, random.between(0.9, 1))]);
}

function paintPlain(canvas: Canvas, random: Random): void {
  const [colour] = drawPalette(1, random);
  fillField(canvas, cloud(canvas, 0.7, 2, random), [scaled(colour, 0.93), scaled(colour, 1.03)]);
}

function paintGradient(canvas: Canvas, random: Random): void {
  const colours = drawPalette(2 + random.integer(2), random);
  fillField(canvas, random.uniform() < 0.6 ? slope(canvas, random) : rings(canvas, random), colours);
}

function paintClouds(canvas: Canvas, random: Random): void {
  const colours = drawPalette(3 + random.integer(3), random);
  fillField(canvas, stretched(cloud(canvas, random.between(0.15, 0.6), 5, random)), colours);
}

/** Leaves against their shadows: noise at two sizes, cut into lights and darks, in greens and browns. */
function paintFoliage(canvas: Canvas, random: Random): void {
  const hue = random.between(0.06, 0.4);
  const colours = [0.12, 0.35, 0.6, 0.9].map((value) =>
    fromHsv(hue + random.between(-0.05, 0.05), random.between(0.25, 0.7), value * random.between(0.8, 1.1)),
  );
  const leaves = cloud(canvas, random.between(0.03, 0.12), 2, random);
  const patches = cloud(canvas, 0.4, 2, random);
  const crispness = random.between(1.5, 4);
  const field = leaves.map((leaf, at) => 0.5 + (leaf - 0.5) * crispness + (patches[at] - 0.5) * 0.9);
  fillField(canvas, field, colours);
}

/** Noise drawn out along one axis: wood, grass, cloth, brushed metal. */
function paintStreaks(canvas: Canvas, random: Random): void {
  const long = canvas.height * random.between(0.5, 2);
  const short = canvas.height * random.between(0.01, 0.06);
  const cell = random.uniform() < 0.5 ? { height: long, width: short } : { height: short, width: long };
  const field = valueNoise(canvas.height, canvas.width, cell, 2, random);
  fillField(canvas, field, drawPalette(2 + random.integer(2), random));
}

function paintPattern(canvas: Canvas, random: Random): void {
  fillField(canvas, pattern(canvas, random), drawPalette(2 + random.integer(2), random));
}

/** Soft discs of light over a gradient, as behind a subject in focus. */
function paintBokeh(canvas: Canvas, random: Random): void {
  paintGradient(canvas, random);
  const colours = drawPalette(5, random);
  const softness = random.between(0.3, 1);
  for (let left = 6 + random.integer(18); left > 0; left--) {
    const radius = canvas.height * random.between(0.04, 0.35);
    const strength = random.between(0.25, 0.9);
    paintDisc(canvas, radius, softness, strength, colours[random.integer(colours.length)], random);
  }
}

/** A wall above a floor or a table. */
function paintRoom(canvas: Canvas, random: Random): void {
  const wall = [paintWhite, paintPlain, paintGradient, paintStreaks, paintPattern, paintClutter][random.integer(6)];
  wall(canvas, random);
  const horizon = canvas.height * random.between(0.4, 0.8);
  const tilt = random.between(-0.08, 0.08);
  const colours = ramp(drawPalette(2 + random.integer(2), random));
  const boards = random.between(3, 14);
  const rows = random.uniform() < 0.5 ? random.between(2, 8) : 0;
  const shift = random.uniform();
  const grain = cloud(canvas, 0.08, 3, random);
  for (let row = 0, at = 0; row < canvas.height; row++) {
    for (let column = 0; column < canvas.width; column++, at++) {
      const depth = row - horizon - tilt * column;
      if (depth < 0) continue;
      // A floor seen at an angle: lines run to a point on the horizon, distance grows with its reciprocal.
      const nearness = (depth + 2) / (canvas.height - horizon + 2);
      const board = Math.floor(((column / canvas.width - 0.5) / (0.35 + nearness)) * boards + shift + 64);
      const line = rows === 0 ? 0 : Math.floor(rows / (0.3 + nearness));
      const shade = ((board * 7 + line * 5) % 4) / 8 + grain[at] * 0.5;
      const fade = Math.min(1, 0.55 + depth / (canvas.height * 0.12));
      blend(canvas.rgb, at, colours, shade, fade, 1);
    }
  }
}

/** Things lying about: overlapping boxes and ellipses, each with a shading of its own. */
function paintClutter(canvas: Canvas, random: Random): void {
  paintGradient(canvas, random);
  const texture = cloud(canvas, random.between(0.05, 0.3), 3, random);
  for (let left = 5 + random.integer(16); left > 0; left--) paintThing(canvas, texture, random);
}

function paintThing(canvas: Canvas, texture: Float32Array, random: Random): void {
  const { height, width, rgb } = canvas;
  const colours = ramp(drawPalette(2, random));
  const [x, y] = [random.uniform() * width, random.uniform() * height];
  const halfX = width * random.between(0.03, 0.28);
  const halfY = height * random.between(0.03, 0.28);
  const angle = random.between(0, Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const round = random.uniform() < 0.5;
  const sharpness = Math.min(halfX, halfY) / random.between(1, 6);
  const reach = Math.hypot(halfX, halfY) + 6;
  for (let row = Math.max(0, Math.ceil(y - reach)); row < Math.min(height, y + reach); row++) {
    for (let column = Math.max(0, Math.ceil(x - reach)); column < Math.min(width, x + reach); column++) {
      const u = (cos * (column - x) + sin * (row - y)) / halfX;
      const v = (cos * (row - y) - sin * (column - x)) / halfY;
      const distance = round ? Math.sqrt(u * u + v * v) : Math.max(Math.abs(u), Math.abs(v));
      const cover = Math.min(1, (1 - distance) * sharpness + 0.5);
      if (cover <= 0) continue;
      const at = row * width + column;
      blend(rgb, at, colours, 0.35 + 0.25 * (u + v) + 0.5 * (texture[at] - 0.5), 1, cover);
    }
  }
}

function paintDisc(
  canvas: Canvas,
  radius: number,
  softness: number,
  strength: number,
  colour: Colour,
  random: Random,
): void {
  const { height, width, rgb } = canvas;
  const [x, y] = [random.uniform() * width, random.uniform() * height];
  for (let row = Math.max(0, Math.ceil(y - radius)); row < Math.min(height, y + radius); row++) {
    for (let column = Math.max(0, Math.ceil(x - radius)); column < Math.min(width, x + radius); column++) {
      const distance = Math.sqrt((column - x) ** 2 + (row - y) ** 2) / radius;
      const cover = Math.min(1, (1 - distance) / softness) * strength;
      if (cover <= 0) continue;
      const at = (row * width + column) * 3;
      for (let channel = 0; channel < 3; channel++) rgb[at + channel] += (colour[channel] - rgb[at + channel]) * cover;
    }
  }
}

// Fields: height · width values, about 0 … 1, which a palette turns into colours.

/** Cells are a share of the picture's height, so that a smaller picture shows the same scene. */
function cloud(canvas: Canvas, share: number, octaves: number, random: Random): Float32Array {
  const side = Math.max(2, canvas.height * share);
  const cell: Cell = { height: side, width: side };
  return valueNoise(canvas.height, canvas.width, cell, octaves, random);
}

/** Octaves that add up crowd around one half; this spreads them over the whole range. */
function stretched(field: Float32Array): Float32Array {
  return field.map((value) => 0.5 + (value - 0.5) * 1.8);
}

function slope(canvas: Canvas, random: Random): Float32Array {
  const angle = random.between(0, 2 * Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const reach = (Math.abs(cos) + Math.abs(sin)) / 2;
  return fieldOf(canvas, (x, y) => 0.5 + (cos * x + sin * y) / (2 * reach));
}

function rings(canvas: Canvas, random: Random): Float32Array {
  const [x0, y0] = [random.between(-0.4, 0.4), random.between(-0.4, 0.4)];
  const reach = random.between(0.5, 1.1);
  return fieldOf(canvas, (x, y) => Math.sqrt((x - x0) ** 2 + (y - y0) ** 2) / reach);
}

/** Stripes, checks or dots, turned by any angle. */
function pattern(canvas: Canvas, random: Random): Float32Array {
  const angle = random.between(0, Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const waves = 2 * Math.PI * random.between(2, 16);
  const edge = random.between(1, 5);
  const kind = random.integer(3);
  return fieldOf(canvas, (x, y) => {
    const across = Math.sin((cos * x + sin * y) * waves);
    const along = kind === 0 ? 1 : Math.sin((cos * y - sin * x) * waves);
    const wave = kind === 2 ? across + along - 1 : across * along;
    return 0.5 + Math.min(1, Math.max(-1, wave * edge)) / 2;
  });
}

/** Coordinates are −0.5 … 0.5 down the picture; the same unit across. */
function fieldOf(canvas: Canvas, value: (x: number, y: number) => number): Float32Array {
  const { height, width } = canvas;
  const field = new Float32Array(height * width);
  for (let row = 0, at = 0; row < height; row++) {
    const y = (row + 0.5) / height - 0.5;
    for (let column = 0; column < width; column++, at++) field[at] = value((column + 0.5 - width / 2) / height, y);
  }
  return field;
}

function fillField(canvas: Canvas, field: Float32Array, colours: readonly Colour[]): void {
  const table = ramp(colours);
  for (let at = 0; at < field.length; at++) blend(canvas.rgb, at, table, field[at], 1, 1);
}

/** Mixes the colour at `place` (0 … 1) of a ramp, times `shade`, into one pixel. */
function blend(
  rgb: Float32Array,
  pixel: number,
  table: Float32Array,
  place: number,
  shade: number,
  cover: number,
): void {
  const from = Math.min(255, Math.max(0, (place * 255) | 0)) * 3;
  const at = pixel * 3;
  rgb[at] += (table[from] * shade - rgb[at]) * cover;
  rgb[at + 1] += (table[from + 1] * shade - rgb[at + 1]) * cover;
  rgb[at + 2] += (table[from + 2] * shade - rgb[at + 2]) * cover;
}

function scaled(colour: Colour, factor: number): Colour {
  return [colour[0] * factor, colour[1] * factor, colour[2] * factor];
}

/** Light that falls off to one side, and a cast that is warm or cold. */
function light(canvas: Canvas, random: Random): void {
  const falloff = slope(canvas, random);
  const depth = random.between(0, 0.35);
  const gain = random.between(0.85, 1.25);
  const warmth = random.between(-0.08, 0.08);
  const { rgb } = canvas;
  for (let pixel = 0, at = 0; pixel < falloff.length; pixel++, at += 3) {
    const factor = gain * (1 - depth * falloff[pixel]);
    rgb[at] *= factor * (1 + warmth);
    rgb[at + 1] *= factor;
    rgb[at + 2] *= factor * (1 - warmth);
  }
}

function withGrain(canvas: Canvas, random: Random): Uint8Array {
  const amount = random.between(0, 10);
  const { rgb } = canvas;
  const bytes = new Uint8Array(rgb.length);
  for (let at = 0; at < rgb.length; at += 3) {
    const grain = (random.uniform() - 0.5) * amount + 0.5;
    bytes[at] = Math.min(255, Math.max(0, rgb[at] + grain));
    bytes[at + 1] = Math.min(255, Math.max(0, rgb[at + 1] + grain));
    bytes[at + 2] = Math.min(255, Math.max(0, rgb[at + 2] + grain));
  }
  return bytes;
}
