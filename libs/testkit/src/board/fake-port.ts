import type { FakeK210, Lines } from './fake-k210';
import type { VirtualClock } from './virtual-clock';

export interface FakePortOptions {
  /** A pseudo-terminal has none. */
  readonly hasModemLines?: boolean;
  /** Rates above it are refused by the adapter's driver. */
  readonly highestBaud?: number;
  /** The cable is pulled after so many bytes. */
  readonly vanishesAfterBytes?: number;
  /** What a read gives: each byte by itself, or all that comes until the line falls silent. Default: as it comes. */
  readonly reads?: 'bytes' | 'bursts';
}

/** So long a pause ends a burst. */
const SILENCE_MS = 2;

/** A serial port to a fake board, in virtual time: bytes take their ten bits each, in both directions. */
export class FakePort {
  isOpen = true;
  private baud = 115_200;
  private lineFreeAt = 0;
  private arrived: number[] = [];
  private bytesLeft: number;

  constructor(
    private readonly board: FakeK210,
    private readonly clock: VirtualClock,
    private readonly options: FakePortOptions = {},
  ) {
    this.bytesLeft = options.vanishesAfterBytes ?? Infinity;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.check();
    for (const byte of bytes) {
      if (this.bytesLeft-- <= 0) throw systemError('EIO', 'Input/output error, cannot write');
      this.lineFreeAt = Math.max(this.lineFreeAt, this.clock.now()) + 10_000 / this.baud;
      this.board.receive(byte, this.baud, this.lineFreeAt);
    }
  }

  async drain(): Promise<void> {
    this.check();
    this.clock.advanceTo(this.lineFreeAt);
  }

  async read(timeoutMs: number): Promise<Uint8Array> {
    this.check();
    const limit = this.clock.now() + timeoutMs;
    this.collect();
    if (this.arrived.length === 0) {
      this.clock.advanceTo(Math.min(limit, this.board.nextAt()));
      this.collect();
    }
    if (this.options.reads === 'bytes') return Uint8Array.from(this.arrived.splice(0, 1));
    if (this.options.reads === 'bursts') this.awaitSilence(limit);
    return Uint8Array.from(this.arrived.splice(0));
  }

  async dropInput(): Promise<void> {
    this.collect();
    this.arrived = [];
  }

  async setLines(lines: Lines): Promise<void> {
    this.check();
    if (this.options.hasModemLines === false) {
      throw systemError('ENOTTY', 'Inappropriate ioctl for device, cannot set');
    }
    this.board.setLines(lines, this.clock.now());
  }

  async setBaud(rate: number): Promise<void> {
    this.check();
    if (rate > (this.options.highestBaud ?? Infinity))
      throw systemError('EINVAL', 'Invalid argument, cannot set the rate');
    this.baud = rate;
  }

  async close(): Promise<void> {
    this.isOpen = false;
  }

  private collect(): void {
    this.arrived.push(...this.board.collect(this.clock.now(), this.baud));
  }

  private awaitSilence(limit: number): void {
    while (this.board.nextAt() <= Math.min(limit, this.clock.now() + SILENCE_MS)) {
      this.clock.advanceTo(this.board.nextAt());
      this.collect();
    }
  }

  private check(): void {
    if (!this.isOpen) throw systemError('EBADF', 'Port is not open');
    if (this.bytesLeft <= 0) throw systemError('EIO', 'Input/output error');
  }
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
