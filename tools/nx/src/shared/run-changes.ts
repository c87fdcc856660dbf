import { compareResults, parseRunResult, type ComparedRuns } from '@graft/evaluation';
import type { HistoryRecord } from '@graft/pipeline';
import { settingChanges, tableChanges, type Change } from './changes';
import { shortName } from './runs';

/** What the experiment said otherwise, by its keys; of records of an earlier version by stage. */
export function keyChanges(before: HistoryRecord, after: HistoryRecord): Change[] {
  if (before.keys === null || after.keys === null) return settingChanges(before.settings, after.settings);
  return settingChanges(before.keys, after.keys);
}

/**
 * Two runs side by side.
 * @param notes what to say beside
 * @throws DiagnosticsError E742 where they tell other classes apart
 */
export function comparedRuns(before: HistoryRecord, after: HistoryRecord, notes: readonly string[] = []): ComparedRuns {
  const results = [parseRunResult(before.result), parseRunResult(after.result)] as const;
  const [older, newer] = results;
  const without = [before, after].filter((_, index) => results[index] === null);
  return {
    names: [nameOf(before, after), nameOf(after, before)],
    changes: [
      { title: 'settings', lines: keyChanges(before, after) },
      { title: 'pictures and weights', lines: pictureChanges(before, after) },
      { title: 'tools', lines: tableChanges('tool', before.provenance.tools, after.provenance.tools) },
    ],
    result: older === null || newer === null ? null : compareResults(older, newer),
    notes: [
      ...notes,
      ...without.map(
        (record) => `${shortName(record)} was recorded before results were: nothing is known of its answers`,
      ),
    ],
  };
}

/** With the experiment, where two are compared. */
function nameOf(record: HistoryRecord, other: HistoryRecord): string {
  return record.project === other.project ? shortName(record) : `${shortName(record)} (${record.project})`;
}

function pictureChanges(before: HistoryRecord, after: HistoryRecord): Change[] {
  const [older, newer] = [before, after].map(({ provenance }) => provenance.lockSha256.slice(0, 12));
  return older === newer ? [] : [`lock ${older}… → ${newer}…`];
}
