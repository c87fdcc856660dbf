import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface ReplBoardOptions {
  /** Whether a card is mounted at /sd. */
  readonly card?: boolean;
  /** Of the board's own file system, /flash. */
  readonly freeBytes?: number;
  /** Numbers of the bytes to the board that arrive changed, counted from the first one that was sent. */
  readonly damages?: readonly number[];
  /** A program runs and prints. */
  readonly busy?: boolean;
  /** Nothing is answered. */
  readonly silent?: boolean;
}

const DEFAULTS = { card: false, freeBytes: 2_800_000, damages: [], busy: false };

/** A serial port to a board that runs MicroPython: the real interpreter in a process of its own. */
export class ReplBoard {
  private arrived: Buffer[] = [];
  private wake: () => void = () => undefined;
  isOpen = true;
  bytesIn = 0;

  private constructor(
    private readonly board: ChildProcess,
    isSilent: boolean,
  ) {
    board.stdout?.on('data', (bytes: Buffer) => {
      if (isSilent) return;
      this.arrived.push(bytes);
      this.wake();
    });
  }

  static async start({ silent = false, ...options }: ReplBoardOptions = {}): Promise<ReplBoard> {
    const program = join(__dirname, '../../fixtures/repl-board.mjs');
    const settings = JSON.stringify({ ...DEFAULTS, ...options });
    const board = fork(program, [settings], { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
    await once(board, 'message');
    return new ReplBoard(board, silent);
  }

  /** A file on the board; null where there is none. */
  async file(path: string): Promise<Buffer | null> {
    const answer = once(this.board, 'message');
    this.board.send(path);
    const [content] = (await answer) as [string | null];
    return content === null ? null : Buffer.from(content, 'base64');
  }

  async stop(): Promise<void> {
    const ended = once(this.board, 'exit');
    this.board.kill();
    await ended;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.bytesIn += bytes.length;
    this.board.stdin?.write(bytes);
  }

  async drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  async read(timeoutMs: number): Promise<Uint8Array> {
    if (this.arrived.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return Buffer.concat(this.arrived.splice(0));
  }

  async dropInput(): Promise<void> {
    this.arrived = [];
  }

  async setLines(): Promise<void> {
    throw new Error('nobody touches the lines of a running board');
  }

  async setBaud(): Promise<void> {
    // One rate is all that this needs.
  }

  async close(): Promise<void> {
    this.isOpen = false;
  }
}
