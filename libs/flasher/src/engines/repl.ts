import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraftError } from '@graft/foundation';
import { flashStopped, planNotWhole } from '../errors';
import type { BoardFile, FlashPlan } from '../flash-plan';
import type { PlanFile } from '../render-plan';
import { RawRepl } from '../repl/raw-repl';
import { checkRoom, uploadFiles } from '../repl/upload';
import { portFor } from '../serial/choose-port';
import type { DeliveryContext, FlashContext, FlashEngine, WrittenFile } from './engine';
import { verifyFiles, writeCard } from './sd';

/** What base64 and the answers leave of 115200 baud. */
const BYTES_PER_SECOND = 8300;

/** Of a board whose upload is stopped. */
const STATE = [
  'each file takes its place when it is whole, main.py the last: until then the board starts its old program',
  'its program is halted: press RESET to start it again',
];

/** Sends the script, and the model where it is loaded from the card, to a board that runs MaixPy. */
export const replEngine: FlashEngine = {
  name: 'repl',
  summary: 'sends files to a board that runs MaixPy',
  uses: ['port'],
  prepare: (plan: FlashPlan, context: FlashContext): Promise<readonly WrittenFile[]> => writeCard(plan, context),
  deliver,
};

async function deliver(context: DeliveryContext, plan: PlanFile): Promise<readonly string[]> {
  const { wish, serial, report, signal } = context;
  const isOnCard = plan.script.loads.startsWith('/sd/');
  const folder = isOnCard ? '/sd' : '/flash';
  const files = (await readFiles(context, plan)).filter(({ name }) => isOnCard || !name.endsWith('.kmodel'));
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  const path = await portFor(serial, wish.port);
  const transport = await serial.open(path);
  try {
    const repl = new RawRepl(transport, serial.clock, signal);
    await repl.enter();
    await checkRoom(repl, folder, files);
    report({ type: 'note', message: `sending ${bytes} bytes takes about ${Math.ceil(bytes / BYTES_PER_SECOND)} s` });
    await uploadFiles(repl, folder, files, report);
    await repl.leave(true);
  } catch (error) {
    throw error instanceof GraftError && error.code === 'E412' ? flashStopped(STATE) : error;
  } finally {
    await transport.close();
  }
  return [
    `${files.length} files sent to ${folder} of the board at ${path} and read back; it has been restarted`,
    ...(isOnCard
      ? []
      : [`the script loads the model from ${plan.script.loads} of the flash chip: flash.engine isp writes it`]),
  ];
}

async function readFiles({ planFolder }: DeliveryContext, { card }: PlanFile): Promise<readonly BoardFile[]> {
  const folder = join(planFolder, 'sd');
  const files = await Promise.all(
    card.map(async ({ name, sha256 }) => {
      const bytes = await readFile(join(folder, name)).catch(() => {
        throw planNotWhole(folder, [`${name} is missing`]);
      });
      return { name, sha256, bytes };
    }),
  );
  await verifyFiles(folder, files);
  return files;
}
