import { historyEmpty } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { runsOf } from '../../shared/runs';
import { experimentOf, guarded, say } from '../../shared/stage-executor';
import { historyTable } from './history-table';

export interface HistoryOptions {
  readonly json: boolean;
}

export default function historyExecutor({ json }: HistoryOptions, context: ExecutorContext) {
  return guarded(async () => {
    const runs = await runsOf({ ...experimentOf(context), workspaceFolder: context.root });
    if (runs.records.length === 0) throw historyEmpty(context.projectName ?? '');
    if (!json) return say(historyTable(runs));
    const records = runs.records.map((record) => ({ ...record, current: record === runs.current }));
    say(JSON.stringify({ records, unreadable: runs.unreadable }, null, 2));
  });
}
