import type { Diagnostic, Place } from '@graft/foundation';

const syntax = (code: string, message: string, place: Place, note: string): Diagnostic => ({
  code,
  severity: 'error',
  message: `YAML: ${message}`,
  place,
  note,
});

export const tabAsIndent = (place: Place) => syntax('E010', 'a tab cannot start a line', place, 'use spaces');

export const conflictMarker = (place: Place) =>
  syntax('E011', 'the file holds the marks of an unfinished merge', place, 'keep one side and delete the marks');

export const emptyFile = (path: string): Diagnostic => ({
  code: 'E012',
  severity: 'error',
  message: `${path} is empty`,
  hint: 'the smallest useful file has version, classes and dataset.sources; see docs/experiment-yaml.md',
});

export const notUtf8 = (place: Place) =>
  syntax('E013', 'the file is not UTF-8 text', place, 'save the file as UTF-8 in your editor');

export const notYaml = (message: string, place: Place, note: string) => syntax('E014', message, place, note);

export const duplicateKey = (key: string, place: Place, firstLine: number) =>
  syntax('E015', `key "${key}" is given twice`, place, `first on line ${firstLine}; keep one`);

export const tooComplex = (message: string, place: Place) =>
  syntax('E016', message, place, 'no experiment needs this; write the values out');

export const valueIsComment = (key: string, colour: string, place: Place) =>
  syntax('E017', `${colour} after "${key}:" is read as a comment`, place, `put it in quotes: "${colour}"`);

export const notAMap = (path: string, place: Place) =>
  syntax('E018', `${path} is not a list of keys with values`, place, 'start with "version: 1"');

/** The parser's own words for a problem, turned into a remedy where the line shows what went wrong. */
export function remedyFor(line: string, fallback: string): string {
  const unquoted = /^\s*(?:- )?["\w-]+:\s+([>|][=\d ].*|[%@`].*)$/.exec(line);
  if (unquoted !== null) return `put the value in quotes: "${unquoted[1].trim()}"`;
  const glued = /^\s*(?:- )?([\w-]+):(?=[^\s:/])/.exec(line);
  if (glued !== null) return `write a space after "${glued[1]}:"`;
  if (/:\s.*:\s/.test(line)) return 'a value that holds ": " needs quotes';
  return fallback;
}
