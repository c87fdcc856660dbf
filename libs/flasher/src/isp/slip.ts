const DELIMITER = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED_DELIMITER = 0xdc;
const ESCAPED_ESCAPE = 0xdd;

/**
 * One frame: delimiter, escaped body, delimiter. The framing of RFC 1055 with a delimiter at both ends.
 * @param body any bytes
 */
export function encodeFrame(body: Uint8Array): Uint8Array {
  let escapes = 0;
  for (const byte of body) if (byte === DELIMITER || byte === ESCAPE) escapes++;
  const frame = new Uint8Array(body.length + escapes + 2);
  let end = 0;
  frame[end++] = DELIMITER;
  for (const byte of body) {
    if (byte === DELIMITER || byte === ESCAPE) {
      frame[end++] = ESCAPE;
      frame[end++] = byte === DELIMITER ? ESCAPED_DELIMITER : ESCAPED_ESCAPE;
    } else {
      frame[end++] = byte;
    }
  }
  frame[end] = DELIMITER;
  return frame;
}

/** Takes a stream of bytes apart into frames. Bytes outside a frame are skipped, and so are empty frames. */
export class FrameDecoder {
  private body: number[] = [];
  private inFrame = false;
  private escaped = false;
  private broken = false;

  /**
   * @param bytes the next piece of the stream, cut anywhere
   * @returns the bodies of the frames that end in this piece; null for one that held a wrong escape
   */
  feed(bytes: Uint8Array): (Uint8Array | null)[] {
    const frames: (Uint8Array | null)[] = [];
    for (const byte of bytes) {
      if (byte === DELIMITER) this.delimit(frames);
      else if (this.inFrame) this.take(byte);
    }
    return frames;
  }

  /** Forgets what came of an unfinished frame. */
  reset(): void {
    this.body = [];
    this.inFrame = this.escaped = this.broken = false;
  }

  private delimit(frames: (Uint8Array | null)[]): void {
    const isEmpty = this.body.length === 0 && !this.broken && !this.escaped;
    // Two delimiters in a row: the first one may have ended a frame whose start was lost, so this one starts anew.
    if (!this.inFrame || isEmpty) {
      this.inFrame = true;
      return;
    }
    frames.push(this.broken || this.escaped ? null : Uint8Array.from(this.body));
    this.reset();
  }

  private take(byte: number): void {
    if (this.escaped) {
      this.escaped = false;
      if (byte === ESCAPED_DELIMITER) this.body.push(DELIMITER);
      else if (byte === ESCAPED_ESCAPE) this.body.push(ESCAPE);
      else this.broken = true;
    } else if (byte === ESCAPE) {
      this.escaped = true;
    } else {
      this.body.push(byte);
    }
  }
}
