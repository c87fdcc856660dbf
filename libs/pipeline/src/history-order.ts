import { runAmbiguous, runUnknown } from './errors';
import type { HistoryRecord } from './history';

const modelOf = ({ provenance }: HistoryRecord): string => provenance.model.sha256;

/** Oldest first. Which of two comes first that were made on different branches their digests decide. */
export function orderRecords<T extends HistoryRecord>(records: readonly T[]): T[] {
  return [...records].sort((a, b) => a.order - b.order || (modelOf(a) < modelOf(b) ? -1 : 1));
}

/** What a person types for a run. */
export const RUN_PREFIX = /^[0-9a-f]{4,64}$/i;

/** Runs that are listed where none was meant. */
const MOST_LISTED = 5;

/**
 * The run whose model's SHA-256 begins so.
 * @throws GraftError E511 for none, with what comes near; E512 for several
 */
export function chooseRun<T extends HistoryRecord>(records: readonly T[], prefix: string): T {
  const wanted = prefix.toLowerCase();
  const found = records.filter((record) => modelOf(record).startsWith(wanted));
  if (found.length > 1) throw runAmbiguous(prefix, found.map(nameOf));
  const [only] = found;
  if (only === undefined) throw runUnknown(prefix, nearRuns(records, wanted));
  return only;
}

/** Those that begin alike the longest, else the newest ones. */
export function nearRuns(records: readonly HistoryRecord[], wanted: string): string[] {
  const alike = (record: HistoryRecord): number => {
    const model = modelOf(record);
    let length = 0;
    while (length < wanted.length && model[length] === wanted[length]) length++;
    return length;
  };
  const newestFirst = orderRecords(records).reverse();
  return newestFirst
    .map((record) => ({ record, length: alike(record) }))
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST_LISTED)
    .map(({ record }) => nameOf(record));
}

/** Digits of a digest that people read; as many as git shows at the least, and one more. */
export const SHORT = 8;

const nameOf = (record: HistoryRecord): string => `${modelOf(record).slice(0, SHORT)} (${record.project})`;
