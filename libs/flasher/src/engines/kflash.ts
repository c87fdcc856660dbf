import { portFor } from '../serial/choose-port';
import type { FileToPack } from '../kfpkg/write-kfpkg';
import type { PlanFile } from '../render-plan';
import { afterWriting, wantsMaixPy } from './after-writing';
import { USUAL_BAUD, type DeliveryContext, type FlashEngine } from './engine';
import { imagesOf, preparePackage, readPackage, scriptHint } from './package';
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
  uses: ['port', 'baud', 'firmware', 'ioMode', 'readBack', 'sendScript'],
  prepare: preparePackage,
  deliver: async (context, plan) => {
    const { wish, bench, serial, report, signal } = context;
    const { files, path } = await readPackage(context, plan);
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    const port = await portFor(serial, wish.port, bench);
    const baud = wish.baud ?? bench?.baudRate ?? USUAL_BAUD;
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
    return [`kflash wrote the package over ${port}`, ...(await afterKflash(context, plan, files, port))];
  },
};

async function afterKflash(
  context: DeliveryContext,
  plan: PlanFile,
  files: readonly FileToPack[],
  port: string,
): Promise<readonly string[]> {
  if (!wantsMaixPy(context.wish)) return [scriptHint(context, plan)];
  const transport = await context.serial.open(port);
  try {
    return await afterWriting(context, plan, imagesOf(files, context.wish), transport);
  } finally {
    await transport.close();
  }
}

/** Three times what the line and the chip (0.4 s for 64 KiB) need, and a minute to begin. */
function limitMs(bytes: number, baud: number): number {
  return 3 * ((bytes * 10_000) / baud + (400 * bytes) / 65_536) + 60_000;
}
