import { hex } from '../errors';
import type { ImageBlock } from './write-flash';

/**
 * What a run that ends in the middle leaves on the chip, for people.
 * @param blocks all of them, in the order in which they are written
 * @param written bytes of those that the board has confirmed
 */
export function describeState(blocks: readonly ImageBlock[], written: number, hasBegun: boolean): string[] {
  if (!hasBegun) return ['nothing was written; the flash chip is as it was'];
  const open = blocks.slice(confirmed(blocks, written));
  const total = blocks.reduce((sum, { bytes }) => sum + bytes, 0);
  const loader = 'the board is still in its loader: flash again, or press RESET to start what it holds';
  const [next] = open;
  if (next === undefined) return ['every byte is written and confirmed', loader];
  const names = [...new Set(open.map(({ image }) => image.name))].join(', ');
  return [
    `${written} of ${total} bytes are written and confirmed; what lies from ${hex(next.address)} on is not`,
    `not whole: ${names}; the board must not use it before it is flashed again, which mends it`,
    ...(open.some(({ image }) => image.address === 0)
      ? ['its firmware is not whole: it does not start by itself']
      : []),
    loader,
  ];
}

function confirmed(blocks: readonly ImageBlock[], written: number): number {
  let end = 0;
  const index = blocks.findIndex(({ bytes }) => (end += bytes) > written);
  return index === -1 ? blocks.length : index;
}
