import type { ActivationSegment } from '@graft/kmodel';
import { isClamping } from '@graft/model';

import { CLAMPING_TABLE, TABLE_END, UNITS_PER_BYTE } from './activation-table';
import { notForTheKpu } from './errors';
import type { KpuLayer } from './kpu-program';

const SEGMENTS = 16;

/** A layer's activation in registers, and the sums that it takes: real value / scale · unitsPerStep + zero · unitsPerStep. */
export interface LayerActivation {
  readonly segments: readonly ActivationSegment[];
  /** Real value of one step of the sums. */
  readonly scale: number;
  readonly unitsPerStep: number;
  /** Steps where real 0 lies. */
  readonly zero: number;
  /** How far a channel's sums may be moved unnoticed, in units. */
  readonly leeway: number;
}

/** @throws GraftError E313 */
export function layerActivation({ name, activation, table, output }: KpuLayer): LayerActivation {
  if (isClamping(activation)) {
    const { scale, zeroPoint: zero } = output;
    return { segments: CLAMPING_TABLE, scale, unitsPerStep: UNITS_PER_BYTE, zero, leeway: 0 };
  }
  if (table === undefined) throw notForTheKpu(name, 'its activation has no table');
  const { segments, unit } = table;
  const leeway = Math.floor(output.scale / unit / 32);
  return { segments: filled(segments), scale: unit, unitsPerStep: 1, zero: 0, leeway };
}

/** Behind the last segment, where no sum comes, the table goes on with the same constant. */
function filled(segments: readonly ActivationSegment[]): ActivationSegment[] {
  const { bias } = segments[segments.length - 1];
  const fillers = Array.from({ length: SEGMENTS - segments.length }, (_, index) => index);
  return [...segments, ...fillers.map((index) => ({ start: TABLE_END + index, multiplier: 0, shift: 0, bias }))];
}
