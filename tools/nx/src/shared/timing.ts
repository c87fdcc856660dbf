import { join } from 'node:path';
import { keepTiming, projectFolder, readManifest } from '@graft/pipeline';
import type { StageName } from '@graft/pipeline';

/** Where the times of a project's stages are kept: local to this machine, and never part of an output. */
export const timingFolder = (cacheFolder: string, projectName: string): string =>
  join(cacheFolder, 'timings', projectFolder(projectName));

export interface StageTimer {
  /** The work begins. A stage that keeps its output begins none, and is not counted. */
  readonly begin: () => void;
  /** The output is in place. */
  readonly end: () => Promise<void>;
}

/** @param clock milliseconds; only differences count */
export function stageTimer(
  stage: StageName,
  outFolder: string,
  folder: string,
  clock: () => number = () => performance.now(),
): StageTimer {
  let began: number | null = null;
  return {
    begin: () => void (began = clock()),
    end: async () => {
      if (began === null) return;
      const seconds = Number(((clock() - began) / 1000).toFixed(3));
      // Kilobytes, on every system; the build tool gives each task a process of its own.
      const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
      // A disk that takes no more, say: the stage is done all the same.
      await keepTiming(folder, stage, {
        seconds,
        peakMemoryBytes,
        outputBytes: await outputBytes(stage, outFolder),
      }).catch(() => undefined);
    },
  };
}

async function outputBytes(stage: StageName, outFolder: string): Promise<number> {
  const { outputs } = await readManifest(stage, join(outFolder, stage));
  return outputs.reduce((sum, { size }) => sum + size, 0);
}
