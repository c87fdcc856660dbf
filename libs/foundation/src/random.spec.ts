import fc from 'fast-check';
import { Random } from './random';

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.uint32());

test('a seed and names give the same numbers for ever: models depend on them', () => {
  expect(draw(Random.of(42, 'shuffle'), 4)).toEqual([3877396572, 431744754, 1182069537, 620878010]);
});

test('other seeds and other names give other numbers', () => {
  const streams = [Random.of(1), Random.of(2), Random.of(1, 'a'), Random.of(1, 'b'), Random.of(1, 'a', 0)];
  expect(new Set(streams.map((stream) => draw(stream, 2).join())).size).toBe(streams.length);
});

test('numbers stay in their ranges', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, count) => {
      const random = Random.of(seed);
      const uniform = random.uniform();
      const integer = random.integer(count);
      const between = random.between(-3, 5);
      return (
        uniform >= 0 &&
        uniform < 1 &&
        Number.isInteger(integer) &&
        integer >= 0 &&
        integer < count &&
        between >= -3 &&
        between < 5
      );
    }),
  );
});

test('uniform and normal numbers have the mean and variance of their names', () => {
  const random = Random.of(7);
  const moments = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
  };
  const uniform = moments(Array.from({ length: 20_000 }, () => random.uniform()));
  const normal = moments(Array.from({ length: 20_000 }, () => random.normal()));
  expect(uniform.mean).toBeCloseTo(0.5, 1);
  expect(uniform.variance).toBeCloseTo(1 / 12, 2);
  expect(normal.mean).toBeCloseTo(0, 1);
  expect(normal.variance).toBeCloseTo(1, 1);
});

test('shuffling keeps every item once and leaves its input alone', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer()), (seed, items) => {
      const before = [...items];
      const shuffled = Random.of(seed).shuffled(items);
      expect([...shuffled].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      expect(items).toEqual(before);
    }),
  );
});

test('every order of three items comes about equally often', () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 6000; seed++) {
    const order = Random.of(seed).shuffled(['a', 'b', 'c']).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
