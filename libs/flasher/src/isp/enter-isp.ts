import { types } from 'node:util';
import { noBoard, noModemLines } from './errors';
import type { IspLink } from './link';
import { CODE, OP, plainCommand } from './packet';
import { resetSequencesFor, type ResetSequence } from './reset-sequences';
import type { Lines } from './transport';

/** `auto`: through DTR and RTS. `none`: the board is in ISP mode already. `manual`: somebody presses the buttons. */
export type ResetMode = 'auto' | 'none' | 'manual';

export const ROM_BAUD = 115_200;

const ATTEMPTS = 15;
/** So often the device's own wiring is tried before the others have their turns. */
const OWN_ATTEMPTS = 3;
const GREETING_MS = 500;
const MANUAL_MS = 30_000;

/**
 * Brings the board into its boot ROM's serial loop.
 * @returns the sequences of the wiring that worked; null where the lines were left alone
 * @throws GraftError E421, E425
 */
export async function enterIsp(
  link: IspLink,
  device: string,
  mode: ResetMode,
  tell: (message: string) => void,
): Promise<ResetSequence | null> {
  await link.transport.setBaud(ROM_BAUD);
  if (mode !== 'auto') {
    if (mode === 'manual') tell('hold BOOT, press RESET, then release both');
    const attempts = (mode === 'manual' ? MANUAL_MS : ATTEMPTS * GREETING_MS) / GREETING_MS;
    for (let attempt = 0; attempt < attempts; attempt++) if (await greeted(link)) return null;
    throw noBoard(0);
  }
  const sequences = resetSequencesFor(device);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const sequence = sequences[Math.max(0, attempt - OWN_ATTEMPTS + 1) % sequences.length];
    await playLines(link, sequence.toIsp);
    if (await greeted(link)) {
      if (sequence !== sequences[0]) tell(`the board answers to reset wiring ${sequence.wiring}`);
      return sequence;
    }
  }
  throw noBoard(ATTEMPTS);
}

/** @throws GraftError E425 where the port has no such lines */
export async function playLines(link: IspLink, steps: readonly Lines[]): Promise<void> {
  for (const lines of steps) {
    link.checkAborted();
    await link.transport.setLines(lines).catch((error: unknown) => {
      throw isUnsupported(error) ? noModemLines(error) : error;
    });
    await link.clock.sleep(link.holdMs);
  }
}

/** A board that runs a program may echo the greeting, with a code of 0: only a true answer counts. */
async function greeted(link: IspLink): Promise<boolean> {
  const answer = await link.ask(plainCommand(OP.romGreeting), { timeoutMs: GREETING_MS });
  return answer.kind === 'reply' && answer.code === CODE.ok;
}

function isUnsupported(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  return ('code' in error && error.code === 'ENOTTY') || /inappropriate ioctl/i.test(error.message);
}
