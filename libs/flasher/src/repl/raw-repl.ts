import { flashAborted } from '../errors';
import type { Clock, Transport } from '../isp/transport';
import { boardRaised, noRepl } from './errors';

/** The board keeps so much input and silently drops what is beyond; a command waits for the one before. */
const MOST_BYTES = 2000;
const ENTER_ATTEMPTS = 5;
const PAUSE_MS = 100;
const ANSWER_MS = 1000;
const END = '\x04';
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
    if (program.length >= MOST_BYTES)
      throw new Error(`internal: a command of ${program.length} bytes is too long for the board`);
    await this.send(`${program}${END}`);
    if ((await this.readUntil('OK', timeoutMs)) === null) throw noRepl(1);
    const printed = await this.readUntil(END, timeoutMs);
    const raised = await this.readUntil(`${END}>`, timeoutMs);
    if (printed === null || raised === null) throw noRepl(1);
    if (raised !== '') throw boardRaised(raised);
    return printed;
  }

  /** Back to the friendly mode. @param restart starts boot.py and main.py anew */
  async leave(restart: boolean): Promise<void> {
    await this.send(restart ? '\x02\x04' : '\x02');
    await this.transport.drain();
  }

  private async send(text: string): Promise<void> {
    if (this.signal?.aborted === true) throw flashAborted();
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
      const left = deadline - this.clock.now();
      if (left <= 0) return null;
      if (this.signal?.aborted === true) throw flashAborted();
      this.unread += Buffer.from(await this.transport.read(Math.min(left, 500))).toString('latin1');
    }
  }
}
