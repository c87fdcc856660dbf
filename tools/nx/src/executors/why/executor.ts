import type { ExecutorContext } from '@nx/devkit';
import { describeAutomaticCut } from '../../shared/cut';
import { explainStages } from '../../shared/explain-stages';
import type { StageVerdict } from '../../shared/explain-stages';
import { readExperiment } from '../../shared/load-experiment';
import { experimentOf, guarded, say } from '../../shared/stage-executor';

export interface WhyOptions {
  readonly format: 'text' | 'json';
}

export default function whyExecutor({ format }: WhyOptions, context: ExecutorContext) {
  return guarded(async () => {
    const { projectFolder } = experimentOf(context);
    const experiment = readExperiment(context.root, projectFolder, format === 'text' ? say : () => undefined);
    const verdicts = await explainStages({ experiment, workspaceFolder: context.root, projectFolder });
    if (format === 'json') return say(JSON.stringify(verdicts, null, 2));
    verdicts.forEach((verdict) => printVerdict(verdict).forEach(say));
    if (experiment.spec.model.output === 'auto') say(await describeAutomaticCut(projectFolder));
  });
}

const MOST_REASONS = 12;

function printVerdict({ stage, verdict, reasons }: StageVerdict): string[] {
  const shown = reasons.slice(0, MOST_REASONS).map((reason) => `    ${reason}`);
  const rest = reasons.length - shown.length;
  return [`${stage.padEnd(16)} ${verdict}`, ...shown, ...(rest > 0 ? [`    and ${rest} more`] : [])];
}
