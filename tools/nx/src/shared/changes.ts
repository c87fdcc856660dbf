import { canonicalJson } from '@graft/foundation';

/** One difference between the last run and now, in words. */
export type Change = string;

/** Names the members that differ between two plain values: `train.epochs: 10 → 20`. */
export function settingChanges(before: unknown, after: unknown, path = ''): Change[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => settingChanges(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  if (canonicalJson(before) === canonicalJson(after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((member, index) => settingChanges(member, after[index], `${path}[${index}]`));
  }
  return [`key ${path}: ${shown(before)} → ${shown(after)}`];
}

/** Names what was added, removed or changed between two tables of digests or versions. */
export function tableChanges(
  noun: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    if (before[name] === after[name]) return [];
    if (before[name] === undefined) return [`${noun} ${name} is new`];
    if (after[name] === undefined) return [`${noun} ${name} is gone`];
    return [`${noun} ${name} changed${versions(before[name], after[name])}`];
  });
}

function versions(before: string, after: string): string {
  // Digests say nothing to a person; versions do.
  return before.length < 32 && after.length < 32 ? `: ${before} → ${after}` : '';
}

const LONGEST_SHOWN = 80;

function shown(value: unknown): string {
  if (value === undefined) return '(absent)';
  const text = JSON.stringify(value);
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
