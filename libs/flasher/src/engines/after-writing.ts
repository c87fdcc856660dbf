import { ROM_BAUD } from '../isp/enter-isp';
import type { Transport } from '../isp/transport';
import type { FlashImage } from '../isp/write-flash';
import type { PlanFile } from '../render-plan';
import { checkInterpreter } from '../repl/check-interpreter';
import { notReadBack, readBack } from '../repl/read-back';
import { withRepl } from '../repl/with-repl';
import type { DeliveryContext, DeliveryWish } from './engine';
import { scriptHint } from './package';
import { readScriptFiles, sendScriptFiles } from './repl';

/** The firmware's own start, before it listens. */
const BOOT_MS = 1500;
const STATE = ['every byte of the flash chip is written and confirmed'];

/** Whether something is to be done that only a running firmware can do. */
export const wantsMaixPy = ({ readBack, sendScript }: DeliveryWish): boolean =>
  readBack === true || sendScript === true;

/**
 * What is asked for once the chip is written and the board runs its firmware: reads the chip back, sends the script.
 * @param images what was written
 * @returns what was done and what is left to do, a line each
 * @throws GraftError E445 where the chip holds something else, E446 where no MaixPy answers; E412, E433 … E435 of sending
 */
export async function afterWriting(
  context: DeliveryContext,
  plan: PlanFile,
  images: readonly FlashImage[],
  transport: Transport,
): Promise<readonly string[]> {
  const { wish, serial, report, signal } = context;
  if (!wantsMaixPy(wish)) return [scriptHint(context, plan)];
  const script = wish.sendScript === true ? await readScriptFiles(context, plan) : null;
  await transport.setBaud(ROM_BAUD);
  await serial.clock.sleep(BOOT_MS);
  const interruption = signal === undefined ? {} : { signal };
  await withRepl({ transport, clock: serial.clock, ...interruption, state: STATE }, async (repl) => {
    await checkInterpreter(repl, report);
    if (wish.readBack === true) await readBack(repl, images, report);
    if (script !== null) await sendScriptFiles(repl, script, context);
  }).catch((error: unknown) => {
    throw notReadBack(error);
  });
  const bytes = images.reduce((sum, image) => sum + image.bytes.length, 0);
  return [
    ...(wish.readBack === true
      ? [`${bytes} bytes read back from the flash chip by the firmware: as they were written`]
      : []),
    script === null
      ? scriptHint(context, plan)
      : `${script.list.length} files sent to ${script.folder} of the board and read back; it has been restarted`,
  ];
}
