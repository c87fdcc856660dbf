import { GraftError } from '@graft/foundation';
import fc from 'fast-check';

import { KpuRam, MainMemory } from './memory';

const counting = (count: number) => Uint8Array.from({ length: count }, (_, index) => index + 1);

describe('KpuRam', () => {
  test('a map of any size loads as it was stored', () => {
    const shapes = fc.record({
      channels: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 4, max: 20 }),
      width: fc.integer({ min: 4, max: 150 }),
    });
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 20000 }), (shape, line) => {
        const dense = counting(shape.channels * shape.height * shape.width);
        const ram = new KpuRam();
        ram.store(line, shape, dense);
        expect(ram.load(line, shape)).toEqual(dense);
      }),
      { numRuns: 60 },
    );
  });

  test('rows of up to 16 pixels share a line with three other channels', () => {
    const ram = new KpuRam();
    ram.store(5, { channels: 5, height: 2, width: 4 }, counting(40));
    const lines = ram.load(5, { channels: 1, height: 4, width: 64 });
    // Lines 5 and 6: rows 0 and 1 of channels 0 … 3, 16 bytes apart. Lines 7 and 8: channel 4.
    expect([...lines.subarray(0, 4), ...lines.subarray(16, 20)]).toEqual([1, 2, 3, 4, 9, 10, 11, 12]);
    expect([...lines.subarray(64, 68), ...lines.subarray(64 + 48, 64 + 52)]).toEqual([5, 6, 7, 8, 29, 30, 31, 32]);
    expect([...lines.subarray(128, 132), ...lines.subarray(192, 196)]).toEqual([33, 34, 35, 36, 37, 38, 39, 40]);
    expect([...lines.subarray(144, 148)]).toEqual([0, 0, 0, 0]);
  });

  test('rows of 17 to 32 pixels share a line with one other channel', () => {
    const ram = new KpuRam();
    ram.store(0, { channels: 2, height: 4, width: 20 }, counting(160));
    const lines = ram.load(0, { channels: 1, height: 4, width: 64 });
    expect([lines[0], lines[19], lines[20], lines[32], lines[51]]).toEqual([1, 20, 0, 81, 100]);
    expect(lines[64]).toBe(21);
  });

  test('rows of more than 64 pixels take several lines', () => {
    const ram = new KpuRam();
    ram.store(0, { channels: 1, height: 4, width: 70 }, counting(280));
    const lines = ram.load(0, { channels: 1, height: 8, width: 64 });
    expect([lines[63], lines[64], lines[69], lines[70], lines[128]]).toEqual([64, 65, 70, 0, 71]);
  });

  test('single pixels leave the others as they were', () => {
    const ram = new KpuRam();
    const shape = { channels: 5, height: 4, width: 4 };
    ram.store(0, shape, new Uint8Array(80).fill(7));
    ram.storePixels(0, shape, Uint8Array.of(1, 2, 3, 4, 5));
    const planes = ram.load(0, shape);
    expect([0, 16, 32, 48, 64].map((at) => planes[at])).toEqual([1, 2, 3, 4, 5]);
    expect(planes.filter((value) => value === 7)).toHaveLength(75);
  });
});

describe('MainMemory', () => {
  const memory = new MainMemory(64);
  const codeOf = (action: () => unknown) => {
    try {
      action();
    } catch (error) {
      return error instanceof GraftError ? error.code : error;
    }
    return undefined;
  };

  test('bytes and floats are views of the same memory', () => {
    memory.floats('test', 8, 1)[0] = 1;
    expect([...memory.bytes('test', 8, 4)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  test.each([
    ['one byte too many', () => memory.bytes('test', 0, 65)],
    ['an address behind the end', () => memory.bytes('test', 65, 0)],
    ['floats that stick out', () => memory.floats('test', 56, 3)],
    ['floats at an odd address', () => memory.floats('test', 2, 1)],
  ])('%s is refused with E362', (_, action) => {
    expect(codeOf(action)).toBe('E362');
  });
});
