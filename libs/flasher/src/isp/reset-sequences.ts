import type { Lines } from './transport';

export type ResetWiring = 'A' | 'B' | 'goD';

export interface ResetSequence {
  readonly wiring: ResetWiring;
  /** Leads to the boot ROM's serial loop. */
  readonly toIsp: readonly Lines[];
  /** Starts what is in the flash. */
  readonly toRun: readonly Lines[];
}

const line = (dtr: 0 | 1, rts: 0 | 1): Lines => ({ dtr: dtr === 1, rts: rts === 1 });

/** A: RTS resets and DTR holds IO16 low. B: the other way round. goD: an adapter of its own (CMSIS-DAP). */
export const RESET_SEQUENCES: readonly ResetSequence[] = [
  { wiring: 'A', toIsp: [line(0, 0), line(0, 1), line(1, 0)], toRun: [line(0, 0), line(0, 1), line(0, 0)] },
  { wiring: 'B', toIsp: [line(0, 0), line(1, 0), line(0, 1)], toRun: [line(0, 0), line(1, 0), line(0, 0)] },
  { wiring: 'goD', toIsp: [line(1, 1), line(1, 0), line(1, 0)], toRun: [line(0, 0), line(1, 0), line(1, 1)] },
];

/** Which wiring a device has; one that is not named here is tried with all of them. */
const WIRINGS: Readonly<Record<string, ResetWiring>> = {
  'maix-bit': 'A',
  'maix-dock': 'A',
  'maix-bit-mic': 'B',
  kd233: 'B',
  maixduino: 'B',
  'maix-amigo': 'B',
  'maix-cube': 'B',
  'maix-nano': 'B',
  m5stickv: 'B',
};

/** The sequences to try, the device's own one first: clones of a board are wired as they like. */
export function resetSequencesFor(device: string): readonly ResetSequence[] {
  const own = WIRINGS[device];
  const isOwn = ({ wiring }: ResetSequence): boolean => wiring === own;
  return [...RESET_SEQUENCES.filter(isOwn), ...RESET_SEQUENCES.filter((one) => !isOwn(one))];
}
