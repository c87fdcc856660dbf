import type { Clock, Transport } from '../isp/transport';
import { boardRaised, boardSilent, noRepl, replStopped } from './errors';

/** The board keeps so much input and silently drops what is beyond; a command waits for the one before. */
const MOST_BYTES = 2000;
const ENTER_ATTEMPTS = 5;
const PAUSE_MS = 100;
const ANSWER_MS = 1000;
const END = '\x04';
/** Out of the raw mode, then a soft reset. */
const RESTART = '\x02\x04';
const BANNER = 'raw REPL; CTRL-B to exit\r\n>';

/** Runs programs in the interpreter of a board, over its serial line (115200 baud, lines untouched). */
export class RawRepl {
  private unread = '';

  constructor(
    private readonly transport: Transport,
    private readonly clock: Clock,
    private readonly signal?: AbortSignal,
  ) {}

  /** Stops what is running and enters the raw mode. @throws GraftError E432 */
  async enter(): Promise<void> {
    for (let attempt = 0; attempt < ENTER_ATTEMPTS; attempt++) {
      await this.send('\r\x03\x03');
      await this.clock.sleep(PAUSE_MS);
      await this.transport.dropInput();
      this.unread = '';
      await this.send('\x01');
      if ((await this.readUntil(BANNER, ANSWER_MS)) !== null) return;
    }
    throw noRepl(ENTER_ATTEMPTS);
  }

  /**
   * Runs a program and gives back what it printed.
   * @param program ASCII, below 2000 bytes: the board drops what is beyond
   * @throws GraftError E432 where no answer comes, E433 with what Python raised
   */
  async run(program: string, timeoutMs: number): Promise<string> {
    await this.start(program, timeoutMs);
    const printed = await this.readUntil(END, timeoutMs);
    const raised = await this.readUntil(`${END}>`, timeoutMs);
    if (printed === null || raised === null) throw noRepl(1);
    if (raised !== '') throw boardRaised(raised);
    return printed;
  }

  /** Starts a program after which the line is another one: no answer is waited for. @throws GraftError E432 */
  async tell(program: string): Promise<void> {
    await this.start(program, ANSWER_MS);
  }

  /**
   * Runs a program that takes its time, and hands on what it prints line by line. Its silence ends it, not its duration.
   * @param program as for `run`
   * @throws GraftError E432 where no answer comes, E443 after so long a silence, E433 with what Python raised
   */
  async follow(program: string, silenceMs: number, line: (text: string) => void): Promise<void> {
    await this.start(program, silenceMs);
    for (let isOver = false; !isOver;) {
      const at = this.unread.search(/[\n\x04]/);
      if (at < 0) {
        if (!(await this.readMore(silenceMs))) throw boardSilent(silenceMs);
        continue;
      }
      const text = this.unread.slice(0, at).trimEnd();
      isOver = this.unread[at] === END;
      this.unread = this.unread.slice(at + 1);
      if (text !== '') line(text);
    }
    const raised = await this.readUntil(`${END}>`, silenceMs);
    if (raised === null) throw boardSilent(silenceMs);
    if (raised !== '') throw boardRaised(raised);
  }

  /** Starts boot.py and main.py of the board anew. */
  async leave(): Promise<void> {
    await this.send(RESTART);
    await this.transport.drain();
  }

  /** The same where a run ends in the middle, whatever runs on the board then. @returns whether the board could be told */
  async letGo(): Promise<boolean> {
    try {
      await this.transport.write(Buffer.from('\x03\x03', 'latin1'));
      await this.clock.sleep(PAUSE_MS);
      await this.transport.write(Buffer.from(RESTART, 'latin1'));
      await this.transport.drain();
      return true;
    } catch {
      return false;
    }
  }

  private async start(program: string, timeoutMs: number): Promise<void> {
    if (program.length >= MOST_BYTES)
      throw new Error(`internal: a command of ${program.length} bytes is too long for the board`);
    await this.send(`${program}${END}`);
    if ((await this.readUntil('OK', timeoutMs)) === null) throw noRepl(1);
  }

  private async send(text: string): Promise<void> {
    if (this.signal?.aborted === true) throw replStopped();
    await this.transport.write(Buffer.from(text, 'latin1'));
  }

  /** The text before `end`; null when it does not come in time. What follows is kept. */
  private async readUntil(end: string, timeoutMs: number): Promise<string | null> {
    const deadline = this.clock.now() + timeoutMs;
    for (;;) {
      const at = this.unread.indexOf(end);
      if (at >= 0) {
        const text = this.unread.slice(0, at);
        this.unread = this.unread.slice(at + end.length);
        return text;
      }
      if (!(await this.readMore(deadline - this.clock.now()))) return null;
    }
  }

  /** False when nothing comes in time. */
  private async readMore(timeoutMs: number): Promise<boolean> {
    const deadline = this.clock.now() + timeoutMs;
    for (;;) {
      const left = deadline - this.clock.now();
      if (left <= 0) return false;
      if (this.signal?.aborted === true) throw replStopped();
      const bytes = await this.transport.read(Math.min(left, 500));
      this.unread += Buffer.from(bytes).toString('latin1');
      if (bytes.length > 0) return true;
    }
  }
}
