import { types } from 'node:util';
import { GraftError, type Report } from '@graft/foundation';
import { enterIsp, playLines, ROM_BAUD, type ResetMode } from './enter-isp';
import { flashStopped } from '../errors';
import { describeState } from './describe-state';
import { portLost, stubNotLoaded, withState, writeFailed } from './errors';
import { IspLink } from './link';
import { greetStub, loadStub } from './load-stub';
import { CODE, command, OP, plainCommand } from './packet';
import type { ResetSequence } from './reset-sequences';
import { STUB_PROFILES, type StubProfile } from './stub-profiles';
import type { Clock, Transport } from './transport';
import { blocksOf, initFlash, writeBlocks, type FlashImage, type WriteTally } from './write-flash';

/** Fastest first; the boot ROM itself knows only the last one. */
export const BAUD_LADDER = [2_000_000, 1_500_000, 921_600, 460_800, ROM_BAUD] as const;

export interface IspOptions {
  /** Name of the device profile; its reset wiring is tried first. */
  readonly device: string;
  readonly images: readonly FlashImage[];
  /** The program that the boot ROM loads, and that alone can write the flash chip. */
  readonly stub: Uint8Array;
  /** How it behaves. Absent: as the stub that all but the oldest one are like. */
  readonly stubProfile?: StubProfile;
  /** The rate to begin with; a noisy line goes down the ladder from it. */
  readonly baud: number;
  /** Keeps to `baud`. */
  readonly baudIsPinned: boolean;
  readonly reset: ResetMode;
  /** How long each step of a reset is held, in milliseconds. Absent: 100, which boards of all makers can follow. */
  readonly resetHoldMs?: number;
}

export interface IspContext {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

export interface IspResult {
  /** The rate of the last block. */
  readonly baud: number;
  /** Bytes written, with the rest of last sectors. */
  readonly bytes: number;
  readonly resends: number;
  /** From the first block to the last answer. */
  readonly milliseconds: number;
  /** Of those, how long the board was waited for. */
  readonly waitedMs: number;
}

/** From the reset again, where the stub does not start. */
const STARTS = 3;
/** A board that lost its way is given the files from the first byte again. */
const RESTARTS = 2;
const RATE_SWITCH_MS = 50;
const RATE_GREETINGS = 3;
const REBOOT_MS = 1000;
/** Without lines the board is asked once more, when it was busy. */
const REBOOT_BUSY_MS = 5000;

/**
 * Flashes files over the serial line: reset, boot ROM, stub, blocks, restart. Ends well only when the board has
 * confirmed every block after its last byte was sent. The transport stays open; closing it is the caller's.
 * @throws GraftError E412, E421 … E426
 */
export async function flashOverIsp(options: IspOptions, context: IspContext): Promise<IspResult> {
  const session = new IspSession(options, context);
  try {
    return await session.run();
  } catch (error) {
    if (isOfThePort(error)) throw portLost(session.state(), error);
    if (error instanceof GraftError && error.code === 'E412') throw flashStopped(session.state());
    throw error instanceof GraftError && error.code === 'E422' ? withState(error, session.state()) : error;
  }
}

/** The serial driver throws plain errors; a mistake of ours would be of a more special kind. */
const isOfThePort = (error: unknown): boolean => types.isNativeError(error) && error.name === 'Error';

class IspSession {
  private readonly link: IspLink;
  private readonly profile: StubProfile;
  private readonly blocks;
  private readonly total: number;
  private readonly tally: WriteTally = { written: 0, resends: 0 };
  private lines: ResetSequence | null = null;
  private hasBegun = false;

