import type { Report } from '@graft/foundation';
import type { BenchDevice, FlashSection } from '@graft/spec';
import type { FlashPlan } from '../flash-plan';
import type { IoMode } from '../isp/boot-image';
import type { ResetMode } from '../isp/enter-isp';
import type { StubName } from '../isp/stub-profiles';
import type { PlanFile } from '../render-plan';
import type { SerialAccess } from '../serial/serial-access';

/** Bits a second that the adapters of all these boards carry. */
export const USUAL_BAUD = 1_500_000;

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

/** What the user says of this machine and its ports. Each engine uses some of it. */
export interface DeliveryWish {
  /** Where the card is mounted. */
  readonly card?: string | undefined;
  /** any: that folder need not be a FAT file system. Absent: it must be one, where the system tells. */
  readonly cardFilesystem?: 'fat' | 'any' | undefined;
  /** As the system names it. Absent: the one port that can be a board. */
  readonly port?: string | undefined;
  /** Bits a second, and no other rate. Absent: fast, and slower where the line is noisy. */
  readonly baud?: number | undefined;
  readonly reset?: ResetMode | undefined;
  /** How long each step of a reset is held, in milliseconds. */
  readonly resetHold?: number | undefined;
  /** A flashing stub, or the kflash.py that holds one. */
  readonly stub?: string | undefined;
  /** What that stub is like. Absent: known by its digest or size. */
  readonly stubProfile?: StubName | undefined;
  /** SHA-256 that the stub must have. */
  readonly stubSha256?: string | undefined;
  /** A program to be written to address 0 in the same run. */
  readonly firmware?: string | undefined;
  /** How the chip reads its flash when it starts that program. Absent: over two lines. */
  readonly ioMode?: IoMode | undefined;
  /** Lets the firmware read the chip once it runs, and compares. */
  readonly readBack?: boolean | undefined;
  /** Sends script and self-test to the board's files as well, once the firmware runs. */
  readonly sendScript?: boolean | undefined;
}

export interface DeliveryContext {
  /** What `flash` wrote: `flash-plan.json` and what the engine prepared. Verified by the caller. */
  readonly planFolder: string;
  readonly wish: DeliveryWish;
  /** The board that the experiment names, where that is one of this bench. What `wish` says wins. */
  readonly bench?: BenchDevice | undefined;
  readonly serial: SerialAccess;
  /** The kernel's list of what is mounted. Absent: that of this system. */
  readonly mounts?: string;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

/** One way to bring a plan to the board. It carries out what the plan says and decides nothing. */
export interface FlashEngine {
  readonly name: FlashSection['engine'];
  /** Says in half a sentence what it does, for messages. */
  readonly summary: string;
  readonly uses: readonly (keyof DeliveryWish)[];
  /** Makes on this machine what is to be delivered. Leaves either everything the plan says or nothing of it. */
  prepare(plan: FlashPlan, context: FlashContext): Promise<readonly WrittenFile[]>;
  /**
   * Brings what was prepared to the board or card. The only part that touches hardware.
   * @returns what was done and what is left to do, a line each
   */
  deliver(context: DeliveryContext, plan: PlanFile): Promise<readonly string[]>;
}
