import type { ExecutorContext } from '@nx/devkit';
import { printConfig } from '@graft/spec';
import { describeAutomaticCut } from '../../shared/cut';
import { readExperiment } from '../../shared/load-experiment';
import { experimentOf, guarded, say } from '../../shared/stage-executor';

export interface ShowConfigOptions {
  readonly onlyChanged: boolean;
}

export default function showConfigExecutor({ onlyChanged }: ShowConfigOptions, context: ExecutorContext) {
  return guarded(async () => {
    const { projectFolder } = experimentOf(context);
    const experiment = readExperiment(context.root, projectFolder, say);
    say(printConfig(experiment, { onlyChanged }));
    if (experiment.spec.model.output === 'auto') say(`# ${await describeAutomaticCut(projectFolder)}`);
  });
}
