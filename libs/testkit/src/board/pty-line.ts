import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * Opens a pseudo-terminal, prints its name on the error stream, and joins it with standard input and output. What comes
 * from the host is taken at the rate that the host has set, 10 bits a byte, as a UART would; a pause of this process is
 * made up for, up to 10 ms.
 */
const BRIDGE = `
import os, pty, re, select, sys, termios, time, tty
RATES = {getattr(termios, n): int(n[1:]) for n in dir(termios) if re.fullmatch("B[1-9][0-9]+", n)}
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), file=sys.stderr, flush=True)
free = time.monotonic()
def send(target, data):
    while data: data = data[os.write(target, data):]
while True:
    wait = free - time.monotonic()
    ready = select.select([0], [], [], wait)[0] if wait > 0 else select.select([master, 0], [], [])[0]
    if 0 in ready:
        data = os.read(0, 65536)
        if not data: sys.exit()
        send(master, data)
    if master in ready:
        rate = RATES.get(termios.tcgetattr(master)[5], 10000000)
        data = os.read(master, max(1, rate // 5000))
        free = max(free, time.monotonic() - 0.01) + 10 * len(data) / rate
        send(1, data)
`;

const PYTHON = 'python3';

/** Whether this machine can make pseudo-terminals for tests. */
export const hasPty = (): boolean => spawnSync(PYTHON, ['-c', 'import pty, tty'], { stdio: 'ignore' }).status === 0;

/** The board's end of a real serial port that needs no device. It has no reset lines; bytes come at the rate that the host has set. */
export class PtyLine {
  /** From the start: the end of the bridge is told once, and a line may be taken away more than once. */
  private readonly ended: Promise<unknown>;

  private constructor(
    /** The other end, as the system names it. */
    readonly path: string,
    private readonly bridge: ChildProcessWithoutNullStreams,
  ) {
    this.ended = once(bridge, 'exit');
    // An answer may be under way when the line is taken away.
    bridge.stdin.on('error', () => undefined);
  }

  static async open(): Promise<PtyLine> {
    const bridge = spawn(PYTHON, ['-c', BRIDGE]);
    const lines = createInterface({ input: bridge.stderr });
    const [path] = (await once(lines, 'line')) as [string];
    return new PtyLine(path, bridge);
  }

  onBytes(take: (bytes: Buffer) => void): void {
    this.bridge.stdout.on('data', (bytes: Buffer) => {
      if (!this.bridge.killed) take(bytes);
    });
  }

  write(bytes: Uint8Array): void {
    this.bridge.stdin.write(bytes);
  }

  /** Takes the line away; done when it is gone, also the second time. */
  async close(): Promise<void> {
    this.bridge.kill();
    await this.ended;
  }
}
