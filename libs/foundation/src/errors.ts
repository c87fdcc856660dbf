import { types } from 'node:util';

/** A place in a text file. Lines and columns start at 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Number of characters the caret line marks; at least 1. */
  readonly length: number;
  /** The whole line of the file, without its line end. */
  readonly text: string;
}

/** One complaint about an input. Many are collected and shown together. */
export interface Diagnostic {
  /** Stable code, for example `E102`; `W…` for a warning. Listed in docs/errors.md. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** What is wrong, one sentence. */
  readonly message: string;
  readonly place?: Place;
  /** Stands behind the caret: a short remedy for exactly this place. */
  readonly note?: string;
  /** Further lines, one per affected file or value. */
  readonly details?: readonly string[];
  /** What to do next. */
  readonly hint?: string;
}

export interface GraftErrorOptions {
  readonly message: string;
  readonly hint?: string;
  readonly details?: readonly string[];
  readonly cause?: unknown;
}

/** A run that cannot go on because of its input or surroundings. Has a stable code and tells what to do next. */
export class GraftError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: readonly string[];

  constructor(code: string, options: GraftErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GraftError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? [];
  }

  toDiagnostic(): Diagnostic {
    return {
      code: this.code,
      severity: 'error',
      message: this.message,
      details: this.details,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }
}

/** Carries every problem of a file at once. */
export class DiagnosticsError extends GraftError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const [first] = diagnostics;
    if (first === undefined) throw new Error('internal: an error without a diagnostic');
    super(first.code, { message: diagnostics.map(formatDiagnostic).join('\n\n') });
    this.name = 'DiagnosticsError';
    this.diagnostics = diagnostics;
  }
}

/** The result of turning foreign text or bytes into a trusted value. Warnings may come with a value. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** The one shape in which people see a problem: code, sentence, place, the line with a caret, a hint. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const lines = [`${diagnostic.severity}[${diagnostic.code}] ${diagnostic.message}`];
  if (diagnostic.place !== undefined) lines.push(...placeLines(diagnostic.place, diagnostic.note));
  for (const detail of diagnostic.details ?? []) lines.push(`  ${detail}`);
  if (diagnostic.hint !== undefined) lines.push(`  hint: ${diagnostic.hint}`);
  return lines.join('\n');
}

/** Any thrown value in the shape people see; a stack trace only for a broken promise of our own. */
export function formatError(error: unknown): string {
  if (error instanceof DiagnosticsError) return error.message;
  if (error instanceof GraftError) return formatDiagnostic(error.toDiagnostic());
  if (isSystemError(error)) return formatDiagnostic(refusedBySystem(error));
  return `internal: ${types.isNativeError(error) ? (error.stack ?? error.message) : String(error)}`;
}

interface SystemError {
  readonly code: string;
  readonly message: string;
}

/** What Node throws when the operating system refuses a call on a file, a folder or a connection. */
const isSystemError = (error: unknown): error is SystemError =>
  types.isNativeError(error) && 'syscall' in error && 'code' in error && typeof error.code === 'string';

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on the disk, then start again; what was finished is kept',
  EDQUOT: 'make room on the disk, then start again; what was finished is kept',
  EACCES: 'give yourself access to that path, then start again',
  EPERM: 'give yourself access to that path, then start again',
  EROFS: 'that disk cannot be written to; choose another',
  EMFILE: 'allow more open files (ulimit -n), then start again',
  ENOENT: 'something removed that path while it was in use; start again',
};

function refusedBySystem(error: SystemError): Diagnostic {
  const hint = REMEDIES[error.code] ?? 'see to that path, then start again';
  return { code: 'E590', severity: 'error', message: `the operating system refuses: ${error.message}`, hint };
}

function placeLines(place: Place, note: string | undefined): string[] {
  const gutter = String(place.line).padStart(5);
  // A tab in the line would push the caret off its mark.
  const text = place.text.replaceAll('\t', '→');
  const caret = '^'.repeat(Math.max(1, Math.min(place.length, text.length - place.column + 1)));
  const remark = note === undefined ? '' : ` ${note}`;
  return [
    `  ${place.file}:${place.line}:${place.column}`,
    `${gutter} | ${text}`,
    `${' '.repeat(gutter.length)} | ${' '.repeat(place.column - 1)}${caret}${remark}`,
  ];
}

/** Ends an exhaustive `switch`: a new kind becomes a compile error wherever it matters. */
export function unreachable(value: never): never {
  throw new Error(`internal: unexpected ${JSON.stringify(value)}`);
}
