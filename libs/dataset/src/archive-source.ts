import type { ArchiveSource } from '@graft/spec';
import { admitFiles } from './admit-files';
import { archiveDigest, openArchive } from './archive-file';
import type { ArchiveLimits } from './archive-reading';
import { archiveProblems, linksLeftOut } from './errors';
import { choose, judgeGlobs, labeller } from './picture-globs';
import { readArchive } from './read-archive';
import { SelectionBuilder, SelectionMemory } from './selections';
import type { Selection } from './selections';
import type { Source, SourceContext } from './source';

const LIMITS: Omit<ArchiveLimits, 'maxFileBytes'> = {
  maxEntries: 500_000,
  maxTotalBytes: 64 * 1024 ** 3,
  // Pictures hardly shrink; a drawing as BMP may, a little one, to a hundredth.
  maxRatio: 200,
  ratioFromBytes: 16 * 1024 ** 2,
};

/** Pictures inside a zip, tar, tar.gz or tar.xz file. */
export const archiveSource: Source<ArchiveSource> = {
  name: (spec) => `archive:${placeOf(spec)}`,
  read: async (spec, context) => {
    const labelsOf = labeller(spec, context);
    const { key, wants } = choose(spec, labelsOf, context);
    const digest = await archiveDigest(spec, context);
    const memory = new SelectionMemory(
      ['archive', 1, digest, spec.stripComponents, key, context.maxFileBytes],
      context.store,
    );
    const remembered = await memory.recall();
    const { selection, networkBytes } =
      remembered === null ? await take(spec, digest, wants, context) : { selection: remembered, networkBytes: 0 };
    if (remembered === null) await memory.remember(selection, archiveSource.name(spec));
    const paths = selection.files.map(({ path }) => path);
    const links = selection.links.length === 0 ? [] : [linksLeftOut(placeOf(spec), selection.links)];
    return {
      ...(await admitFiles(archiveSource.name(spec), selection, labelsOf, context)),
      diagnostics: [...links, ...judgeGlobs(placeOf(spec), spec.pictures, paths, labelsOf)],
      downloadedBytes: networkBytes,
    };
  },
};

const placeOf = ({ path, url }: ArchiveSource): string => path ?? url ?? '';

async function take(
  spec: ArchiveSource,
  digest: string,
  wants: (path: string) => boolean,
  context: SourceContext,
): Promise<{ selection: Selection; networkBytes: number }> {
  const { path, networkBytes } = await openArchive(spec, digest, context);
  const found = new SelectionBuilder(context.store);
  const task = `unpacking ${placeOf(spec)}`;
  await readArchive(path, {
    kind: 'archive',
    strip: spec.stripComponents,
    limits: { ...LIMITS, maxFileBytes: context.maxFileBytes },
    problems: archiveProblems(placeOf(spec)),
    wants,
    onFile: found.onFile,
    onTooLarge: found.onTooLarge,
    onLink: found.onLink,
    onProgress: (done) => {
      context.signal.throwIfAborted();
      context.report({ type: 'progress', task, done, total: 0, unit: 'byte' });
    },
  }).catch((error: unknown) => {
    context.signal.throwIfAborted();
    throw error;
  });
  return { selection: found.finish(), networkBytes };
}
