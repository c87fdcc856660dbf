import { UnreadableError } from './errors';

/** Larger pictures are refused before their pixels are allocated: 64 million pixels are 256 MB as RGBA. */
export const MAX_PIXELS = 64_000_000;

export const emptyFile = () => new UnreadableError('is empty');

export const unsupportedBmp = () =>
  new UnreadableError('is a BMP file, a format that is not decoded here; save it as PNG');

export const tooLarge = (width: number, height: number) =>
  new UnreadableError(`is ${width} × ${height} pixels; at most ${MAX_PIXELS / 1e6} million pixels are decoded`);

export const nothingVisible = () => new UnreadableError('is transparent all over');

/** What the decoder said, in our words where its own would not help. Formats are as in PictureFormat. */
export function decoderRefused(format: string, error: unknown): UnreadableError {
  // What stands before the reason depends on when it is asked for.
  const said = wordsOf(error).replace(/^Input (buffer|file) has corrupt header: /, '');
  const name = format.toUpperCase();
  const last = said.split('\n').at(-1) ?? said;
  if (/pixel limit/i.test(said)) return new UnreadableError(`has more than ${MAX_PIXELS / 1e6} million pixels`);
  if (/timeout/i.test(said)) return new UnreadableError('takes too long to decode');
  if (/unsupported image format/i.test(said)) return new UnreadableError(`is no ${name} that can be decoded`);
  if (/premature end|unexpected end|bad seek|read error|unable to parse/i.test(said)) {
    return new UnreadableError(`ends early or is damaged (${name}: ${last})`);
  }
  return new UnreadableError(`cannot be decoded (${name}: ${last})`);
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim();

/** Whether the decoder failed without saying why, or broke off after its own name. */
export function hasLostItsReason(error: unknown): boolean {
  return /(unknown error|:)$/i.test(wordsOf(error));
}
