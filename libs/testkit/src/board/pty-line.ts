import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

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

/** The board's end of a real serial port that needs no device. It has no reset lines, and no rate of its own. */
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
