import { crc32 } from 'node:zlib';

/** Commands of the boot ROM (0xC…) and of the stub that it loads (0xD…). */
export const OP = {
  romGreeting: 0xc2,
  romWrite: 0xc3,
  romBoot: 0xc5,
  debug: 0xd1,
  stubGreeting: 0xd2,
  flashWrite: 0xd4,
  reboot: 0xd5,
  setBaud: 0xd6,
  flashInit: 0xd7,
  status: 0xd9,
} as const;

/** What a reply says. */
export const CODE = {
  /** The boot ROM answers a memory write with it as well as with `ok`. */
  default: 0x00,
  ok: 0xe0,
  badLength: 0xe1,
  badChecksum: 0xe2,
  invalidCommand: 0xe3,
  badInitialization: 0xe4,
  eraseFailed: 0xe5,
  writeFailed: 0xe6,
  busy: 0xe7,
} as const;

const HEADER_BYTES = 16;
/** A command without arguments: its code and zeros; the checksum is 0 and is not checked. */
const PLAIN_BYTES = 13;

/**
 * Body of a command: op u16, 0 u16, CRC-32 u32 over all that follows, two u32 parameters, data. Little-endian.
 * @param first an address, or the first parameter
 * @param second number of bytes of data, or the second parameter
 */
export function command(op: number, first: number, second: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const body = new Uint8Array(HEADER_BYTES + data.length);
  const view = new DataView(body.buffer);
  view.setUint16(0, op, true);
  view.setUint32(8, first, true);
  view.setUint32(12, second, true);
  body.set(data, HEADER_BYTES);
  view.setUint32(4, crc32(body.subarray(8)), true);
  return body;
}

/** Body of a command that has no arguments: greetings, reboot, status. */
export function plainCommand(op: number): Uint8Array {
  const body = new Uint8Array(PLAIN_BYTES);
  body[0] = op;
  return body;
}

export interface Reply {
  readonly op: number;
  readonly code: number;
  /** Of a debug message: its text. */
  readonly text: string;
}

/** Null where the body is too short for a reply. */
export function parseReply(body: Uint8Array): Reply | null {
  if (body.length < 2) return null;
  const [op, code] = body;
  return { op, code, text: Buffer.from(body.subarray(2)).toString('latin1') };
}

const CODE_NAMES: Readonly<Record<number, string>> = {
  [CODE.badLength]: 'wrong data length',
  [CODE.badChecksum]: 'wrong checksum',
  [CODE.invalidCommand]: 'invalid command, or the flash chip is not initialized',
  [CODE.badInitialization]: 'the flash chip cannot be initialized',
  [CODE.eraseFailed]: 'erasing failed',
  [CODE.writeFailed]: 'writing failed',
  [CODE.busy]: 'the flash chip is busy',
};

/** For messages: `E2 (wrong checksum)`. */
export function describeCode(code: number): string {
  const name = code.toString(16).toUpperCase().padStart(2, '0');
  const meaning = CODE_NAMES[code];
  return meaning === undefined ? name : `${name} (${meaning})`;
}
