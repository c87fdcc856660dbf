import fc from 'fast-check';
import { isInRange, parseQuantity, QUANTITIES } from './quantities';

test.each([
  ['share', '15%', 0.15],
  ['share', '7 %', 0.07],
  ['share', '0.1%', 0.001],
  ['share', 0.3, 0.3],
  ['share', '15', null],
  ['share', '-5%', null],
  ['bytes', '2 MiB', 2097152],
  ['bytes', '2097152 B', 2097152],
  ['bytes', '2 MB', 2000000],
  ['bytes', '1.5KiB', 1536],
  ['bytes', 2097152, 2097152],
  ['bytes', '2 mb', null],
  ['degrees', '10 deg', 10],
  ['degrees', '2.5°', 2.5],
  ['degrees', 10, 10],
  ['address', '0x300000', 3145728],
  ['address', 3145728, 3145728],
  ['address', '300000', null],
  ['at-least-share', '>= 90%', 0.9],
  ['at-least-share', '<= 90%', null],
  ['at-least-share', 0.9, null],
  ['at-most-share', '<=2%', 0.02],
  ['at-most-bytes', '<= 2 MiB', 2097152],
  ['at-most-milliseconds', '<= 60 ms', 60],
  ['at-most-milliseconds', '<=1.5s', 1500],
  ['at-most-milliseconds', '<= 60', null],
  ['at-most-milliseconds', '>= 60 ms', null],
  ['bytes', Number.NaN, null],
] as const)('%s %j is %j', (kind, text, value) => {
  expect(parseQuantity(kind, text)).toBe(value);
});

test('a share in percent is the same number as the share in decimals', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), (thousandths) => {
      const percent = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}`;
      const decimals = Number(`${thousandths}e-5`);
      expect(parseQuantity('share', `${percent}%`)).toBe(decimals);
    }),
  );
});

test('what is printed reads back as the same size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (size) => {
      expect(parseQuantity('bytes', QUANTITIES.bytes.print(size))).toBe(size);
    }),
  );
});

test('bounds count as inside, and bytes are whole', () => {
  const range = { kind: 'bytes', minimum: 1, maximum: 1024 } as const;
  expect(['1 B', '1 KiB', 0, 1025, 1.5].map((value) => isInRange(range, value))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
