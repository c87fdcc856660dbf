import { flashAborted } from '../errors';
import { OP, parseReply, type Reply } from './packet';
import { encodeFrame, FrameDecoder } from './slip';
import type { Clock, Transport } from './transport';

/** What came of a command. `unexpected`: the board answered another command than the one that was sent. */
export type Answer =
  | { readonly kind: 'reply'; readonly code: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'broken' }
  | { readonly kind: 'unexpected'; readonly op: number };

export interface AskOptions {
  readonly timeoutMs: number;
  /** Sends a delimiter more in front: it ends what a board may still take for an unfinished frame. */
  readonly resend?: boolean;
  /** Called with the number of bytes that have been handed over, while a long frame is sent. */
  readonly onSent?: (bytes: number) => void;
}

const DELIMITER = Uint8Array.of(0xc0);
/** A tenth of a second at the slowest usual rate: whoever stops a run does not wait long before it lets go of the port. */
const PIECE_BYTES = 1024;

/** Commands and their answers over a serial line. Debug messages of the board go to `log`. */
export class IspLink {
  /** How long answers were waited for, in milliseconds. */
  waitedMs = 0;
  /** Whether the stub knows the status command; another one may take its number for something else. */
  answersStatus = false;
  /** How long each step of a reset is held, in milliseconds. */
  holdMs = 100;

  private readonly decoder = new FrameDecoder();

  constructor(
    readonly transport: Transport,
    readonly clock: Clock,
    private readonly log: (message: string) => void,
    private readonly signal?: AbortSignal,
  ) {}

  /** @throws GraftError E412 when the run was interrupted */
  checkAborted(): void {
    if (this.signal?.aborted === true) throw flashAborted();
  }

  /**
   * Sends a command and waits for its answer. What arrives before the command's last byte has left is no answer to it
   * and is dropped: a late second answer to an earlier command must not pass for this one's.
   */
  async ask(body: Uint8Array, { timeoutMs, resend = false, onSent }: AskOptions): Promise<Answer> {
    const frame = encodeFrame(body);
    if (resend) await this.transport.write(DELIMITER);
    await this.sendInPieces(frame.subarray(0, -1), onSent);
    await this.transport.drain();
    await this.transport.dropInput();
    this.decoder.reset();
    await this.transport.write(DELIMITER);
    const sentAt = this.clock.now();
    const answer = await this.answerTo(body[0], timeoutMs);
    this.waitedMs += this.clock.now() - sentAt;
    return answer;
  }

  /** Sends a command that is not answered. */
  async tell(body: Uint8Array): Promise<void> {
    this.checkAborted();
    await this.transport.write(encodeFrame(body));
    await this.transport.drain();
  }

  private async sendInPieces(bytes: Uint8Array, onSent?: (bytes: number) => void): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      this.checkAborted();
      await this.transport.write(bytes.subarray(at, at + PIECE_BYTES));
      onSent?.(Math.min(at + PIECE_BYTES, bytes.length));
    }
  }

  private async answerTo(op: number, timeoutMs: number): Promise<Answer> {
    const deadline = this.clock.now() + timeoutMs;
    for (;;) {
      this.checkAborted();
      const left = deadline - this.clock.now();
      if (left <= 0) return { kind: 'timeout' };
      // Short waits, so that an interruption is not kept waiting.
      const bytes = await this.transport.read(Math.min(left, 500));
      for (const frame of this.decoder.feed(bytes)) {
        const reply = frame === null ? null : parseReply(frame);
        if (reply === null) return { kind: 'broken' };
        if (reply.op === OP.debug) this.log(`the board says: ${printable(reply)}`);
        else return reply.op === op ? { kind: 'reply', code: reply.code } : { kind: 'unexpected', op: reply.op };
      }
    }
  }
}

const printable = ({ text }: Reply): string => text.replace(/[^\x20-\x7e]+/g, ' ').trim();
