/** Milliseconds. */
export interface TimeLimits {
  /** Without progress: in each such span at least {@link LEAST_BYTES} must come, or all that is left. */
  readonly idleMs: number;
  /** For one package or file as a whole. */
  readonly totalMs: number;
}

export const DEFAULT_TIME_LIMITS: TimeLimits = { idleMs: 60_000, totalMs: 30 * 60_000 };

/** A server that hands out single bytes now and then holds a connection for ever and makes no progress. */
export const LEAST_BYTES = 1024;

/** Ends work that stalls or takes too long, by a signal that also follows the caller's own. */
export class Watchdog {
  private readonly controller = new AbortController();
  private readonly idle: NodeJS.Timeout;
  private readonly total: NodeJS.Timeout;
  private pendingBytes = 0;
  /** Which limit was hit. */
  expired: 'idle' | 'total' | null = null;
  readonly signal: AbortSignal;

  constructor(
    readonly limits: TimeLimits,
    caller: AbortSignal,
  ) {
    this.idle = setTimeout(() => this.expire('idle'), limits.idleMs);
    this.total = setTimeout(() => this.expire('total'), limits.totalMs);
    this.signal = AbortSignal.any([caller, this.controller.signal]);
  }

  /** Something moved: so many bytes, or a step that counts by itself. */
  kick(bytes = LEAST_BYTES): void {
    this.pendingBytes += bytes;
    if (this.pendingBytes < LEAST_BYTES || this.signal.aborted) return;
    this.pendingBytes = 0;
    this.idle.refresh();
  }

  /** Rejects as soon as the signal falls, even if the work itself never notices. */
  async guard<T>(work: Promise<T>): Promise<T> {
    let drop: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      drop = () => reject(new Error('stopped'));
      if (this.signal.aborted) drop();
      else this.signal.addEventListener('abort', drop, { once: true });
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      this.signal.removeEventListener('abort', drop);
    }
  }

  /** Ends the timers and whatever still runs under the signal. */
  stop(): void {
    clearTimeout(this.idle);
    clearTimeout(this.total);
    this.controller.abort();
  }

  private expire(limit: 'idle' | 'total'): void {
    this.expired = limit;
    this.controller.abort();
  }
}
