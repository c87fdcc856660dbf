import fc from 'fast-check';
import { CHAIN, countRuns, inSharedOrder, parseShard, shardOf, stageKeys } from './sweep-plan';
import type { PlannedPoint } from './sweep-plan';

interface Point extends PlannedPoint {
  readonly name: string;
}

const point = (size: number, alpha: number, bits: number): Point => ({
  name: `${size} ${alpha} ${bits}`,
  keys: stageKeys({
    fetch: { sources: [] },
    preprocess: { size },
    train: { alpha },
    quantize: { bits },
    'export-kmodel': { name: `${size}-${alpha}-${bits}`, require: {} },
  }),
});

const grid = [1, 2].flatMap((bits) =>
  [128, 160].flatMap((size) => [0.25, 0.5, 1].map((alpha) => point(size, alpha, bits))),
);

test('the chain leads from fetch to the kmodel', () => {
  expect(CHAIN).toEqual(['fetch', 'preprocess', 'probe', 'train', 'quantize', 'compile', 'export-kmodel']);
});

test('a stage is shared where its settings and those of its producers are equal', () => {
  expect([...countRuns(grid)]).toEqual([
    ['fetch', 1],
    ['preprocess', 2],
    ['probe', 2],
    ['train', 6],
    ['quantize', 12],
    ['compile', 12],
    ['export-kmodel', 12],
  ]);
});

test('the name of the file that is handed out makes no other stage', () => {
  const named = (name: string) => stageKeys({ 'export-kmodel': { name, require: {} } });
  expect(named('a')).toEqual(named('b'));
  expect(named('a')).not.toEqual(stageKeys({ 'export-kmodel': { name: 'a', require: { latency: 1 } } }));
});

test('points that share stages become neighbours, the earliest stage first', () => {
  expect(inSharedOrder(grid).map(({ name }) => name)).toEqual([
    ...['128 0.25 1', '128 0.25 2', '128 0.5 1', '128 0.5 2', '128 1 1', '128 1 2'],
    ...['160 0.25 1', '160 0.25 2', '160 0.5 1', '160 0.5 2', '160 1 1', '160 1 2'],
  ]);
});

test('two shards of the grid share nothing after fetch', () => {
  const parts = [1, 2].map((number) => shardOf(grid, { number, count: 2 }));
  expect(parts.map((part) => countRuns(part).get('preprocess'))).toEqual([1, 1]);
});

test('shards hold every point once, whatever their number, and differ by one point at most', () => {
  const points = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)), { maxLength: 20 });
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 8 }), (numbers, count) => {
      const all = numbers.map(([size, alpha, bits]) => point(size, alpha, bits));
      const parts = Array.from({ length: count }, (_, index) => shardOf(all, { number: index + 1, count }));
      expect(parts.flat().map(({ name }) => name)).toEqual(inSharedOrder(all).map(({ name }) => name));
      const sizes = parts.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test.each(['', '0/2', '3/2', '1', '1/2/3', 'a/b', '-1/2'])('E521: %p is no shard', (text) => {
  expect(() => parseShard(text)).toThrow(expect.objectContaining({ code: 'E521' }));
});

test('2/3 is the second of three', () => {
  expect(parseShard('2/3')).toEqual({ number: 2, count: 3 });
});
