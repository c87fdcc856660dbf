import { DiagnosticsError, formatDiagnostic } from '@graft/foundation';
import type { Diagnostic, Report } from '@graft/foundation';

/** Throws all errors together; tells the warnings first, so that they are seen either way. */
export function raise(diagnostics: readonly Diagnostic[], report: Report): void {
  tellWarnings(
    diagnostics.filter(({ severity }) => severity === 'warning'),
    report,
  );
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new DiagnosticsError(errors);
}

export function tellWarnings(warnings: readonly Diagnostic[], report: Report): void {
  for (const warning of warnings) report({ type: 'note', message: formatDiagnostic(warning) });
}
