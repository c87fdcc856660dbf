import type { Range } from '../range-observer';
import type { ActivationTable } from './activation-table';

/** Real values before the activation which it does not map to one end or the other. */
export function liveInputs(output: Range, table: ActivationTable | undefined): Range {
  if (table === undefined) return output;
  const { segments, unit } = table;
  return { min: segments[1].start * unit, max: segments[segments.length - 1].start * unit };
}
