import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describeMaixPy, type MaixPyBoard } from './maixpy-board';
import { PtyLine } from './pty-line';

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
  /** What else the board has. */
  readonly maixpy?: Partial<MaixPyBoard>;
}

/** A serial port to a board that runs MicroPython: the real interpreter in a process of its own. */
export class ReplBoard {
  private arrived: Buffer[] = [];
  private wake: () => void = () => undefined;
  private line: PtyLine | undefined;
  isOpen = true;
  bytesIn = 0;

  private constructor(
    private readonly board: ChildProcess,
    isSilent: boolean,
  ) {
    board.stdout?.on('data', (bytes: Buffer) => {
      if (isSilent) return;
      if (this.line !== undefined) return this.line.write(bytes);
      this.arrived.push(bytes);
      this.wake();
    });
  }

  static async start(options: ReplBoardOptions = {}): Promise<ReplBoard> {
    const { card = false, freeBytes = 2_800_000, damages = [], busy = false, silent = false, maixpy } = options;
    const program = join(__dirname, '../../fixtures/repl-board.mjs');
    const board = fork(program, { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
    board.send({ board: describeMaixPy({ card, freeFlashBytes: freeBytes, ...maixpy }), damages, busy });
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

  /** Puts the board at the end of a real serial port. @returns the port, as the system names it */
  async putOnPty(): Promise<string> {
    this.line = await PtyLine.open();
    this.line.onBytes((bytes) => void this.write(bytes));
    return this.line.path;
  }

  async stop(): Promise<void> {
    await this.line?.close();
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

  async setBaud(rate: number): Promise<void> {
    const answer = once(this.board, 'message');
    this.board.send(rate);
    await answer;
  }

  async close(): Promise<void> {
    this.isOpen = false;
  }
}
