import { DiagnosticsError } from '@graft/foundation';
import type { Diagnostic, Parsed, Place } from '@graft/foundation';
import { lockDiffers, lockUnreadable } from './errors';
import type { LockChanges } from './errors';
import { compareText } from './paths';
import type { PictureFacts, PictureRecord, SplitPart } from './picture';

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

export interface LockedPicture extends PictureRecord {
  /** Null: the lock does not tell, as older ones. */
  readonly facts: PictureFacts | null;
}

/** What `experiment.lock.json` pins. Null: that part was never recorded. */
export interface Lock {
  readonly pictures: readonly LockedPicture[] | null;
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

function pictureLine({ facts, attribution, group, ...picture }: LockedPicture): string {
  const { path, sha256, size, format, label, source, license } = picture;
  const remarks = { ...(attribution === null ? {} : { attribution }), ...(group === null ? {} : { group }) };
  const known = { path, sha256, size, format, label, source, license, ...remarks, ...factsLine(facts) };
  return `    ${JSON.stringify(known)}`;
}

/** Keys of a line for what is known; a line of an older lock has none of them. */
function factsLine(facts: PictureFacts | null): object {
  if (facts === null) return {};
  const { width, height, perceptualHash, split, lookAlikes } = facts;
  return {
    ...{ width, height, phash: perceptualHash },
    ...(split === null ? {} : { split }),
    ...(lookAlikes === null ? {} : { alike: lookAlikes }),
  };
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
    pictures: pictures && pictures.map(lockedPicture),
    skipped: read('skipped', isSkippedRecord),
    weights: read('weights', isWeightsRecord),
  };
  return diagnostics.length > 0 ? { ok: false, diagnostics } : { ok: true, value: lock, warnings: [] };
}

function lockedPicture(line: PictureLine): LockedPicture {
  const { path, sha256, size, format, label, source, license, attribution, group } = line;
  const { width, height, phash, split, alike } = line;
  const measured = width !== undefined && height !== undefined && phash !== undefined;
  return {
    ...{ path, sha256, size, format, label, source, license },
    attribution: attribution ?? null,
    group: group ?? null,
    facts: measured ? { width, height, perceptualHash: phash, split: split ?? null, lookAlikes: alike ?? null } : null,
  };
}

/** The text of a lock with these facts, by content, on its lines, and none where there are none. @throws DiagnosticsError E232 */
export function recordFacts(text: string, names: LockNames, facts: ReadonlyMap<string, PictureFacts>): string {
  const parsed = parseLock(text, names);
  if (!parsed.ok) throw new DiagnosticsError(parsed.diagnostics);
  const { pictures, ...lock } = parsed.value;
  return renderLock({
    ...lock,
    pictures: pictures && pictures.map((one) => ({ ...one, facts: facts.get(one.sha256) ?? null })),
  });
}

/** Names what differs; nothing where all is as recorded. What is only worked out from a picture cannot differ alone. */
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

/** What may be missing: a credit, a group, and what older locks do not know. */
interface PictureLine extends Omit<PictureRecord, 'attribution' | 'group'> {
  readonly attribution?: string;
  readonly group?: string;
  readonly width?: number;
  readonly height?: number;
  readonly phash?: string;
  readonly split?: SplitPart;
  readonly alike?: string;
}

const SIDES: ReadonlySet<unknown> = new Set(['train', 'validation', 'test']);

/** Keys that may be missing, and what they hold where they are not. */
const OPTIONAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  attribution: isText,
  group: isText,
  width: Number.isSafeInteger,
  height: Number.isSafeInteger,
  phash: (value) => isText(value) && /^[0-9a-f]{16}$/.test(value),
  split: (value) => SIDES.has(value),
  alike: isText,
};

function isPictureLine(value: unknown): value is PictureLine {
  return (
    isObject(value) &&
    isWeightsRecord(value) &&
    FORMATS.has(value['format']) &&
    isText(value['label']) &&
    isText(value['source']) &&
    (value['license'] === null || isText(value['license'])) &&
    Object.entries(OPTIONAL).every(([key, fits]) => value[key] === undefined || fits(value[key]))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
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
