import fc from 'fast-check';
import { ByteError, ByteReader, ByteWriter } from './bytes';

const field = fc.oneof(
  fc.record({ type: fc.constant('u8' as const), value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ type: fc.constant('u32' as const), value: fc.integer({ min: 0, max: 0xffffffff }) }),
  fc.record({ type: fc.constant('i32' as const), value: fc.integer() }),
  fc.record({ type: fc.constant('f32' as const), value: fc.float() }),
);

test('what was written is read back, in any order of types', () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 2000 }), (fields) => {
      const writer = new ByteWriter();
      for (const { type, value } of fields) writer[type](value);
      const reader = new ByteReader(writer.finish());
      for (const { type, value } of fields) expect(reader[type]()).toBe(value);
      expect(reader.remaining).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('numbers are little-endian', () => {
  const writer = new ByteWriter();
  writer.u32(0x01020304);
  writer.u64(0x1122334455667788n);
  expect([...writer.finish()]).toEqual([4, 3, 2, 1, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]);
  expect(new ByteReader(writer.finish(), 4).u64()).toBe(0x1122334455667788n);
});

test('alignment fills with zeros, and only where it must', () => {
  const writer = new ByteWriter();
  writer.bytes(Uint8Array.of(1, 2, 3));
  writer.align(8);
  writer.align(8);
  expect([...writer.finish()]).toEqual([1, 2, 3, 0, 0, 0, 0, 0]);
});

test('a reserved number is patched in place, never past the end', () => {
  const writer = new ByteWriter();
  writer.u32(0);
  writer.u8(9);
  writer.patchU32(0, 7);
  expect([...writer.finish()]).toEqual([7, 0, 0, 0, 9]);
  expect(() => writer.patchU32(2, 1)).toThrow('past the end');
});

test('reading past the end tells the offset (E350), and does not move', () => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3, 4, 5), 2);
  expect(() => reader.u32()).toThrow(ByteError);
  expect(() => reader.slice(4)).toThrow('4 bytes wanted, 3 left (at byte 2)');
  expect(() => reader.slice(-1)).toThrow(expect.objectContaining({ code: 'E350', offset: 2 }));
  expect([...reader.slice(3)]).toEqual([3, 4, 5]);
});

test('a reader of a part of a buffer stays in that part', () => {
  const whole = Uint8Array.of(9, 9, 1, 0, 0, 0, 9);
  const reader = new ByteReader(whole.subarray(2, 6));
  expect(reader.u32()).toBe(1);
  expect(() => reader.u8()).toThrow(ByteError);
});
