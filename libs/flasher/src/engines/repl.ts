import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planNotWhole } from '../errors';
import type { BoardFile, FlashPlan } from '../flash-plan';
import { ROM_BAUD } from '../isp/enter-isp';
import type { PlanFile } from '../render-plan';
import { checkInterpreter } from '../repl/check-interpreter';
import { setLineRate, type Line } from '../repl/line-rate';
import type { RawRepl } from '../repl/raw-repl';
import { checkRoom, uploadFiles } from '../repl/upload';
import { withRepl } from '../repl/with-repl';
import { portFor } from '../serial/choose-port';
import type { DeliveryContext, FlashContext, FlashEngine, WrittenFile } from './engine';
import { verifyFiles, writeCard } from './sd';

/** What base64 and the answers leave of 115200 baud. */
const BYTES_PER_SECOND = 8300;
const CARD = '/sd';

/** Of a board whose upload is stopped. */
const STATE = [
  'each file takes its place when it is whole, main.py the last: until then the board starts its old program',
  'where --baud was asked for, RESET brings its line back to 115200 baud',
];

/** Sends the script, and the model where it is loaded from the card, to a board that runs MaixPy. */
export const replEngine: FlashEngine = {
  name: 'repl',
  summary: 'sends files to a board that runs MaixPy',
  uses: ['port', 'baud'],
  prepare: (plan: FlashPlan, context: FlashContext): Promise<readonly WrittenFile[]> => writeCard(plan, context),
  deliver,
};

async function deliver(context: DeliveryContext, plan: PlanFile): Promise<readonly string[]> {
  const { wish, bench, serial, signal } = context;
  const files = await readScriptFiles(context, plan);
  const path = await portFor(serial, wish.port, bench);
  const transport = await serial.open(path);
  try {
    const interruption = signal === undefined ? {} : { signal };
    await withRepl({ transport, clock: serial.clock, ...interruption, state: STATE }, async (repl) => {
      await checkInterpreter(repl, context.report);
      await atRate(repl, { transport, clock: serial.clock }, context, (rate) =>
        sendScriptFiles(repl, files, context, rate),
      );
    });
  } finally {
    await transport.close();
  }
  return [
    `${files.list.length} files sent to ${files.folder} of the board at ${path} and read back; it has been restarted`,
    ...(files.folder === CARD
      ? []
      : [`the script loads the model from ${plan.script.loads} of the flash chip: flash.engine isp writes it`]),
  ];
}

/** Works at the rate that was asked for, if the board takes it, and leaves the line at its usual one. */
async function atRate(
  repl: RawRepl,
  line: Line,
  { wish, report }: DeliveryContext,
  work: (rate: number) => Promise<void>,
): Promise<void> {
  const { baud = ROM_BAUD } = wish;
  if (baud === ROM_BAUD) return work(ROM_BAUD);
  const isTaken = await setLineRate(repl, line, baud);
  if (!isTaken) report({ type: 'note', message: `the board does not take ${baud} baud: staying at ${ROM_BAUD}` });
  await work(isTaken ? baud : ROM_BAUD);
  if (isTaken) await setLineRate(repl, line, ROM_BAUD);
}

/** What the script needs beside it, and where on the board that goes. */
export interface ScriptFiles {
  readonly folder: '/sd' | '/flash';
  readonly list: readonly BoardFile[];
}

/** All of the card, without a model that is loaded from the flash chip. @throws GraftError E411, E415 */
export async function readScriptFiles(context: DeliveryContext, plan: PlanFile): Promise<ScriptFiles> {
  const isOnCard = plan.script.loads.startsWith(`${CARD}/`);
  const files = await readFiles(context, plan);
  return {
    folder: isOnCard ? CARD : '/flash',
    list: files.filter(({ name }) => isOnCard || !name.endsWith('.kmodel')),
  };
}

/** @throws GraftError E412, E432 … E435 */
export async function sendScriptFiles(
  repl: RawRepl,
  { folder, list }: ScriptFiles,
  { report }: Pick<DeliveryContext, 'report'>,
  rate: number = ROM_BAUD,
): Promise<void> {
  const bytes = list.reduce((sum, file) => sum + file.bytes.length, 0);
  await checkRoom(repl, folder, list);
  report({
    type: 'note',
    message: `sending ${bytes} bytes takes about ${Math.ceil((bytes * ROM_BAUD) / (rate * BYTES_PER_SECOND))} s`,
  });
  await uploadFiles(repl, folder, list, report);
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