  constructor(
    private readonly options: IspOptions,
    private readonly context: IspContext,
  ) {
    const { transport, clock, report, signal } = context;
    this.link = new IspLink(transport, clock, (message) => report({ type: 'note', message }), signal);
    this.profile = options.stubProfile ?? STUB_PROFILES['sipeed-1.0'];
    this.link.answersStatus = this.profile.answersStatus;
    if (options.resetHoldMs !== undefined) this.link.holdMs = options.resetHoldMs;
    this.blocks = blocksOf(options.images, this.profile.unitBytes);
    this.total = this.blocks.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async run(): Promise<IspResult> {
    let first = 0;
    let restarts = 0;
    let rates = this.ladder();
    for (;;) {
      rates = await this.startAtOneOf(rates);
      const startedAt = this.context.clock.now();
      const end = await this.write(first, rates.length > 1);
      if (end.kind === 'done') {
        const milliseconds = this.context.clock.now() - startedAt;
        await this.reboot();
        const { resends, written } = this.tally;
        return { baud: rates[0], bytes: written, resends, milliseconds, waitedMs: this.link.waitedMs };
      }
      if (end.kind === 'noisy') {
        this.note(`the line is noisy at ${rates[0]} baud: going on at ${rates[1]}`);
        [first, rates] = [end.block, rates.slice(1)];
      } else {
        if (++restarts > RESTARTS) throw writeFailed('the file', this.blocks[0].address, null, restarts);
        this.note('the board answered a command that was not sent: writing everything again');
        [first, this.tally.written] = [0, 0];
      }
    }
  }

  /** What an interrupted run leaves behind. */
  state(): string[] {
    return describeState(this.blocks, this.tally.written, this.hasBegun);
  }

  private write(first: number, mayStop: boolean) {
    this.hasBegun = true;
    const task = `writing ${this.options.images.map(({ name }) => name).join(', ')}`;
    const progress = (done: number): void =>
      this.context.report({ type: 'progress', task, done, total: this.total, unit: 'byte' });
    this.link.waitedMs = 0;
    return writeBlocks(this.link, this.blocks, first, mayStop, this.tally, progress);
  }

  private ladder(): readonly number[] {
    const { baud, baudIsPinned } = this.options;
    return baudIsPinned ? [baud] : [baud, ...BAUD_LADDER.filter((rate) => rate < baud)];
  }

  /** Starts the stub at the first of these rates that it and the port can keep. @returns that rate and the slower ones */
  private async startAtOneOf(rates: readonly number[]): Promise<readonly number[]> {
    for (let index = 0; index < rates.length; index++) {
      await this.startStub();
      if (await this.switchRate(rates[index])) {
        await initFlash(this.link);
        return rates.slice(index);
      }
      this.note(`${rates[index]} baud does not work here`);
    }
    throw stubNotLoaded(`it does not answer at ${rates.join(', ')} baud`);
  }

  private async startStub(): Promise<void> {
    for (let start = 1; ; start++) {
      this.lines = await enterIsp(this.link, this.options.device, this.options.reset, (message) => this.note(message));
      try {
        return await loadStub(this.link, this.options.stub, this.profile.address);
      } catch (error) {
        const mayRetry = error instanceof GraftError && error.code === 'E424' && this.options.reset === 'auto';
        if (!mayRetry || start === STARTS) throw error;
      }
    }
  }

  private async switchRate(rate: number): Promise<boolean> {
    if (rate === ROM_BAUD) return true;
    const data = new Uint8Array(4);
    new DataView(data.buffer).setUint32(0, rate, true);
    const { transport, clock } = this.context;
    await this.link.tell(command(OP.setBaud, 0, data.length, data));
    await clock.sleep(RATE_SWITCH_MS);
    const isTaken = await transport.setBaud(rate).then(
      () => true,
      () => false,
    );
    return isTaken && (await greetStub(this.link, RATE_GREETINGS));
  }

  /** By command and by the lines: one of them works on every board. Everything is written by then. */
  private async reboot(): Promise<void> {
    const answer = await this.link.ask(plainCommand(OP.reboot), { timeoutMs: REBOOT_MS });
    if (this.lines !== null) return playLines(this.link, this.lines.toRun);
    if (answer.kind !== 'reply' || answer.code !== CODE.busy) return;
    await this.context.clock.sleep(REBOOT_BUSY_MS);
    await this.link.ask(plainCommand(OP.reboot), { timeoutMs: REBOOT_MS });
  }

  private note(message: string): void {
    this.context.report({ type: 'note', message });
  }
}
