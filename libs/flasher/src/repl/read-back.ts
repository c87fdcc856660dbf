import { crc32 } from 'node:zlib';
import { GraftError, type Report } from '@graft/foundation';
import type { FlashImage } from '../isp/write-flash';
import { chipHoldsAnother, noMaixPy } from './errors';
import type { RawRepl } from './raw-repl';

/** Says how far it is each 64 KiB, so that it is never silent for long; then the checksum. Below 2000 bytes. */
const PROGRAM = `from Maix import utils
from ubinascii import crc32
def read(address, size):
  crc = 0
  for start in range(0, size, 4096):
    if start % 65536 == 0:
      print("@at", start)
    crc = crc32(utils.flash_read(address + start, min(4096, size - start)), crc)
  print("@crc", crc & 0xffffffff)
`;
const SILENCE_MS = 20_000;

/**
 * Lets the firmware read the flash chip, and compares with what was written.
 * @throws GraftError E445 at the first file that differs
 */
export async function readBack(
  repl: Pick<RawRepl, 'follow'>,
  images: readonly FlashImage[],
  report: Report,
): Promise<void> {
  const total = images.reduce((sum, { bytes }) => sum + bytes.length, 0);
  let before = 0;
  for (const { name, address, bytes } of images) {
    let found: number | null = null;
    const progress = (done: number): void =>
      report({ type: 'progress', task: `reading ${name} back`, done: before + done, total, unit: 'byte' });
    await repl.follow(`${PROGRAM}read(${address}, ${bytes.length})`, SILENCE_MS, (line) => {
      const [word, value] = line.split(' ');
      if (word === '@at') progress(Number(value));
      else if (word === '@crc') found = Number(value);
    });
    if (found !== crc32(bytes)) throw chipHoldsAnother(name, address);
    progress(bytes.length);
    before += bytes.length;
  }
}

/** Where the interpreter fails, the chip is written all the same, and whoever asked should know. */
export function notReadBack(error: unknown): unknown {
  const isOfInterpreter = error instanceof GraftError && ['E432', 'E433', 'E443'].includes(error.code);
  return isOfInterpreter ? noMaixPy(error) : error;
}
