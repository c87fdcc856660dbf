import { crc32 } from 'node:zlib';
import { FlashChip } from './flash-chip';
import { FrameReader, frameOf } from './frames';

const ROM_BAUD = 115_200;
/** How long after its reset the chip still looks at IO16. */
const BOOT_WINDOW_MS = 20;
const SRAM = 0x8000_0000;
const BANNER = '\r\nMicroPython on Sipeed_M1\r\n>>> ';

export interface Lines {
  readonly dtr: boolean;
  readonly rts: boolean;
}

/** What one answer of the board is turned into. */
export interface AnswerFault {
  readonly code?: number;
  /** The command is not carried out. */
  readonly ignoreCommand?: boolean;
  /** Bytes behind the code. */
  readonly text?: readonly number[];
  readonly silent?: boolean;
  readonly twice?: boolean;
  readonly delayMs?: number;
  /** Bytes on the line before the answer. */
  readonly before?: readonly number[];
}

export interface BoardFaults {
  /** What arrives of the byte with this number, counted from the first one that was sent. */
  readonly toBoard?: (index: number, byte: number) => readonly number[];
  readonly toHost?: (index: number, byte: number) => readonly number[];
  /** @param nth 0 for the first command with this code */
  readonly answer?: (op: number, nth: number) => AnswerFault | undefined;
}

export interface FakeK210Options {
  /** A: RTS resets, DTR holds IO16. B: the other way round. */
  readonly wiring: 'A' | 'B';
  /** The program that must lie in memory when it is started; anything else crashes. */
  readonly stub: Uint8Array;
  /** Where that program belongs; default: the start of the memory. */
  readonly stubAddress?: number;
  /** Lengths that its write command takes, each at multiples of itself; default: any. */
  readonly writeLengths?: readonly number[];
  /** It takes the number of the status command for "execute", and is gone then. */
  readonly executesStatus?: boolean;
  readonly stubBootMs?: number;
  readonly flashMsPer64KiB?: number;
  /** The stub answers a new rate, at that rate. */
  readonly answersBaud?: boolean;
  /** Rates that the stub takes but cannot really keep. */
  readonly garblesAbove?: number;
  readonly faults?: BoardFaults;
}

type State = 'off' | 'reset' | 'booting' | 'running' | 'rom' | 'stub' | 'crashed';

interface Sent {
  readonly at: number;
  readonly byte: number;
  readonly baud: number;
}

/**
 * The serial side of a K210 board: reset wiring, boot ROM, stub, flash chip. No clock of its own: every call says when.
 * Times in milliseconds. Behaves as published readings of the boot ROM and of the stub of kflash 1.1.6 have it.
 */
export class FakeK210 {
  readonly chip = new FlashChip();
  readonly commands = new Map<number, number>();
  readonly writes: { readonly address: number; readonly bytes: number }[] = [];
  readonly lineEvents: (Lines & { readonly at: number })[] = [];
  bytesIn = 0;
  bytesOut = 0;
  checksumErrors = 0;
  state: State = 'off';
  /** Of its UART; starts again at 115200 with every reset. */
  baud = ROM_BAUD;

  private readonly reader = new FrameReader();
  private readonly sram = new Map<number, Uint8Array>();
  private readonly sent: Sent[] = [];
  private lines: Lines = { dtr: true, rts: true };
  private decidesAt = Infinity;
  private readyAt = 0;
  private lineFreeAt = 0;
  private flashReady = false;

  constructor(private readonly options: FakeK210Options) {}

  setLines(lines: Lines, at: number): void {
    this.settle(at);
    this.lineEvents.push({ ...lines, at });
    const wasReset = this.isReset(this.lines);
    this.lines = lines;
    if (this.isReset(lines)) {
      this.state = 'reset';
      this.decidesAt = Infinity;
    } else if (wasReset) {
      this.state = 'booting';
      this.decidesAt = at + BOOT_WINDOW_MS;
    }
    if (this.state === 'booting' && this.holdsIo16(lines)) this.enterRom();
  }

  /** One byte from the host. */
  receive(byte: number, hostBaud: number, at: number): void {
    this.settle(at);
    const number = this.bytesIn++;
    if (hostBaud !== this.baud || this.baud > (this.options.garblesAbove ?? Infinity)) return;
    const { toBoard } = this.options.faults ?? {};
    if (toBoard === undefined) this.take(byte, at);
    else for (const one of toBoard(number, byte)) this.take(one, at);
  }

  /** Takes what has reached the host by then. A byte at another rate than the host's arrives as another one. */
  collect(until: number, hostBaud: number): number[] {
    this.settle(until);
    const bytes: number[] = [];
    while (this.sent.length > 0 && this.sent[0].at <= until) {
      const [{ byte, baud }] = this.sent.splice(0, 1);
      bytes.push(baud === hostBaud ? byte : byte ^ 0xa5);
    }
    return bytes;
  }

  /** When the next byte reaches the host; infinity where none is on its way. */
  nextAt(): number {
    return this.sent[0]?.at ?? Infinity;
  }

  private isReset = ({ dtr, rts }: Lines): boolean => (this.options.wiring === 'A' ? rts : dtr) && dtr !== rts;
  private holdsIo16 = ({ dtr, rts }: Lines): boolean => (this.options.wiring === 'A' ? dtr : rts) && dtr !== rts;

  private settle(at: number): void {
    if (this.state === 'booting' && at >= this.decidesAt) {
      this.state = 'running';
      this.baud = ROM_BAUD;
      this.send([...Buffer.from(BANNER)], this.decidesAt);
    }
  }

