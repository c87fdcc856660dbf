import fc from 'fast-check';
import { DEVICES, FLASH, KPU, mapLines, rowLayout } from './index';

test.each([
  [4, 4, 1, 16],
  [16, 4, 1, 16],
  [17, 2, 1, 32],
  [32, 2, 1, 32],
  [33, 1, 1, 0],
  [64, 1, 1, 0],
  [65, 1, 2, 0],
  [224, 1, 4, 0],
  [512, 1, 8, 0],
])('a row of %i pixels: %i channels share %i lines, %i bytes apart', (width, groups, rowLines, pitch) => {
  expect(rowLayout(width)).toEqual({ groups, rowLines, pitch });
});

test.each([
  // channels, height, width, lines by hand
  [3, 224, 224, 3 * 224 * 4],
  [32, 112, 112, 32 * 112 * 2],
  [64, 56, 56, 64 * 56],
  [128, 28, 28, 64 * 28],
  [512, 14, 14, 128 * 14],
  [1, 7, 7, 7],
  [1024, 7, 7, 256 * 7],
])('a map of %i×%i×%i takes %i lines', (channels, height, width, lines) => {
  expect(mapLines(channels, height, width)).toBe(lines);
});

test('the lines of a map hold every pixel of it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: KPU.maxChannels }),
      fc.integer({ min: KPU.minHeight, max: KPU.maxHeight }),
      fc.integer({ min: KPU.minWidth, max: KPU.maxWidth }),
      (channels, height, width) => mapLines(channels, height, width) * KPU.lineBytes >= channels * height * width,
    ),
  );
});

test('KPU RAM is 2 MiB', () => {
  expect(KPU.lines * KPU.lineBytes).toBe(2 * 1024 * 1024);
});

test('every board has its default firmware, and a place for models inside its flash', () => {
  for (const device of Object.values(DEVICES)) {
    expect(device.firmware[device.defaultFirmware]).toBeDefined();
    expect(FLASH.modelEnd).toBeLessThanOrEqual(device.flashBytes);
  }
  expect(FLASH.modelAddress % FLASH.sectorBytes).toBe(0);
});
