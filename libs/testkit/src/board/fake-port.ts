import type { FakeK210, Lines } from './fake-k210';
import type { VirtualClock } from './virtual-clock';

export interface FakePortOptions {
  /** A pseudo-terminal has none. */
  readonly hasModemLines?: boolean;
  /** Rates above it are refused by the adapter's driver. */
  readonly highestBaud?: number;
  /** The cable is pulled after so many bytes. */
  readonly vanishesAfterBytes?: number;
}

/** A serial port to a fake board, in virtual time: bytes take their ten bits each, in both directions. */
export class FakePort {
  isOpen = true;
  private baud = 115_200;
  private lineFreeAt = 0;
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
    const waiting = this.board.collect(this.clock.now(), this.baud);
    if (waiting.length > 0) return Uint8Array.from(waiting);
    this.clock.advanceTo(Math.min(limit, this.board.nextAt()));
    return Uint8Array.from(this.board.collect(this.clock.now(), this.baud));
  }

  async dropInput(): Promise<void> {
    this.board.collect(this.clock.now(), this.baud);
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

  private check(): void {
    if (!this.isOpen) throw systemError('EBADF', 'Port is not open');
    if (this.bytesLeft <= 0) throw systemError('EIO', 'Input/output error');
  }
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