  private enterRom(): void {
    this.state = 'rom';
    this.baud = ROM_BAUD;
    this.flashReady = false;
    this.sram.clear();
    this.reader.clear();
    this.sent.length = 0;
  }

  private take(byte: number, at: number): void {
    if (this.state !== 'rom' && this.state !== 'stub') return;
    if (at < this.readyAt) return;
    const body = this.reader.take(byte);
    if (body === null) return;
    if (body === 'bad' || body.length < 2) {
      this.checksumErrors++;
      this.answer(this.state === 'rom' ? 0xc3 : 0xd4, 0xe2, at);
      return;
    }
    this.obey(body, at);
  }

  private obey(body: Uint8Array, at: number): void {
    const op = body[0];
    const nth = this.commands.get(op) ?? 0;
    this.commands.set(op, nth + 1);
    const fault = this.options.faults?.answer?.(op, nth);
    const code = fault?.ignoreCommand === true ? 0xe0 : this.carryOut(op, body, at);
    if (code === null && fault?.code === undefined) return;
    this.answer(op, fault?.code ?? code ?? 0xe0, at + this.duration(op, body), fault);
  }

  /** The code of the answer, or null where the board says nothing. */
  private carryOut(op: number, body: Uint8Array, at: number): number | null {
    if (op === 0xc2 || op === 0xd2) return (op === 0xc2) === (this.state === 'rom') ? 0xe0 : 0xe3;
    if (op === 0xd5 && this.state === 'stub') return this.restart(at);
    if (op === 0xd9 && this.state === 'stub') return this.status();
    if (body.length < 16) return 0xe1;
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    if (view.getUint32(4, true) !== crc32(body.subarray(8))) {
      this.checksumErrors++;
      return 0xe2;
    }
    const [first, second] = [view.getUint32(8, true), view.getUint32(12, true)];
    const data = body.subarray(16);
    if (this.state === 'rom') return this.romCommand(op, first, second, data, at);
    return this.stubCommand(op, first, second, data, at);
  }

  private romCommand(op: number, address: number, length: number, data: Uint8Array, at: number): number | null {
    if (op === 0xc3) {
      if (length !== data.length || length > 1024) return 0xe1;
      this.sram.set(address, Uint8Array.from(data));
      return 0xe0;
    }
    if (op !== 0xc5) return 0xe3;
    this.state = this.stubIsWhole(address) ? 'stub' : 'crashed';
    this.readyAt = at + (this.options.stubBootMs ?? 30);
    return null;
  }

  private stubCommand(op: number, first: number, second: number, data: Uint8Array, at: number): number | null {
    switch (op) {
      case 0xd3:
        if (!this.flashReady) return 0xe3;
        this.chip.eraseAll();
        return 0xe0;
      case 0xd4:
        return this.write(first, second, data);
      case 0xd6:
        this.baud = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
        this.lineFreeAt = at;
        return this.options.answersBaud === true ? 0xe0 : null;
      case 0xd7:
        this.flashReady = first <= 1;
        return this.flashReady ? 0xe0 : 0xe4;
      case 0xd8:
        return this.flashReady && this.chip.erase(first, second) ? 0xe0 : 0xe3;
      default:
        return 0xe3;
    }
  }

  private status(): number | null {
    if (this.options.executesStatus !== true) return 0xe0;
    this.state = 'crashed';
    return null;
  }

  private write(address: number, length: number, data: Uint8Array): number {
    if (!this.flashReady) return 0xe3;
    const lengths = this.options.writeLengths ?? [length];
    if (length !== data.length || length > 65_536 || !lengths.includes(length)) return 0xe1;
    if (this.options.writeLengths !== undefined && address % length !== 0) return 0xe1;
    if (!this.chip.erase(address, length) || !this.chip.program(address, data)) return 0xe6;
    this.writes.push({ address, bytes: length });
    return 0xe0;
  }

  private duration(op: number, body: Uint8Array): number {
    return op === 0xd4 ? ((this.options.flashMsPer64KiB ?? 0) * body.length) / 65_536 : 0;
  }

  private restart(at: number): number {
    this.state = 'booting';
    this.decidesAt = at + BOOT_WINDOW_MS;
    return 0xe0;
  }

  private stubIsWhole(address: number): boolean {
    const pieces = [...this.sram].sort(([a], [b]) => a - b);
    const memory = Buffer.concat(pieces.map(([, bytes]) => bytes));
    const start = this.options.stubAddress ?? SRAM;
    let end = start;
    const isContiguous = pieces.every(([at, { length }]) => {
      const follows = at === end;
      end = at + length;
      return follows;
    });
    return address === start && isContiguous && memory.equals(this.options.stub);
  }

  private answer(op: number, code: number, at: number, fault: AnswerFault = {}): void {
    if (fault.silent === true) return;
    const frame = frameOf([op, code, ...(fault.text ?? [])]);
    const start = at + (fault.delayMs ?? 0);
    this.send([...(fault.before ?? []), ...frame], start);
    if (fault.twice === true) this.send(frame, start);
  }

  private send(bytes: readonly number[], at: number): void {
    for (const byte of bytes) {
      this.lineFreeAt = Math.max(this.lineFreeAt, at) + 10_000 / this.baud;
      const arrives = this.options.faults?.toHost?.(this.bytesOut, byte) ?? [byte];
      this.bytesOut++;
      for (const one of arrives) this.sent.push({ at: this.lineFreeAt, byte: one, baud: this.baud });
    }
  }
}
