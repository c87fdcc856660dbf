import { DiagnosticsError, GraftError, unreachable } from '@graft/foundation';
import type { Diagnostic } from '@graft/foundation';
import type { SourceSpec } from '@graft/spec';
import { archiveSource } from './archive-source';
import { directorySource } from './directory-source';
import { httpSource } from './http-source';
import type { SkippedRecord } from './lock';
import { npmSource } from './npm-source';
import type { SourceContext, SourceResult } from './source';

/**
 * In the order of the sources. What is on the disk comes first, so that its mistakes are told before a long download.
 * @param skipped pictures that the lock says the sources went on without
 */
export async function readSources(
  sources: readonly SourceSpec[],
  context: Omit<SourceContext, 'isSkipped'>,
  skipped: readonly SkippedRecord[],
): Promise<SourceResult[]> {
  const results = new Map<number, SourceResult>();
  const failures: Diagnostic[] = [];
  let costOfFailure = Infinity;
  const known = new Set(skipped.map(({ path, sha256 }) => `${path} ${sha256}`));
  const numbered = sources.map((source, index) => ({ source, index }));
  for (const { source, index } of numbered.sort((a, b) => costOf(a.source) - costOf(b.source))) {
    context.signal.throwIfAborted();
    if (costOf(source) > costOfFailure) break;
    const isSkipped: SourceContext['isSkipped'] = ({ path, sha256 }) => known.has(`${index}/${path} ${sha256}`);
    try {
      results.set(index, await readSource(source, { ...context, isSkipped }));
    } catch (error) {
      if (!(error instanceof GraftError)) throw error;
      failures.push(...diagnosticsOf(error));
      costOfFailure = Math.min(costOfFailure, costOf(source));
    }
  }
  if (failures.length > 0) {
    throw new DiagnosticsError([...failures, ...[...results.values()].flatMap((result) => result.diagnostics)]);
  }
  return sources.flatMap((_, index) => results.get(index) ?? []);
}

function diagnosticsOf(error: GraftError): readonly Diagnostic[] {
  return error instanceof DiagnosticsError ? error.diagnostics : [error.toDiagnostic()];
}

function costOf(source: SourceSpec): number {
  return source.type === 'directory' || (source.type === 'archive' && source.url === null) ? 0 : 1;
}

async function readSource(source: SourceSpec, context: SourceContext): Promise<SourceResult> {
  switch (source.type) {
    case 'directory':
      return directorySource.read(source, context);
    case 'npm':
      return npmSource.read(source, context);
    case 'archive':
      return archiveSource.read(source, context);
    case 'http':
      return httpSource.read(source, context);
    default:
      return unreachable(source);
  }
}

/** As it stands in {@link PictureRecord.source}. */
export function sourceName(source: SourceSpec): string {
  switch (source.type) {
    case 'directory':
      return directorySource.name(source);
    case 'npm':
      return npmSource.name(source);
    case 'archive':
      return archiveSource.name(source);
    case 'http':
      return httpSource.name(source);
    default:
      return unreachable(source);
  }
}
