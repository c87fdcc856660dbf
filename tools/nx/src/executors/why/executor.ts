import { formatDiagnostic } from '@graft/foundation';
import type { ExecutorContext } from '@nx/devkit';
import { describeAutomaticCut } from '../../shared/cut';
import { together, timeText } from '../../shared/expected-times';
import { explainExperiment } from '../../shared/explain-experiment';
import type { StageVerdict } from '../../shared/explain-stages';
import { experimentOf, guarded, say } from '../../shared/stage-executor';

export interface WhyOptions {
  readonly format: 'text' | 'json';
}

export default function whyExecutor({ format }: WhyOptions, context: ExecutorContext) {
  return guarded(async () => {
    const { experiment, verdicts, warnings } = await explainExperiment(
      context,
      format === 'text' ? say : () => undefined,
    );
    if (format === 'json') return say(JSON.stringify(verdicts, null, 2));
    verdicts.forEach((verdict) => printVerdict(verdict).forEach(say));
    const saved = together(verdicts.filter(({ verdict }) => verdict === 'up to date'));
    if (saved.stages.length > 0) say(`saved: ${saved.stages.join(', ')}; ${timeText(saved)}`);
    warnings.forEach((warning) => say(formatDiagnostic(warning)));
    const { projectFolder } = experimentOf(context);
    if (experiment.spec.model.output === 'auto') say(await describeAutomaticCut(projectFolder));
  });
}

const MOST_REASONS = 12;

function printVerdict({ stage, verdict, reasons }: StageVerdict): string[] {
  const shown = reasons.slice(0, MOST_REASONS).map((reason) => `    ${reason}`);
  const rest = reasons.length - shown.length;
  return [`${stage.padEnd(16)} ${verdict}`, ...shown, ...(rest > 0 ? [`    and ${rest} more`] : [])];
}
