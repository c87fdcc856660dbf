import type { NpmSource } from '@graft/spec';
import { admitFiles } from './admit-files';
import { packageName, readPackage } from './npm-package';
import { choose, judgeGlobs, labeller } from './picture-globs';
import type { Source } from './source';

/** Pictures inside an npm package. */
export const npmSource: Source<NpmSource> = {
  name: (spec) => `npm:${packageName(spec)}`,
  read: async (spec, context) => {
    const labelsOf = labeller(spec, context);
    const choice = choose(spec, labelsOf, context);
    const found = await readPackage(spec, { ...choice, maxFileBytes: context.maxFileBytes }, context);
    const paths = found.files.map(({ path }) => path);
    return {
      ...(await admitFiles(npmSource.name(spec), found, labelsOf, context)),
      diagnostics: judgeGlobs(packageName(spec), spec.pictures, paths, labelsOf),
      downloadedBytes: found.downloadedBytes,
    };
  },
};
