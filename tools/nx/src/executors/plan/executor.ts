import { formatDiagnostic } from '@graft/foundation';
import type { ExecutorContext } from '@nx/devkit';
import { explainExperiment } from '../../shared/explain-experiment';
import { guarded, say } from '../../shared/stage-executor';
import { planLines, planOf } from './plan';
import { targetsBehind } from './targets-behind';

export interface PlanOptions {
  readonly for: string;
  readonly json: boolean;
}

export default function planExecutor({ for: target, json }: PlanOptions, context: ExecutorContext) {
  return guarded(async () => {
    const needed = targetsBehind(target, context);
    const { verdicts, warnings } = await explainExperiment(context, json ? () => undefined : say);
    const plan = planOf(
      target,
      verdicts.filter(({ stage }) => needed.has(stage)),
    );
    if (json) return say(JSON.stringify({ ...plan, warnings }, null, 2));
    planLines(plan).forEach(say);
    warnings.forEach((warning) => say(formatDiagnostic(warning)));
  });
}
