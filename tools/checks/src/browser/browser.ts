import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

type Values = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Values;
  readonly result?: Values;
  readonly error?: { readonly message: string };
}

const FLAGS = [
  '--headless',
  // As root, and where the kernel forbids more namespaces, the sandbox does not start; only our own pages are opened.
  '--no-sandbox',
  '--no-zygote',
  '--single-process',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-features=site-per-process,IsolateOrigins,AudioServiceOutOfProcess',
  '--hide-scrollbars',
  '--no-first-run',
  '--remote-debugging-pipe',
];

/** A Chromium that is spoken to over pipes, in the DevTools protocol: no port, no package. */
export class Browser {
  private readonly waiting = new Map<number, { done: (result: Values) => void; failed: (error: Error) => void }>();
  private readonly listeners = new Set<(message: Message) => void>();
  private buffered = '';
  private count = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
    private readonly to: Writable,
    from: Readable,
  ) {
    from.setEncoding('utf8').on('data', (text: string) => this.receive(text));
    // A pipe may break before the end of the process is told.
    for (const pipe of [from, to]) pipe.on('error', (error) => this.fail(error));
    child.once('exit', (code) => this.fail(new Error(`the browser ended with ${code}`)));
  }

  static start(executable: string): Browser {
    const profile = mkdtempSync(join(tmpdir(), 'graft-browser-'));
    const child = spawn(executable, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: profile },
    });
    const [, , , to, from] = child.stdio;
    return new Browser(child, profile, to as Writable, from as Readable);
  }

  send(method: string, params: Values = {}, sessionId?: string): Promise<Values> {
    this.count += 1;
    const id = this.count;
    const answer = new Promise<Values>((done, failed) => this.waiting.set(id, { done, failed }));
    this.to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return answer;
  }

  /** Gives what stops it. */
  listen(listener: (message: Message) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.profile, { recursive: true, force: true });
  }

  private receive(text: string): void {
    const messages = (this.buffered + text).split('\0');
    this.buffered = messages.pop() ?? '';
    for (const each of messages) this.take(JSON.parse(each) as Message);
  }

  private take(message: Message): void {
    if (message.id === undefined) return this.listeners.forEach((listener) => listener(message));
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error === undefined) waiting?.done(message.result ?? {});
    else waiting?.failed(new Error(message.error.message));
  }

  private fail(error: Error): void {
    this.waiting.forEach(({ failed }) => failed(error));
    this.waiting.clear();
  }
}
