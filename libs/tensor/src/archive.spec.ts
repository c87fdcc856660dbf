import fc from 'fast-check';
import { packArrays, unpackArrays } from './archive';

const array = fc.oneof(
  fc.float32Array({ maxLength: 20 }),
  fc.float64Array({ maxLength: 20 }),
  fc.int32Array({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 20 }),
);

test('arrays come back bit for bit, also from another buffer', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), array, { maxKeys: 6 }), (arrays) => {
      const { entries, bytes } = packArrays(arrays);
      const moved = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
      const back = unpackArrays({ entries, bytes: moved });
      expect(Object.keys(back).sort()).toEqual(Object.keys(arrays).sort());
      for (const [name, original] of Object.entries(arrays)) {
        expect(bytesOf(back[name])).toEqual(bytesOf(original));
        expect(back[name].length).toBe(original.length);
      }
    }),
  );
});

test('an array may have the name of a property that every object has', () => {
  const arrays = Object.fromEntries(
    ['__proto__', 'constructor', 'toString'].map((name, i) => [name, Uint8Array.of(i)]),
  );
  const back = unpackArrays(packArrays(arrays));
  expect(Object.entries(back)).toEqual(Object.entries(arrays));
});

test('offsets are multiples of 8 and the gaps are zeros', () => {
  const { entries, bytes } = packArrays({ a: Uint8Array.of(255), b: Float32Array.of(1, 2, 3) });
  expect(entries).toEqual([
    { name: 'a', type: 'uint8', length: 1, offset: 0 },
    { name: 'b', type: 'float32', length: 3, offset: 8 },
  ]);
  expect(bytes.length).toBe(24);
  expect([...bytes.subarray(1, 8)]).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test.each([
  ['ends before its array', { length: 5 }],
  ['is left of its array', { offset: -8 }],
  ['knows another type', { type: 'float16' }],
  ['counts no number', { length: Number.NaN }],
])('a table whose block %s is refused (E510)', (_, change) => {
  const { entries, bytes } = packArrays({ a: Float32Array.of(1, 2, 3, 4) });
  const wrong = { entries: [{ ...entries[0], ...change }] as typeof entries, bytes };
  expect(() => unpackArrays(wrong)).toThrow(expect.objectContaining({ code: 'E510' }));
});

test('an array is a copy that no longer depends on the block', () => {
  const { entries, bytes } = packArrays({ a: Uint8Array.of(1, 2) });
  const { a } = unpackArrays({ entries, bytes });
  bytes.fill(9);
  expect([...a]).toEqual([1, 2]);
});

const bytesOf = (values: { buffer: ArrayBufferLike; byteOffset: number; byteLength: number }) => [
  ...new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
];
