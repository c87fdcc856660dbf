import { CLAMPING_TABLE, TABLE_END, UNITS_PER_BYTE } from './activation-table';

/** Half up, as one of the reference simulators rounds; `ties` counts where the other would differ. */
function lookUp(sum: number): { byte: number; tie: boolean } {
  const segment = CLAMPING_TABLE.filter(({ start }) => start <= sum).at(-1) ?? CLAMPING_TABLE[0];
  const product = (sum - segment.start) * segment.multiplier;
  const step = 2 ** segment.shift;
  const byte = Math.floor(product / step + (segment.shift === 0 ? 0 : 0.5)) + segment.bias;
  return { byte: Math.min(255, Math.max(0, byte)), tie: product % step === step / 2 };
}

test('the table has 16 ascending segments and answers from the lowest sum on', () => {
  expect(CLAMPING_TABLE).toHaveLength(16);
  const starts = CLAMPING_TABLE.map(({ start }) => start);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  expect(new Set(starts).size).toBe(16);
  expect(starts[0]).toBe(-(2 ** 35));
});

test('the fillers are those of the reference compiler', () => {
  const words = CLAMPING_TABLE.map(({ start }) => (start < 0 ? start + 2 ** 36 : start).toString(16));
  expect(words.slice(0, 3)).toEqual(['800000000', 'f7d4cf4b8', 'f8ed5a20c']);
  expect(words.slice(9, 12)).toEqual(['fffd4a9b7', '0', '7fffffff0']);
});

test('a sum of n bytes gives n, clamped at both ends', () => {
  for (let byte = -3; byte < 260; byte++)
    expect(lookUp(Math.round(byte * UNITS_PER_BYTE)).byte).toBe(Math.min(255, Math.max(0, byte)));
  expect(lookUp(TABLE_END - 1).byte).toBe(255);
  expect(lookUp(-(2 ** 35)).byte).toBe(0);
});

test('no sum below the clamp lies half-way between two bytes', () => {
  for (let sum = 0; sum <= 256 * UNITS_PER_BYTE; sum++) if (lookUp(sum).tie) throw new Error(`tie at ${sum}`);
});
