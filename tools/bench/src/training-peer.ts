import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One run of a job. */
export interface Effort {
  readonly wallSeconds: number;
  /** Of all processors together. */
  readonly processorSeconds: number;
  /** The most memory that the process has held so far. */
  readonly peakBytes: number;
}

/** A process that does its job once for each line. */
export class Worker {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private said = '';

  constructor(
    readonly name: string,
    command: string,
    args: readonly string[],
  ) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stderr?.on('data', (bytes: Buffer) => (this.said = `${this.said}${bytes}`.slice(-4000)));
    // A worker that has ended is noticed by the end of its answers.
    this.child.stdin?.on('error', () => undefined);
    if (this.child.stdout === null) throw new Error('internal: a worker without an output');
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** Until it has done its job once, to warm up. @throws Error with its last words */
  async ready(): Promise<void> {
    await this.answer();
  }

  async run(): Promise<Effort> {
    this.child.stdin?.write('\n');
    return JSON.parse(await this.answer());
  }

  stop(): void {
    this.child.stdin?.end();
    this.child.kill();
  }

  private async answer(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error(`${this.name} has ended: ${this.said.trim().split('\n').at(-1) ?? ''}`);
    return value;
  }
}
