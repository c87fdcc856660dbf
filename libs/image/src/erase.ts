import type { Random } from '@graft/foundation';

/** Whole pixels of a picture; `bottom` and `right` are the first ones outside. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

const SMALLEST = 0.02;
/** Height over width, either way. */
const LONGEST = 3;

/** A rectangle somewhere inside the picture that covers at most `area` (a share) of it. */
export function drawRectangle(height: number, width: number, area: number, random: Random): Rectangle {
  const pixels = random.between(Math.min(SMALLEST, area), area) * height * width;
  const shape = Math.exp(random.between(-Math.log(LONGEST), Math.log(LONGEST)));
  const tall = Math.min(height, Math.floor(Math.sqrt(pixels * shape)));
  const wide = Math.min(width, Math.floor(Math.sqrt(pixels / shape)));
  const top = random.integer(height - tall + 1);
  const left = random.integer(width - wide + 1);
  return { top, left, bottom: top + tall, right: left + wide };
}

/** Puts noise (every byte any value) over a rectangle of RGB bytes, in place: a thing in front that says nothing. */
export function erase(
  pixels: Uint8Array,
  width: number,
  { top, left, bottom, right }: Rectangle,
  random: Random,
): void {
  for (let row = top; row < bottom; row++) {
    const end = (row * width + right) * 3;
    for (let at = (row * width + left) * 3; at < end; at++) pixels[at] = random.integer(256);
  }
}
