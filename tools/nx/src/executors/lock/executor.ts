import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { recordFacts } from '@graft/dataset';
import { writeFileAtomic } from '@graft/foundation';
import { fetchSettings, preprocessSettings } from '@graft/pipeline';
import { tellWarnings } from '../../shared/diagnostics';
import { describeFetched, fetchAll } from '../../shared/fetching';
import { readExperiment } from '../../shared/load-experiment';
import { judgePictures, pictureFacts } from '../../shared/quality';
import { LOCK_FILE } from '../../shared/source-files';
import { cacheFolderOf, experimentOf, guarded, say } from '../../shared/stage-executor';

export default function lockExecutor(_options: unknown, context: ExecutorContext) {
  return guarded(async (signal, report) => {
    const { projectName, projectFolder } = experimentOf(context);
    const { spec, project } = readExperiment(context.root, projectFolder, say);
    const cacheFolder = cacheFolderOf(context.root);
    const folder = await mkdtemp(join(tmpdir(), 'graft-lock-'));
    try {
      const fetched = await fetchAll({
        settings: fetchSettings(spec, project.mirrors),
        projectName,
        projectFolder,
        workspaceFolder: context.root,
        cacheFolder,
        folder,
        update: true,
        report,
        signal,
      });
      tellWarnings(fetched.pictures.warnings, report);
      const { preprocess, ...settings } = preprocessSettings(spec);
      const { imageSize } = preprocess;
      const judged = await judgePictures({
        settings,
        imageSize,
        fetched: join(folder, 'pictures'),
        cacheFolder,
        report,
        signal,
      });
      const names = { path: LOCK_FILE, project: projectName };
      const text = recordFacts(fetched.lockText, names, pictureFacts(judged, settings));
      await writeFileAtomic(join(projectFolder, LOCK_FILE), text);
      say(`${describeFetched(fetched)}; ${LOCK_FILE} written`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
