import type { Diagnostic } from '@graft/foundation';
import type { PictureGlobs, SourceSpec } from '@graft/spec';
import { globsMatchNothing, matchesTwoClasses } from './errors';
import { globMatcher } from './globs';
import { compareText, labellerOf } from './paths';
import type { SourceContext } from './source';

/** What a source that is packed into one file says about the files inside. */
export interface PackedSpec {
  readonly use: SourceSpec['use'];
  readonly pictures: PictureGlobs;
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[];
}

/** All classes that claim a path: one, unless the globs overlap. */
export type Labeller = (path: string) => readonly string[];

/** With `pictures` the globs of a class name its files; without, the innermost class folder decides. */
export function labeller(
  { use, pictures }: Pick<PackedSpec, 'use' | 'pictures'>,
  { classes }: Pick<SourceContext, 'classes'>,
): Labeller {
  if (pictures === null) {
    const labelOf = labellerOf({ use }, classes);
    return (path) => {
      const label = labelOf(path);
      return label === null ? [] : [label];
    };
  }
  const claims = Object.entries(pictures)
    .sort(([a], [b]) => compareText(a, b))
    .map(([label, globs]) => ({ label, matches: globMatcher(globs) }));
  return (path) => claims.filter(({ matches }) => matches(path)).map(({ label }) => label);
}

export interface Choice {
  /** Plain data that decides what `wants` answers: equal keys, equal choices. */
  readonly key: unknown;
  readonly wants: (path: string) => boolean;
}

/** The dataset's own `include` does not narrow `pictures`; the source's does. */
export function choose(spec: PackedSpec, labelsOf: Labeller, context: SourceContext): Choice {
  const include = spec.include ?? (spec.pictures === null ? context.include : ['**']);
  const exclude = [...context.exclude, ...spec.exclude];
  const included = globMatcher(include);
  const excluded = globMatcher(exclude);
  return {
    key: { include, exclude, claims: spec.pictures ?? (spec.use === 'unknown' ? 'all' : context.classes) },
    wants: (path) => labelsOf(path).length > 0 && included(path) && !excluded(path),
  };
}

/** @param source its name, for messages */
export function judgeGlobs(
  source: string,
  pictures: PictureGlobs,
  paths: readonly string[],
  labelsOf: Labeller,
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const twice = paths.map((path) => ({ path, labels: labelsOf(path) })).filter(({ labels }) => labels.length > 1);
  if (twice.length > 0) {
    const lines = twice.map(({ path, labels }) => `${path}  (${labels.join(', ')})`);
    diagnostics.push(matchesTwoClasses(source, lines));
  }
  for (const [label, globs] of Object.entries(pictures ?? {})) {
    const idle = globs.filter((glob) => !paths.some((path) => globMatcher([glob])(path)));
    if (idle.length > 0) diagnostics.push(globsMatchNothing(source, label, idle));
  }
  return diagnostics;
}
