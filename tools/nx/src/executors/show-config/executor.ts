import type { ExecutorContext } from '@nx/devkit';
import { printConfig } from '@graft/spec';
import { readExperiment } from '../../shared/load-experiment';
import { experimentOf, guarded, say } from '../../shared/stage-executor';

export interface ShowConfigOptions {
  readonly onlyChanged: boolean;
}

export default function showConfigExecutor({ onlyChanged }: ShowConfigOptions, context: ExecutorContext) {
  return guarded(async () => {
    const experiment = readExperiment(context.root, experimentOf(context).projectFolder, say);
    say(printConfig(experiment, { onlyChanged }));
  });
}
