import { join, resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { findPictures } from '@graft/dataset';
import { DiagnosticsError } from '@graft/foundation';
import { nothingAsked, unanswered } from '@graft/evaluation';
import { cacheFolderOf, experimentOf, guarded, say } from '../../shared/stage-executor';
import { workingFolder } from '../../shared/working-folder';
import { answerAll } from './answer-all';
import { answerAsImagenet } from './answer-as-imagenet';
import { deliver } from './deliver';
import { openExperiment } from './open-experiment';

export interface PredictOptions {
  readonly image?: string | readonly string[];
  readonly model: 'experiment' | 'imagenet';
  /** Of the pretrained network. */
  readonly alpha: number;
  readonly output?: string;
  readonly csv?: boolean | string;
  readonly jsonl?: boolean | string;
}

export default function predictExecutor(options: PredictOptions, context: ExecutorContext) {
  return guarded(async (signal, report) => {
    const { projectName, projectFolder } = experimentOf(context);
    const here = workingFolder(context.cwd);
    const { image = [] } = options;
    const images = typeof image === 'string' ? [image] : image;
    if (images.length === 0) throw nothingAsked(projectName);
    const { files, passedOver, diagnostics } = await findPictures(images, [here, context.root]);
    if (passedOver > 0) say(`${passedOver} files are left out that are no pictures by their names`);
    if (diagnostics.length > 0) throw new DiagnosticsError(diagnostics);
    const surroundings = {
      projectName,
      projectFolder,
      workspaceFolder: context.root,
      cacheFolder: cacheFolderOf(context.root),
      report,
      signal,
    };
    const folder = options.output === undefined ? join(projectFolder, 'out', 'predict') : resolve(here, options.output);
    if (options.model === 'imagenet') return answerAsImagenet(files, options.alpha, surroundings);
    const network = await openExperiment(surroundings);
    const { asked, pictures } = await answerAll(files, network, surroundings);
    await deliver({ asked, pictures, network, folder, here, options, workspaceFolder: context.root });
    const failed = asked.filter((one) => !one.ok);
    if (failed.length > 0) throw unanswered(failed, asked.length);
  });
}
