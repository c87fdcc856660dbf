import { join } from 'node:path';
import { DEFAULT_INDEX } from '@graft/dataset';
import { compilers, platformName, setupNative } from '@graft/native-setup';
import { NATIVE_RECIPE, nativeCacheFolder } from '@graft/training';
import type { ExecutorContext } from '@nx/devkit';
import { cacheFolderOf, guarded, say } from '../../shared/stage-executor';

export interface SetupNativeOptions {
  readonly index?: string;
}

export default function setupNativeExecutor({ index }: SetupNativeOptions, context: ExecutorContext) {
  return guarded(async (signal, report) => {
    const { built, folder, version } = await setupNative({
      recipe: NATIVE_RECIPE,
      folder: nativeCacheFolder(),
      storeDirectory: join(cacheFolderOf(context.root), 'store'),
      index: index ?? process.env['PIP_INDEX_URL'] ?? DEFAULT_INDEX,
      registry: null,
      platform: platformName(),
      compilers: compilers(process.env),
      report,
      signal,
    });
    say(
      built
        ? `tfjs-node ${version} is built and computes right: ${folder}`
        : `tfjs-node ${version} is there already: ${folder}`,
    );
  });
}
