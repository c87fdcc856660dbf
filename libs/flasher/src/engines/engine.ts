import type { Report } from '@graft/foundation';
import type { FlashSection } from '@graft/spec';
import type { FlashPlan } from '../flash-plan';

export interface FlashContext {
  /** Where engines write what stays on this machine. */
  readonly outputFolder: string;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

/** A file on this machine that an engine made. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface DeliveryContext {
  /** What `flash` wrote: `flash-plan.json` and what the engine prepared. Verified by the caller. */
  readonly planFolder: string;
  /** Where the card is mounted, if the user said so. */
  readonly card: string | undefined;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

/** One way to bring a plan to the board. It carries out what the plan says and decides nothing. */
export interface FlashEngine {
  readonly name: FlashSection['engine'];
  /** Says in half a sentence what it does, for messages. */
  readonly summary: string;
  /** Makes on this machine what is to be delivered. Leaves either everything the plan says or nothing of it. */
  prepare(plan: FlashPlan, context: FlashContext): Promise<readonly WrittenFile[]>;
  /**
   * Brings what was prepared to the board or card. The only part that touches hardware.
   * @returns what was done and what is left to do, a line each
   */
  deliver(context: DeliveryContext): Promise<readonly string[]>;
}
