export { ByteError, ByteReader, ByteWriter } from './bytes';
export { sha256, sha256File } from './digest';
export { DiagnosticsError, GraftError, formatDiagnostic, formatError, unreachable } from './errors';
export type { Diagnostic, GraftErrorOptions, Parsed, Place } from './errors';
export { silent } from './events';
export type { ProgressUnit, Report, StageEvent } from './events';
export { writeFileAtomic } from './files';
export { canonicalJson } from './json';
export { Random } from './random';
