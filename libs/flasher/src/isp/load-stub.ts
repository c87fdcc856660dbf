import { stubNotLoaded } from './errors';
import type { IspLink } from './link';
import { CODE, command, describeCode, OP, plainCommand } from './packet';

const CHUNK_BYTES = 1024;
const CHUNK_ATTEMPTS = 4;
const CHUNK_MS = 3000;
const BOOT_MS = 100;
const GREETING_MS = 500;
const GREETINGS = 10;

/**
 * Loads the stub through the boot ROM and starts it. Where a piece gets lost, the same piece goes to the same address
 * again.
 * @param start where it belongs in memory
 * @throws GraftError E424
 */
export async function loadStub(link: IspLink, stub: Uint8Array, start: number): Promise<void> {
  for (let at = 0; at < stub.length; at += CHUNK_BYTES) {
    await loadChunk(link, start + at, stub.subarray(at, at + CHUNK_BYTES));
  }
  await link.tell(command(OP.romBoot, start, 0));
  await link.clock.sleep(BOOT_MS);
  if (!(await greetStub(link, GREETINGS))) throw stubNotLoaded('it does not answer');
}

/** Whether the stub answers at the present rate. A greeting that comes too early is lost, so several are sent. */
export async function greetStub(link: IspLink, attempts: number): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const answer = await link.ask(plainCommand(OP.stubGreeting), { timeoutMs: GREETING_MS, resend: attempt > 0 });
    if (answer.kind === 'reply' && answer.code === CODE.ok) return true;
  }
  return false;
}

async function loadChunk(link: IspLink, address: number, chunk: Uint8Array): Promise<void> {
  const body = command(OP.romWrite, address, chunk.length, chunk);
  for (let attempt = 0; attempt < CHUNK_ATTEMPTS; attempt++) {
    const answer = await link.ask(body, { timeoutMs: CHUNK_MS, resend: attempt > 0 });
    if (answer.kind !== 'reply' || answer.code === CODE.badChecksum) continue;
    if (answer.code === CODE.ok || answer.code === CODE.default) return;
    throw stubNotLoaded(`the boot ROM answers ${describeCode(answer.code)}`);
  }
  throw stubNotLoaded(`the boot ROM took no piece of it in ${CHUNK_ATTEMPTS} attempts`);
}
