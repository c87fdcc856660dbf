import { crc32 } from 'node:zlib';

/** A test picture with what the simulator answers to it. */
export interface GoldenPicture {
  /** File name beside the script. */
  readonly name: string;
  /** A 16-bit bitmap: of all formats that the firmware reads it is the one whose pixels need no conversion. */
  readonly bitmap: Uint8Array;
  /** The model's first output, one value a class. */
  readonly expected: readonly number[];
}

/** Pictures with which a board shows that it computes what the simulator computes; empty: no self-test. */
export interface SelfTestKit {
  /** Largest difference of a value that passes. */
  readonly tolerance: number;
  readonly pictures: readonly GoldenPicture[];
}

export const KIT_FILE = 'self-test.txt';
/** Sums and exponentials in another order differ by less; one step of a byte in the network makes more. */
export const TOLERANCE = 0.001;
export const NO_KIT: SelfTestKit = { tolerance: TOLERANCE, pictures: [] };

/** What the host must know of a kit to judge a board. */
export interface KitIndex {
  readonly tolerance: number;
  readonly model: Checksum;
  readonly pictures: readonly Pick<GoldenPicture, 'name' | 'expected'>[];
}

export interface Checksum {
  readonly bytes: number;
  readonly crc32: number;
}

export const checksumOf = (bytes: Uint8Array): Checksum => ({ bytes: bytes.length, crc32: crc32(bytes) });

/**
 * `self-test.txt`, in words that the script splits at blanks. First line: bytes of the model, its CRC-32, the tolerance;
 * then a line a picture: file, expected values.
 */
export function renderKitIndex({ tolerance, pictures }: SelfTestKit, kmodel: Uint8Array): string {
  const model = checksumOf(kmodel);
  const rows = pictures.map(({ name, expected }) => [name, ...expected.map((value) => value.toFixed(6))]);
  return [[model.bytes, model.crc32, tolerance], ...rows].map((words) => `${words.join(' ')}\n`).join('');
}

/** Reads what `renderKitIndex` wrote. Null where the text is something else. */
export function parseKitIndex(text: string): KitIndex | null {
  const [head, ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));
  const [bytes, crc, tolerance] = head.map(Number);
  const pictures = rows.map(([name, ...values]) => ({ name, expected: values.map(Number) }));
  const numbers = [bytes, crc, tolerance, ...pictures.flatMap(({ expected }) => expected)];
  const isWhole = head.length === 3 && pictures.length > 0 && pictures.every(({ expected }) => expected.length > 0);
  return isWhole && numbers.every(Number.isFinite) ? { tolerance, model: { bytes, crc32: crc }, pictures } : null;
}
