import { portFor } from '../serial/choose-port';
import { USUAL_BAUD, type FlashEngine } from './engine';
import { preparePackage, readPackage, scriptHint } from './package';
import { runKflash } from './run-kflash';

const PROGRAM = 'kflash';

/** Its name for a board's reset wiring. */
const BOARDS: Readonly<Record<string, string>> = {
  'maix-bit': 'bit',
  'maix-bit-mic': 'bit_mic',
  'maix-dock': 'dan',
  kd233: 'kd233',
};
const OTHER_BOARD = 'goE';

/** Lets an installed kflash write the package. */
export const kflashEngine: FlashEngine = {
  name: 'kflash',
  summary: 'lets an installed kflash write the flash chip',
  uses: ['port', 'baud', 'firmware', 'ioMode'],
  prepare: preparePackage,
  deliver: async (context, plan) => {
    const { wish, serial, report, signal } = context;
    const { files, path } = await readPackage(context, plan);
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    const port = await portFor(serial, wish.port);
    const baud = wish.baud ?? USUAL_BAUD;
    const board = BOARDS[plan.device] ?? OTHER_BOARD;
    const ioMode = wish.ioMode === undefined ? [] : ['-i', wish.ioMode];
    await runKflash({
      program: PROGRAM,
      arguments: ['-n', '-p', port, '-b', String(baud), '-B', board, ...ioMode, path],
      totalBytes: bytes,
      limitMs: limitMs(bytes, baud),
      report,
      ...(signal === undefined ? {} : { signal }),
    });
    return [`kflash wrote the package over ${port}`, scriptHint(context)];
  },
};

/** Three times what the line and the chip (0.4 s for 64 KiB) need, and a minute to begin. */
function limitMs(bytes: number, baud: number): number {
  return 3 * ((bytes * 10_000) / baud + (400 * bytes) / 65_536) + 60_000;
}
