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

/** One way to bring a plan to the board. It carries out what the plan says and decides nothing. */
export interface FlashEngine {
  readonly name: FlashSection['engine'];
  /** Says in half a sentence what it does, for messages. */
  readonly summary: string;
  /** Leaves either everything the plan says or nothing of it. */
  run(plan: FlashPlan, context: FlashContext): Promise<readonly WrittenFile[]>;
}
