import { blockData, planBlocks, type FlashBlock } from './block-plan';
import { flashChipNotReady, writeFailed } from './errors';
import type { IspLink } from './link';
import { CODE, command, OP, plainCommand } from './packet';

/** A file and where it goes. */
export interface FlashImage {
  readonly name: string;
  /** Multiple of 4096. */
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface ImageBlock extends FlashBlock {
  readonly image: FlashImage;
}

/** How the writing of blocks ended: all of them, or at the block with this index, which has yet to be written. */
export type WriteEnd =
  | { readonly kind: 'done' }
  /** Too many blocks needed a second attempt. */
  | { readonly kind: 'noisy'; readonly block: number }
  /** The board took a block for another command; what it did then is not known. */
  | { readonly kind: 'confused'; readonly op: number };

export interface WriteTally {
  /** Bytes of blocks that the board has taken, in the order of `blocks`. */
  written: number;
  resends: number;
}

const SPI0 = 1;
const INIT_ATTEMPTS = 10;
const INIT_MS = 1000;
const BLOCK_ATTEMPTS = 5;
const BLOCK_MS = 10_000;
const PAUSE_MS = 100;
const BUSY_MS = 500;
const STATUS_MS = 1000;
/** As long as the slowest chip needs to erase itself: 90 s. */
const BUSY_POLLS = 180;
/** Two blocks in a row that needed another attempt: the line does not carry this rate. */
const NOISY_BLOCKS = 2;

/** Every write command of these files, in order of their addresses. */
export function blocksOf(images: readonly FlashImage[], unitBytes?: number): ImageBlock[] {
  const sorted = [...images].sort((a, b) => a.address - b.address);
  return sorted.flatMap((image) =>
    planBlocks(image.address, image.bytes.length, unitBytes).map((block) => ({ ...block, image })),
  );
}

/** @throws GraftError E426 */
export async function initFlash(link: IspLink): Promise<void> {
  let code: number | null = null;
  for (let attempt = 0; attempt < INIT_ATTEMPTS; attempt++) {
    const answer = await link.ask(command(OP.flashInit, SPI0, 0), { timeoutMs: INIT_MS, resend: attempt > 0 });
    if (answer.kind === 'reply' && answer.code === CODE.ok) return;
    code = answer.kind === 'reply' ? answer.code : code;
  }
  throw flashChipNotReady(code);
}

/**
 * Writes the blocks from `first` on. A block is sent again until the board confirms it: the stub erases before it
 * programs, so a repeated block does no harm.
 * @param mayStop whether a noisy line ends this; otherwise it goes on as long as every block succeeds in the end
 * @param progress told with bytes that are on their way or written
 * @throws GraftError E422
 */
export async function writeBlocks(
  link: IspLink,
  blocks: readonly ImageBlock[],
  first: number,
  mayStop: boolean,
  tally: WriteTally,
  progress: (bytes: number) => void,
): Promise<WriteEnd> {
  let noisy = 0;
  for (let index = first; index < blocks.length; index++) {
    const block = blocks[index];
    const attempts = await writeBlock(link, block, (sent) => progress(tally.written + Math.min(sent, block.bytes)));
    if (attempts.kind === 'confused') return attempts;
    tally.written += block.bytes;
    tally.resends += attempts.resends;
    noisy = attempts.resends > 0 ? noisy + 1 : 0;
    if (mayStop && noisy === NOISY_BLOCKS && index + 1 < blocks.length) return { kind: 'noisy', block: index + 1 };
  }
  return { kind: 'done' };
}

/** Asks each half second whether the chip is through; where the stub cannot say, half a second must do. */
async function untilIdle(link: IspLink): Promise<void> {
  for (let poll = 0; poll < BUSY_POLLS; poll++) {
    await link.clock.sleep(BUSY_MS);
    if (!link.answersStatus) return;
    const answer = await link.ask(plainCommand(OP.status), { timeoutMs: STATUS_MS });
    if (answer.kind !== 'reply' || answer.code !== CODE.busy) return;
  }
}

type BlockEnd = { readonly kind: 'written'; readonly resends: number } | Extract<WriteEnd, { kind: 'confused' }>;

async function writeBlock(link: IspLink, block: ImageBlock, onSent: (bytes: number) => void): Promise<BlockEnd> {
  const { address, bytes, image } = block;
  const body = command(OP.flashWrite, address, bytes, blockData(image.bytes, block));
  for (let attempt = 0; attempt < BLOCK_ATTEMPTS; attempt++) {
    const answer = await link.ask(body, { timeoutMs: BLOCK_MS, resend: attempt > 0, onSent });
    if (answer.kind === 'unexpected') return { kind: 'confused', op: answer.op };
    if (answer.kind === 'reply') {
      if (answer.code === CODE.ok) return { kind: 'written', resends: attempt };
      if (answer.code !== CODE.badChecksum && answer.code !== CODE.busy) {
        throw writeFailed(image.name, address, answer.code, attempt + 1);
      }
    }
    const isBusy = answer.kind === 'reply' && answer.code === CODE.busy;
    await (isBusy ? untilIdle(link) : link.clock.sleep(PAUSE_MS));
  }
  throw writeFailed(image.name, address, null, BLOCK_ATTEMPTS);
}
