/** Modem lines; true is asserted, which is a low level at the adapter's pin. */
export interface Lines {
  readonly dtr: boolean;
  readonly rts: boolean;
}

/** A serial line to a board: 8 data bits, no parity, 1 stop bit, no flow control. Methods fail with the system's errors. */
export interface Transport {
  /** Hands the bytes over to the system. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when everything written has left. */
  drain(): Promise<void>;
  /** What has arrived, or the first of what arrives within the time; empty when nothing did. */
  read(timeoutMs: number): Promise<Uint8Array>;
  dropInput(): Promise<void>;
  /** Sets both lines in one call, so that no third state lies between two steps of a reset. */
  setLines(lines: Lines): Promise<void>;
  /** Bits a second. Fails where adapter or driver cannot. */
  setBaud(rate: number): Promise<void>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** Time in milliseconds, from any start; tests let it pass without waiting. */
export interface Clock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}
