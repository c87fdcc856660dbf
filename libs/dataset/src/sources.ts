import { DiagnosticsError, GraftError, unreachable } from '@graft/foundation';
import type { Diagnostic } from '@graft/foundation';
import type { SourceSpec } from '@graft/spec';
import { directorySource } from './directory-source';
import { npmSource } from './npm-source';
import type { SourceContext, SourceResult } from './source';

/** In the order of the sources. Folders come first, so that their mistakes are told before a long download. */
export async function readSources(sources: readonly SourceSpec[], context: SourceContext): Promise<SourceResult[]> {
  const results = new Map<SourceSpec, SourceResult>();
  const failures: Diagnostic[] = [];
  for (const source of [...sources].sort((a, b) => costOf(a) - costOf(b))) {
    context.signal.throwIfAborted();
    if (costOf(source) > 0 && failures.length > 0) break;
    try {
      results.set(source, await readSource(source, context));
    } catch (error) {
      if (!(error instanceof GraftError)) throw error;
      failures.push(error.toDiagnostic());
    }
  }
  if (failures.length > 0) {
    throw new DiagnosticsError([...failures, ...[...results.values()].flatMap((result) => result.diagnostics)]);
  }
  return sources.flatMap((source) => results.get(source) ?? []);
}

function costOf(source: SourceSpec): number {
  return source.type === 'directory' ? 0 : 1;
}

async function readSource(source: SourceSpec, context: SourceContext): Promise<SourceResult> {
  switch (source.type) {
    case 'directory':
      return directorySource.read(source, context);
    case 'npm':
      return npmSource.read(source, context);
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
    default:
      return unreachable(source);
  }
}
