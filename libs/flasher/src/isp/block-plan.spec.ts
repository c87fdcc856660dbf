import fc from 'fast-check';

import { blockData, planBlocks } from './block-plan';

const sectors = fc.nat(0xcff).map((sector) => 4096 * sector);

test('every byte of the file is written once, in its place, and what is beyond it is 0xFF', () => {
  fc.assert(
    fc.property(sectors, fc.integer({ min: 1, max: 300_000 }), (address, size) => {
      const file = Uint8Array.from({ length: size }, (_, index) => index * 7);
      const blocks = planBlocks(address, size);
      const padded = Math.ceil(size / 4096) * 4096;
      const chip = new Uint8Array(padded);
      const writes = new Uint8Array(padded / 4096);
      for (const block of blocks) {
        const at = block.address - address;
        chip.set(blockData(file, block), at);
        for (let sector = at / 4096; sector < (at + block.bytes) / 4096; sector++) writes[sector]++;
      }
      expect(writes.every((count) => count === 1)).toBe(true);
      expect(Buffer.compare(chip.subarray(0, size), file)).toBe(0);
      expect(chip.subarray(size).every((byte) => byte === 0xff)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('blocks are 64 KiB at multiples of 64 KiB, or one sector', () => {
  fc.assert(
    fc.property(sectors, fc.integer({ min: 1, max: 10_000_000 }), (address, size) => {
      for (const block of planBlocks(address, size)) {
        expect([4096, 65536]).toContain(block.bytes);
        expect(block.address % block.bytes).toBe(0);
      }
    }),
    { numRuns: 60 },
  );
});

test('a file that begins between two multiples of 64 KiB reaches the next one in sectors', () => {
  const lengths = planBlocks(0x30e000, 0x2000 + 0x10000 + 1).map(({ bytes }) => bytes);
  expect(lengths).toEqual([4096, 4096, 65536, 4096]);
});

test('a file of nothing needs no block', () => {
  expect(planBlocks(0x300000, 0)).toEqual([]);
});
