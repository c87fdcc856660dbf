import type { Diagnostic, Parsed, Place } from '@graft/foundation';
import { listLineWrong } from './errors';
import { compareText } from './paths';

/** One picture by its address. */
export interface ListedPicture {
  readonly url: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** A class, by any of its names. */
  readonly label: string;
  readonly license: string | null;
  readonly attribution: string | null;
  /** What stays on one side of the split with it. */
  readonly group: string | null;
}

export interface ListedLine extends ListedPicture {
  /** In the file, from 1. */
  readonly line: number;
}

const COLUMNS = ['url', 'sha256', 'label', 'license', 'attribution', 'group'] as const;
type Column = (typeof COLUMNS)[number];
type Cells = Readonly<Partial<Record<Column, string>>>;

/** A line of the file, or why it is none: where from and how long, and the sentence. */
type Line = { readonly cells: Cells } | { readonly column: number; readonly length: number; readonly message: string };

/**
 * Reads a list of pictures: JSON Lines where the name ends in .jsonl or .ndjson, else CSV with a line of column names.
 * A cell stays on its line. Every complaint names its line.
 */
export function parseUrlList(text: string, file: string): Parsed<readonly ListedLine[]> {
  const read = readLines(text, file, ['url', 'sha256', 'label']);
  if (!read.ok) return read;
  return { ...read, value: read.value.map(({ cells, line }) => ({ ...pictureOf(cells), line })) };
}

export type Address = Omit<ListedPicture, 'sha256'>;

/**
 * Reads addresses whose digests are not known yet: a list as above without that column, or one address a line and
 * nothing else.
 * @param label of the ones that have none of their own
 */
export function parseAddresses(text: string, file: string, label: string | null): Parsed<readonly Address[]> {
  const isPlain = /^\uFEFF?\s*https?:/i.test(text);
  const required: readonly Column[] = label === null ? ['url', 'label'] : ['url'];
  const read = readLines(isPlain ? `url\n${text}` : text, file, required, isPlain ? 0 : 1);
  if (!read.ok) return read;
  const addresses = read.value.map(({ cells }): Address => {
    const { sha256: _, label: own, ...rest } = pictureOf(cells);
    return { ...rest, label: own === '' ? (label ?? '') : own };
  });
  return { ...read, value: addresses };
}

interface ReadLine {
  readonly cells: Cells;
  readonly line: number;
}

/** @param firstLine the number of the first line */
function readLines(
  text: string,
  file: string,
  required: readonly Column[],
  firstLine = 1,
): Parsed<readonly ReadLine[]> {
  const isJson = /\.(jsonl|ndjson)$/i.test(file);
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const first = lines.findIndex((line) => line.trim() !== '');
  const columns = isJson || first < 0 ? [] : headOf(lines[first]);
  const diagnostics: Diagnostic[] = [];
  const found: ReadLine[] = [];
  const seen = new Map<string, number>();
  const complain = (index: number, message: string, column = 1, length = lines[index].length): void => {
    diagnostics.push(listLineWrong(message, placeOf(file, lines[index], index + firstLine, column, length)));
  };
  if (!isJson && first >= 0) judgeHead(columns, required, (message) => complain(first, message));
  const rows = diagnostics.length > 0 ? [] : lines.entries();
  for (const [index, line] of rows) {
    if (line.trim() === '' || (!isJson && index === first)) continue;
    const read = isJson ? readJson(line) : readCsv(line, columns);
    if ('message' in read) {
      complain(index, read.message, read.column, read.length);
      continue;
    }
    const fault = faultOf(read.cells, required);
    const before = seen.get(read.cells.url ?? '');
    if (fault !== null) complain(index, fault);
    else if (before !== undefined) complain(index, `the address of line ${before} is there again`);
    else {
      seen.set(read.cells.url ?? '', index + firstLine);
      found.push({ cells: read.cells, line: index + firstLine });
    }
  }
  return diagnostics.length > 0
    ? { ok: false, diagnostics: firstDiagnostics(diagnostics) }
    : { ok: true, value: found, warnings: [] };
}

const headOf = (line: string): string[] => {
  const cells = splitCsv(line);
  return Array.isArray(cells) ? cells.map((cell) => cell.trim().toLowerCase()) : [];
};

function judgeHead(columns: readonly string[], required: readonly Column[], complain: (message: string) => void): void {
  const missing = required.filter((name) => !columns.includes(name));
  const unknown = columns.filter((name) => !COLUMNS.some((known) => known === name));
  if (missing.length > 0) complain(`the first line names no column ${missing.join(', ')}`);
  else if (unknown.length > 0) complain(`there is no column "${unknown[0]}"; the columns are ${COLUMNS.join(', ')}`);
  else if (new Set(columns).size < columns.length) complain('a column is named twice');
}

