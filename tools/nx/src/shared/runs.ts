import { join } from 'node:path';
import { HISTORY_FOLDER, orderRecords, readHistory, SHORT } from '@graft/pipeline';
import type { HistoryRecord } from '@graft/pipeline';
import { presentRecord, type Place } from './history';

/** What is known of an experiment's runs. */
export interface Runs {
  /** Oldest first; at the end one that lies among the outputs and has no record, where there is such a one. */
  readonly records: readonly HistoryRecord[];
  /** The one whose model lies among the outputs; null where none does, or something changed since. */
  readonly current: HistoryRecord | null;
  /** Files that hold no record. */
  readonly unreadable: readonly string[];
}

export async function runsOf(place: Place): Promise<Runs> {
  const { records: all, unreadable } = await readHistory(join(place.workspaceFolder, HISTORY_FOLDER));
  const records = orderRecords(all.filter(({ project }) => project === place.projectName));
  const present = await presentRecord(place);
  if (present === null) return { records, current: null, unreadable };
  const known = records.find((record) => modelOf(record) === present.provenance.model.sha256);
  // A record of an earlier version knows no result, and the outputs do.
  if (known !== undefined && known.version === present.version) return { records, current: known, unreadable };
  const current = { ...present, order: known?.order ?? (records.at(-1)?.order ?? 0) + 1 };
  const others = records.filter((record) => record !== known);
  return { records: orderRecords([...others, current]), current, unreadable };
}

export const modelOf = ({ provenance }: Pick<HistoryRecord, 'provenance'>): string => provenance.model.sha256;

/** As people read and type it. */
export const shortName = (record: Pick<HistoryRecord, 'provenance'>): string => modelOf(record).slice(0, SHORT);
