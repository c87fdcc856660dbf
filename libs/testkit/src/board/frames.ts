// The board's own reading of the line. Written apart from the flasher: a mistake there must not hide here.

const END = 0xc0;
const ESC = 0xdb;

export function frameOf(body: readonly number[]): number[] {
  const escaped = body.flatMap((byte) => (byte === END ? [ESC, 0xdc] : byte === ESC ? [ESC, 0xdd] : [byte]));
  return [END, ...escaped, END];
}

/** Takes one byte at a time, as a UART hands them over. */
export class FrameReader {
  private state: 'outside' | 'inside' | 'escape' | 'bad' = 'outside';
  private readonly buffer = new Uint8Array(80 * 1024);
  private length = 0;

  /** The body when `byte` ends a frame, 'bad' when the frame held a wrong escape or too much, else null. */
  take(byte: number): Uint8Array | 'bad' | null {
    if (byte === END) return this.delimiter();
    if (this.state === 'outside' || this.state === 'bad') return null;
    if (this.state === 'escape') {
      this.state = 'inside';
      if (byte === 0xdc) this.keep(END);
      else if (byte === 0xdd) this.keep(ESC);
      else this.state = 'bad';
      return null;
    }
    if (byte === ESC) this.state = 'escape';
    else this.keep(byte);
    return null;
  }

  clear(): void {
    this.state = 'outside';
    this.length = 0;
  }

  private delimiter(): Uint8Array | 'bad' | null {
    const was = this.state;
    if (was === 'outside' || (was === 'inside' && this.length === 0)) {
      this.state = 'inside';
      return null;
    }
    const body = was === 'inside' ? this.buffer.slice(0, this.length) : 'bad';
    this.clear();
    return body;
  }

  private keep(byte: number): void {
    if (this.length === this.buffer.length) this.state = 'bad';
    else this.buffer[this.length++] = byte;
  }
}
