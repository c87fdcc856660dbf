import type { Diagnostic, Parsed, Place } from '@graft/foundation';
import { lockDiffers, lockUnreadable } from './errors';
import type { LockChanges } from './errors';
import { compareText } from './paths';
import type { PictureRecord } from './picture';

/** One file of pretrained weights. */
export interface WeightsRecord {
  /** Where it comes from: an URL, or `npm:<package>@<version>/<path>`. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/** A picture that a source with `on_missing: skip` went on without. */
export interface SkippedRecord {
  /** As in a {@link PictureRecord}. */
  readonly path: string;
  /** Of the picture that was wanted. */
  readonly sha256: string;
  readonly label: string;
  readonly source: string;
}

/** What `experiment.lock.json` pins. Null: that part was never recorded. */
export interface Lock {
  readonly pictures: readonly PictureRecord[] | null;
  readonly skipped: readonly SkippedRecord[] | null;
  readonly weights: readonly WeightsRecord[] | null;
}

export const EMPTY_LOCK: Lock = { pictures: null, skipped: null, weights: null };

/** Where a lock stands and who may renew it, for messages. */
export interface LockNames {
  readonly path: string;
  /** The experiment's project: `npx nx run <project>:lock`. */
  readonly project: string;
}

/** Sorted, one record a line: a changed picture is a changed line. */
export function renderLock(lock: Lock): string {
  const parts = ['  "version": 1'];
  if (lock.pictures !== null) parts.push(renderPart('pictures', lock.pictures.map(pictureLine)));
  if (lock.skipped !== null && lock.skipped.length > 0) {
    parts.push(renderPart('skipped', lock.skipped.map(skippedLine)));
  }
  if (lock.weights !== null) parts.push(renderPart('weights', lock.weights.map(weightsLine)));
  return `{\n${parts.join(',\n')}\n}\n`;
}

// A line begins with its path, so that sorted lines are sorted by path.
function renderPart(name: string, lines: readonly string[]): string {
  if (lines.length === 0) return `  "${name}": []`;
  return `  "${name}": [\n${[...lines].sort(compareText).join(',\n')}\n  ]`;
}

function pictureLine({
  path,
  sha256,
  size,
  format,
  label,
  source,
  license,
  attribution,
  group,
}: PictureRecord): string {
  const remarks = { ...(attribution === null ? {} : { attribution }), ...(group === null ? {} : { group }) };
  return `    ${JSON.stringify({ path, sha256, size, format, label, source, license, ...remarks })}`;
}

function skippedLine({ path, sha256, label, source }: SkippedRecord): string {
  return `    ${JSON.stringify({ path, sha256, label, source })}`;
}

function weightsLine({ path, sha256, size }: WeightsRecord): string {
  return `    ${JSON.stringify({ path, sha256, size })}`;
}

/** Reads a lock; every complaint names its line. */
export function parseLock(text: string, names: LockNames): Parsed<Lock> {
  const fail = (line: number, message: string): Parsed<Lock> => ({
    ok: false,
    diagnostics: [lockUnreadable(message, placeOf(text, line, names.path), names.project)],
  });
  const marker = lineOf(text, (line) => /^(<{7}|={7}|>{7})( |$)/.test(line));
  if (marker !== null) return fail(marker, 'a merge conflict is not resolved');
  const parsed = parseJson(text);
  if (!parsed.ok) return fail(parsed.line, 'this is not JSON');
  const root = parsed.value;
  if (!isObject(root)) return fail(1, 'an object was expected');
  if (root['version'] !== 1) return fail(lineOf(text, (line) => line.includes('"version"')) ?? 1, 'version is not 1');
  return readParts(root, text, names.path, names.project);
}

function readParts(root: Record<string, unknown>, text: string, path: string, project: string): Parsed<Lock> {
  const diagnostics: Diagnostic[] = [];
  const read = <T>(name: string, isRecord: (value: unknown) => value is T): T[] | null => {
    const values = root[name];
    if (values === undefined) return null;
    const records: unknown[] = Array.isArray(values) ? values : [values];
    const wrong = records.filter((record) => !isRecord(record));
    for (const record of wrong) {
      const place = placeOf(text, lineOfRecord(text, record, name), path);
      diagnostics.push(lockUnreadable(`this is not a line of "${name}"`, place, project));
    }
    return records.filter(isRecord);
  };
  const pictures = read('pictures', isPictureLine);
  const lock: Lock = {
    pictures:
      pictures &&
      pictures.map((line) => ({ ...line, attribution: line.attribution ?? null, group: line.group ?? null })),
    skipped: read('skipped', isSkippedRecord),
    weights: read('weights', isWeightsRecord),
  };
  return diagnostics.length > 0 ? { ok: false, diagnostics } : { ok: true, value: lock, warnings: [] };
}

/** Names what differs; nothing where all is as recorded. */
export function compareLock(
  locked: readonly PictureRecord[],
  pictures: readonly PictureRecord[],
  names: LockNames,
): Diagnostic[] {
  const changes = lockChanges(locked, pictures);
  const total = changes.added.length + changes.removed.length + changes.changed.length;
  return total === 0 ? [] : [lockDiffers(changes, names.path, names.project)];
}

export function lockChanges(locked: readonly PictureRecord[], pictures: readonly PictureRecord[]): LockChanges {
  const before = new Map(locked.map((record) => [record.path, record]));
  const after = new Map(pictures.map((record) => [record.path, record]));
  const changed = pictures.flatMap((record) => {
    const old = before.get(record.path);
    return old === undefined ? [] : describeChange(old, record);
  });
  return {
    added: pictures.filter(({ path }) => !before.has(path)).map(({ path }) => path),
    removed: locked.filter(({ path }) => !after.has(path)).map(({ path }) => path),
    changed,
  };
}

function describeChange(before: PictureRecord, after: PictureRecord): string[] {
  if (before.sha256 !== after.sha256) {
    return [`${after.path}  content ${before.sha256.slice(0, 8)}… → ${after.sha256.slice(0, 8)}…`];
  }
  const keys = ['size', 'format', 'label', 'source', 'license', 'attribution', 'group'] as const;
  const differing = keys.filter((key) => before[key] !== after[key]);
  if (differing.length === 0) return [];
  return [`${after.path}  ${differing.map((key) => `${key} ${before[key]} → ${after[key]}`).join(', ')}`];
}

const FORMATS: ReadonlySet<unknown> = new Set(['jpeg', 'png', 'webp', 'gif', 'svg', 'bmp', 'avif', 'tiff']);

function isWeightsRecord(value: unknown): value is WeightsRecord {
  return (
    isObject(value) &&
    typeof value['path'] === 'string' &&
    typeof value['sha256'] === 'string' &&
    /^[0-9a-f]{64}$/.test(value['sha256']) &&
    Number.isSafeInteger(value['size'])
  );
}

/** A line without a credit or a group is one of a source that gives none. */
type PictureLine = Omit<PictureRecord, 'attribution' | 'group'> & {
  readonly attribution?: string;
  readonly group?: string;
};

function isPictureLine(value: unknown): value is PictureLine {
  return (
    isObject(value) &&
    isWeightsRecord(value) &&
    FORMATS.has(value['format']) &&
    typeof value['label'] === 'string' &&
    typeof value['source'] === 'string' &&
    (value['license'] === null || typeof value['license'] === 'string') &&
    ['attribution', 'group'].every((key) => value[key] === undefined || typeof value[key] === 'string')
  );
}

function isSkippedRecord(value: unknown): value is SkippedRecord {
  return (
    isObject(value) &&
    typeof value['path'] === 'string' &&
    typeof value['sha256'] === 'string' &&
    typeof value['label'] === 'string' &&
    typeof value['source'] === 'string'
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Json = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly line: number };

function parseJson(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch (error) {
    return { ok: false, line: brokenLine(text, error) };
  }
}

/** The first record that is no JSON by itself; else where the parser stopped, if it says so; else the end. */
function brokenLine(text: string, error: unknown): number {
  const record = lineOf(text, (line) => {
    const trimmed = line.trim();
    return trimmed.startsWith('{"') && !isJson(trimmed.replace(/,$/, ''));
  });
  const position = /position (\d+)/.exec(String(error))?.[1];
  const stopped = position === undefined ? text.trimEnd() : text.slice(0, Number(position));
  return record ?? stopped.split('\n').length;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function lineOf(text: string, matches: (line: string) => boolean): number | null {
  const index = text.split(/\r?\n/).findIndex(matches);
  return index < 0 ? null : index + 1;
}

function lineOfRecord(text: string, record: unknown, part: string): number {
  const start = JSON.stringify(record).slice(0, 200);
  return (
    lineOf(text, (line) => line.trim().startsWith(start)) ?? lineOf(text, (line) => line.includes(`"${part}"`)) ?? 1
  );
}

function placeOf(text: string, line: number, file: string): Place {
  const content = text.split(/\r?\n/)[line - 1] ?? '';
  const column = content.length - content.trimStart().length + 1;
  return { file, line, column, length: Math.max(1, content.trim().length), text: content };
}
