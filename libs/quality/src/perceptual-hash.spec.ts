import { measurePicture } from '@graft/image';
import type { Sharp } from 'sharp';
import { hashesAlike, perceptualHash } from './perceptual-hash';
import { scene } from './pictures.fixture';

const hashOf = async (picture: Sharp): Promise<string> =>
  perceptualHash(await measurePicture(await picture.png().toBuffer(), 'png'));

function differentBits(a: string, b: string): number {
  const bits = (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2);
  return bits.replaceAll('0', '').length;
}

test('is 16 hexadecimal digits, the same for the same picture', async () => {
  const hash = await hashOf(scene(1));
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(await hashOf(scene(1))).toBe(hash);
});

test('of a smaller, brighter copy differs in few bits, of other pictures in many', async () => {
  const distances: number[] = [];
  for (const seed of [1, 2, 3, 4]) {
    const hash = await hashOf(scene(seed));
    const copy = await hashOf(scene(seed).resize(120).modulate({ brightness: 1.15 }));
    expect(differentBits(hash, copy)).toBeLessThanOrEqual(8);
    distances.push(differentBits(hash, await hashOf(scene(seed + 10))));
  }
  expect(Math.min(...distances)).toBeGreaterThan(12);
});

test('of one colour is a hash, too', async () => {
  const flat = await measurePicture(
    await scene(1).resize(1, 1).resize(64, 64, { kernel: 'nearest' }).png().toBuffer(),
    'png',
  );
  expect(perceptualHash(flat)).toMatch(/^[0-9a-f]{16}$/);
});

test('hashes are alike up to six different bits', () => {
  expect(hashesAlike('0123456789abcdef', '0123456789abcdef')).toBe(true);
  expect(
    hashesAlike(
      '0000000000000000',
      '8000000700000003'.replace(/./g, (digit) => digit),
    ),
  ).toBe(true);
  expect(hashesAlike('0000000000000000', '800000070000000f')).toBe(false);
  expect(hashesAlike('ffffffffffffffff', '0000000000000000')).toBe(false);
});