function readCsv(line: string, columns: readonly string[]): Line {
  const cells = splitCsv(line);
  if (!Array.isArray(cells))
    return { column: cells.column, length: 1, message: 'a quotation mark has no partner on its line' };
  if (cells.length !== columns.length) {
    const message = `${cells.length} cells, where the first line names ${columns.length} columns`;
    return { column: 1, length: line.length, message };
  }
  return { cells: Object.fromEntries(columns.map((name, index) => [name, cells[index].trim()])) };
}

/** RFC 4180 without cells of several lines; or the column of a quotation mark without a partner. */
function splitCsv(line: string): string[] | { column: number } {
  const cells: string[] = [];
  for (let at = 0; at <= line.length;) {
    if (line[at] === '"') {
      const cell = /^"((?:[^"]|"")*)"\s*(?=,|$)/.exec(line.slice(at));
      if (cell === null) return { column: at + 1 };
      cells.push(cell[1].replaceAll('""', '"'));
      at += cell[0].length + 1;
    } else {
      const comma = line.indexOf(',', at);
      const end = comma < 0 ? line.length : comma;
      cells.push(line.slice(at, end));
      at = end + 1;
    }
  }
  return cells;
}

function readJson(line: string): Line {
  const whole = { column: 1, length: line.length };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ...whole, message: 'this is not JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ...whole, message: 'an object was expected' };
  }
  const entries = Object.entries(value).filter(([, cell]) => cell !== null);
  const unknown = entries.find(([name]) => !COLUMNS.some((known) => known === name));
  if (unknown !== undefined)
    return { ...whole, message: `there is no key "${unknown[0]}"; the keys are ${COLUMNS.join(', ')}` };
  const wrong = entries.find(([, cell]) => typeof cell !== 'string');
  if (wrong !== undefined) return { ...whole, message: `"${wrong[0]}" is no text` };
  return { cells: Object.fromEntries(entries.map(([name, cell]) => [name, String(cell)])) };
}

function faultOf({ url = '', sha256 = '', label = '' }: Cells, required: readonly Column[]): string | null {
  const fault = faultOfAddress(url);
  if (fault !== null) return fault;
  if (required.includes('sha256') && !/^[0-9a-f]{64}$/i.test(sha256)) {
    return `"${sha256}" is no SHA-256: 64 digits 0–9, a–f`;
  }
  return required.includes('label') && label === '' ? 'the label is missing' : null;
}

/** Why an address cannot be one of a picture; null where it can. */
export function faultOfAddress(url: string): string | null {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return `"${url}" is no address that begins with https://`;
  const { username, password } = new URL(url);
  return username === '' && password === '' ? null : 'the address holds a password';
}

function pictureOf({
  url = '',
  sha256 = '',
  label = '',
  license = '',
  attribution = '',
  group = '',
}: Cells): ListedPicture {
  return {
    url,
    sha256: sha256.toLowerCase(),
    label,
    license: license === '' ? null : license,
    attribution: attribution === '' ? null : attribution,
    group: group === '' ? null : group,
  };
}

/** As CSV, sorted by label and address; the last three columns only where some picture has them. */
export function renderUrlList(pictures: readonly ListedPicture[]): string {
  const optional = (['license', 'attribution', 'group'] as const).filter((name) =>
    pictures.some((one) => one[name] !== null),
  );
  const columns = ['url', 'sha256', 'label', ...optional] as const;
  const sorted = [...pictures].sort((a, b) => compareText(a.label, b.label) || compareText(a.url, b.url));
  const rows = sorted.map((picture) => columns.map((name) => quoted(picture[name] ?? '')).join(','));
  return `${[columns.join(','), ...rows].join('\n')}\n`;
}

const quoted = (cell: string): string => (/[",]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

function placeOf(file: string, text: string, line: number, column: number, length: number): Place {
  return { file, line, column, length: Math.max(1, length), text };
}

/** A list that is wrong throughout is told by its first lines. */
const MOST_DIAGNOSTICS = 20;

function firstDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const rest = diagnostics.length - MOST_DIAGNOSTICS;
  const [last] = diagnostics.slice(MOST_DIAGNOSTICS - 1);
  if (rest <= 0) return diagnostics;
  return [...diagnostics.slice(0, MOST_DIAGNOSTICS - 1), { ...last, details: [`… and ${rest} more lines`] }];
}
