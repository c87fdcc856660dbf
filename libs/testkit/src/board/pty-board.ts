import type { FakeK210 } from './fake-k210';
import { PtyLine } from './pty-line';

/**
 * A fake board at the end of a real serial port, in real time and at the host's rate. A pseudo-terminal has no reset
 * lines: the board is brought into ISP mode with `enterIsp`. It takes whatever rate it expects for the host's.
 */
export class PtyBoard {
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    readonly board: FakeK210,
    private readonly line: PtyLine,
  ) {
    line.onBytes((bytes) => this.receive(bytes));
  }

  get path(): string {
    return this.line.path;
  }

  static async start(board: FakeK210): Promise<PtyBoard> {
    return new PtyBoard(board, await PtyLine.open());
  }

  /** What somebody does who holds BOOT and presses RESET. */
  enterIsp(): void {
    const now = performance.now();
    this.board.setLines({ dtr: false, rts: true }, now);
    this.board.setLines({ dtr: true, rts: false }, now);
  }

  /** Takes the board away; done when it is gone, also the second time. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.line.close();
  }

  private receive(bytes: Buffer): void {
    const now = performance.now();
    for (const byte of bytes) this.board.receive(byte, this.board.baud, now);
    this.send();
  }

  /** Hands on what is due, and comes back for what is not. */
  private send(): void {
    clearTimeout(this.timer);
    const due = this.board.collect(performance.now(), this.board.baud);
    if (due.length > 0) this.line.write(Uint8Array.from(due));
    const next = this.board.nextAt();
    if (next !== Infinity) this.timer = setTimeout(() => this.send(), Math.max(0, next - performance.now()));
  }
}
