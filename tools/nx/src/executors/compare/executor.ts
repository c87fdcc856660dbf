import { comparisonLines, renderComparison } from '@graft/evaluation';
import type { ExecutorContext } from '@nx/devkit';
import { comparedRuns } from '../../shared/run-changes';
import { modelOf } from '../../shared/runs';
import { guarded, say } from '../../shared/stage-executor';
import { findRun, latestRun, previousRun } from './find-run';

export interface CompareOptions {
  /** Empty: the run before. */
  readonly to: string;
  /** Empty: the one among the outputs, or the newest. */
  readonly from: string;
  readonly markdown: boolean;
  readonly json: boolean;
}

export default function compareExecutor({ to, from, markdown, json }: CompareOptions, context: ExecutorContext) {
  return guarded(async () => {
    const after = from === '' ? await latestRun(context) : await findRun(from, context);
    const before = to === '' ? await previousRun(after.record, context) : await findRun(to, context, after.record);
    const isSame = modelOf(before.record) === modelOf(after.record);
    const same = isSame ? ['both are the same model'] : [];
    const compared = comparedRuns(before.record, after.record, [...before.notes, ...after.notes, ...same]);
    if (json) return say(JSON.stringify(compared, null, 2));
    say(withBlankLines(markdown ? renderComparison(compared) : comparisonLines(compared).join('\n')));
  });
}

/** The build tool drops empty lines of what a task prints, and a table of Markdown ends with one; a space keeps it, and is blank as well. */
export const withBlankLines = (text: string): string => text.replaceAll('\n\n', '\n \n');
