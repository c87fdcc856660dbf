/** Columns and rows of a letter; one empty column follows. */
const COLUMNS = 5;
const ROWS = 7;
const ADVANCE = COLUMNS + 1;

/** Seven rows from the top, each a digit to the base of 32 whose five bits are the pixels from left to right. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ A: 'ehhvhhh', B: 'uhhuhhu', C: 'ehggghe', D: 'uhhhhhu', E: 'vgguggv', F: 'vgguggg', G: 'ehgnhhf' },
  ...{ H: 'hhhvhhh', I: 'e44444e', J: '72222ic', K: 'hikokih', L: 'ggggggv', M: 'hrllhhh', N: 'hhpljhh' },
  ...{ O: 'ehhhhhe', P: 'uhhuggg', Q: 'ehhhlid', R: 'uhhukih', S: 'fgge11u', T: 'v444444', U: 'hhhhhhe' },
  ...{ V: 'hhhhha4', W: 'hhhllla', X: 'hha4ahh', Y: 'hhha444', Z: 'v1248gv', 0: 'ehjlphe', 1: '4c4444e' },
  ...{ 2: 'eh1248v', 3: 'v2421he', 4: '26aiv22', 5: 'vgu11he', 6: '68guhhe', 7: 'v124888', 8: 'ehhehhe' },
  ...{ 9: 'ehhf12c', ' ': '0000000', '.': '00000cc', ',': '0000448', '-': '000v000', _: '000000v' },
  ...{
    '%': 'op248j3',
    '?': 'eh12404',
    '/': '01248g0',
    '#': 'aavavaa',
    ':': '0cc0cc0',
    '(': '2488842',
    ')': '8422248',
    '@': 'ehnlnge',
  },
};
/** Stands for what is not in the table. */
const BOX = 'vhhhhhv';

/** Text as it would be drawn: capitals without accents, one string a letter. */
function lettersOf(text: string): string[] {
  const plain = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toUpperCase();
  return [...plain].map((character) => LETTERS[character] ?? BOX);
}

/** Of a line of text, in pixels. */
export const textWidth = (text: string, scale: number): number => lettersOf(text).length * ADVANCE * scale;

export const lineHeight = (scale: number): number => ROWS * scale;

/** RGB bytes (row, column, channel) that are written on. */
export interface Canvas {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/**
 * Writes a line of text in white, its upper left corner at (top, left), no further right than `right`; `scale` pixels stand
 * for one of a letter. The letters are this library's own, since a machine's fonts would make other bytes on other machines.
 */
export function drawText(
  canvas: Canvas,
  text: string,
  { top, left, right, scale }: { top: number; left: number; right: number; scale: number },
): void {
  lettersOf(text).forEach((letter, index) => {
    const start = left + index * ADVANCE * scale;
    if (start + COLUMNS * scale > Math.min(right, canvas.width)) return;
    for (let row = 0; row < ROWS * scale; row++) {
      const bits = parseInt(letter[Math.floor(row / scale)], 32);
      for (let column = 0; column < COLUMNS * scale; column++) {
        if (((bits >> (COLUMNS - 1 - Math.floor(column / scale))) & 1) === 0) continue;
        canvas.pixels.fill(
          255,
          ((top + row) * canvas.width + start + column) * 3,
          ((top + row) * canvas.width + start + column + 1) * 3,
        );
      }
    }
  });
}
