import fc from 'fast-check';
import type { FlashRegion } from './flash-plan';
import { checkRegions, checkUnits, paddedEnd } from './regions';

const DEVICE = { flashBytes: 0x1000000 };
const model = (address: number, bytes: number, name = 'a.kmodel'): FlashRegion => ({
  name,
  kind: 'model',
  address,
  bytes,
});
const codes = (...regions: FlashRegion[]) => checkRegions(regions, DEVICE).map((one) => one.code);

test('a model at the usual address is fine, up to the last byte before the file system', () => {
  expect(codes(model(0x300000, 1964232))).toEqual([]);
  expect(codes(model(0x300000, 0xa00000))).toEqual([]);
});

test('one byte more would destroy the files on the board', () => {
  expect(codes(model(0x300000, 0xa00001))).toEqual(['E406']);
});

test('with leave the files of the board may be written over, which is told; a firmware may not reach them', () => {
  const allowed = (region: FlashRegion) => checkRegions([region], DEVICE, true).map(({ code }) => code);
  expect(allowed(model(0x300000, 0xa00001))).toEqual(['W431']);
  expect(allowed(model(0xd00000, 0x300000))).toEqual(['W431']);
  expect(allowed(model(0xd00000, 0x300001))).toEqual(['E406']);
  expect(allowed({ ...model(0, 0xd00001), kind: 'boot-image' })).toEqual(['E406']);
});

test('a stub that writes 64 KiB only can write no file that begins within them, or shares them with another', () => {
  const units = (...places: FlashRegion[]) => checkUnits(places, 0x10000).map(({ code }) => code);
  expect(units(model(0x300000, 100), model(0x310000, 100))).toEqual([]);
  expect(units(model(0x301000, 100))).toEqual(['E405']);
  expect(units(model(0x300000, 0x10001, 'a'), model(0x310000, 100, 'b'))).toEqual(['E407']);
});

test('an address between sectors is refused', () => {
  expect(codes(model(0x300010, 100))).toEqual(['E405']);
});

test('the end of the chip and addresses below 0 are out of range', () => {
  expect(codes(model(0xfff000, 4097))).toEqual(['E406']);
  expect(codes(model(-4096, 100))).toEqual(['E406']);
});

test('address 0 is for a boot image only', () => {
  expect(codes(model(0, 100))).toEqual(['E406']);
  expect(codes({ name: 'firmware.bin', kind: 'boot-image', address: 0, bytes: 2 * 1024 * 1024 })).toEqual([]);
});

test('below 0x300000 a full firmware may be in the way', () => {
  expect(codes(model(0x200000, 100))).toEqual(['W412']);
});

test('regions that share a padded sector are refused, neighbours are not', () => {
  expect(codes(model(0x300000, 4096, 'a'), model(0x301000, 1, 'b'))).toEqual([]);
  expect(codes(model(0x300000, 4097, 'a'), model(0x301000, 1, 'b'))).toEqual(['E407']);
  expect(codes(model(0x310000, 1, 'b'), model(0x300000, 0x20000, 'a'))).toEqual(['E407']);
});

test('a firmware that reaches the model overlaps it', () => {
  const firmware: FlashRegion = { name: 'firmware.bin', kind: 'boot-image', address: 0, bytes: 0x300001 };
  expect(codes(firmware, model(0x300000, 100))).toEqual(['E407']);
});

test('two aligned regions are reported exactly when they have a byte of a sector in common', () => {
  const region = fc.record({
    sector: fc.integer({ min: 0x300, max: 0x320 }),
    bytes: fc.integer({ min: 1, max: 40000 }),
  });
  fc.assert(
    fc.property(region, region, (first, second) => {
      const [a, b] = [model(first.sector * 4096, first.bytes, 'a'), model(second.sector * 4096, second.bytes, 'b')];
      const apart = paddedEnd(a) <= b.address || paddedEnd(b) <= a.address;
      expect(codes(a, b)).toEqual(apart ? [] : ['E407']);
    }),
  );
});
