import type { Diagnostic } from '@graft/foundation';
import type { NpmSource } from '@graft/spec';
import { globsMatchNothing, matchesTwoClasses, mebibytes } from './errors';
import { globMatcher } from './globs';
import { packageName, readPackage } from './npm-package';
import type { PackageFile, PackageFiles, PackageSelection } from './npm-package';
import { compareText, folderLabeller, joinSource } from './paths';
import { sniffPicture } from './sniff';
import type { Refused, Source, SourceContext, SourceFile, SourceResult } from './source';

/**
 * Pictures inside an npm package. With `pictures`, the globs of a class name its files, and the dataset's own
 * `include` does not narrow them (the source's does); without, folder names decide as in a directory source.
 */
export const npmSource: Source<NpmSource> = {
  name: (spec) => `npm:${packageName(spec)}`,
  read: async (spec, context) => {
    const labelsOf = labeller(spec, context);
    const selection = select(spec, context, (path) => labelsOf(path).length > 0);
    const found = await readPackage(spec, selection, context);
    return { ...(await admit(spec, found, labelsOf, context)), downloadedBytes: found.downloadedBytes };
  },
};

type Labeller = (path: string) => readonly string[];

/** All classes that claim a path: one, unless the globs overlap. */
function labeller(spec: NpmSource, context: SourceContext): Labeller {
  if (spec.pictures === null) {
    const labelOf = folderLabeller(context.classes);
    return (path) => {
      const label = labelOf(path);
      return label === null ? [] : [label];
    };
  }
  const claims = Object.entries(spec.pictures)
    .sort(([a], [b]) => compareText(a, b))
    .map(([label, globs]) => ({ label, matches: globMatcher(globs) }));
  return (path) => claims.filter(({ matches }) => matches(path)).map(({ label }) => label);
}

function select(spec: NpmSource, context: SourceContext, isClaimed: (path: string) => boolean): PackageSelection {
  const include = spec.include ?? (spec.pictures === null ? context.include : ['**']);
  const exclude = [...context.exclude, ...spec.exclude];
  const included = globMatcher(include);
  const excluded = globMatcher(exclude);
  return {
    key: { include, exclude, claims: spec.pictures ?? context.classes },
    wants: (path) => isClaimed(path) && included(path) && !excluded(path),
    maxFileBytes: context.maxFileBytes,
  };
}

async function admit(
  spec: NpmSource,
  found: PackageFiles,
  labelsOf: Labeller,
  context: SourceContext,
): Promise<Omit<SourceResult, 'downloadedBytes'>> {
  const name = npmSource.name(spec);
  const files: SourceFile[] = [];
  const notPictures: Refused[] = [];
  for (const file of found.files) {
    context.signal.throwIfAborted();
    // Read back and checked: what the store holds is what counts, not what the archive said.
    const bytes = await context.store.read(file.sha256);
    if (bytes === null) throw new Error(`internal: ${file.sha256} left the store while it was read`);
    const sniffed = sniffPicture(bytes);
    const [label] = labelsOf(file.path);
    if (sniffed.ok) files.push({ ...file, label, format: sniffed.format });
    else notPictures.push({ path: joinSource(name, file.path), reason: sniffed.reason, label });
  }
  const tooLarge = found.tooLarge.map(({ path, size }) => ({
    path: joinSource(name, path),
    reason: `is ${mebibytes(size)}`,
    label: labelsOf(path)[0] ?? null,
  }));
  return { files, notPictures, tooLarge, diagnostics: judgeGlobs(spec, found.files, labelsOf) };
}

function judgeGlobs(spec: NpmSource, files: readonly PackageFile[], labelsOf: Labeller): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const twice = files.map(({ path }) => ({ path, labels: labelsOf(path) })).filter(({ labels }) => labels.length > 1);
  if (twice.length > 0) {
    const lines = twice.map(({ path, labels }) => `${path}  (${labels.join(', ')})`);
    diagnostics.push(matchesTwoClasses(packageName(spec), lines));
  }
  for (const [label, globs] of Object.entries(spec.pictures ?? {})) {
    const idle = globs.filter((glob) => !files.some(({ path }) => globMatcher([glob])(path)));
    if (idle.length > 0) diagnostics.push(globsMatchNothing(packageName(spec), label, idle));
  }
  return diagnostics;
}
