import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { FakeK210 } from './fake-k210';

/** Opens a pseudo-terminal, prints its name on the error stream, and joins it with standard input and output. */
const BRIDGE = `
import os, pty, select, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), file=sys.stderr, flush=True)
while True:
    for ready in select.select([master, 0], [], [])[0]:
        data = os.read(ready, 65536)
        if not data: sys.exit()
        target = 1 if ready == master else master
        while data: data = data[os.write(target, data):]
`;

const PYTHON = 'python3';

/** Whether this machine can make pseudo-terminals for tests. */
export const hasPty = (): boolean => spawnSync(PYTHON, ['-c', 'import pty, tty'], { stdio: 'ignore' }).status === 0;

/**
 * A fake board at the end of a real serial port, in real time. A pseudo-terminal has no reset lines and no rate of its
 * own: the board is brought into ISP mode with `enterIsp`, and takes whatever rate it expects for the host's.
 */
export class PtyBoard {
  private lineFreeAt = 0;
  private timer: NodeJS.Timeout | undefined;
  /** From the start: the end of the bridge is told once, and a board may be stopped more than once. */
  private readonly ended: Promise<unknown>;

  private constructor(
    readonly path: string,
    readonly board: FakeK210,
    private readonly bridge: ChildProcessWithoutNullStreams,
  ) {
    this.ended = once(bridge, 'exit');
    bridge.stdout.on('data', (bytes: Buffer) => this.receive(bytes));
    // An answer may be under way when the board is taken away.
    bridge.stdin.on('error', () => undefined);
  }

  static async start(board: FakeK210): Promise<PtyBoard> {
    const bridge = spawn(PYTHON, ['-c', BRIDGE]);
    const lines = createInterface({ input: bridge.stderr });
    const [path] = (await once(lines, 'line')) as [string];
    return new PtyBoard(path, board, bridge);
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
    this.bridge.kill();
    await this.ended;
  }

  private receive(bytes: Buffer): void {
    if (this.bridge.killed) return;
    for (const byte of bytes) {
      this.lineFreeAt = Math.max(this.lineFreeAt, performance.now()) + 10_000 / this.board.baud;
      this.board.receive(byte, this.board.baud, this.lineFreeAt);
    }
    this.send();
  }

  /** Hands on what is due, and comes back for what is not. */
  private send(): void {
    clearTimeout(this.timer);
    const due = this.board.collect(performance.now(), this.board.baud);
    if (due.length > 0) this.bridge.stdin.write(Uint8Array.from(due));
    const next = this.board.nextAt();
    if (next !== Infinity) this.timer = setTimeout(() => this.send(), Math.max(0, next - performance.now()));
  }
}
