import { Random } from '@graft/foundation';
import { activated, activationName, type Activation } from '@graft/model';
import type { QuantizationParameters } from '@graft/tensor';

import { encodingOf, outputRange } from '../activation-encoding';
import { LOWEST_START, tableByte, type ActivationTable, type TableSegment } from './activation-table';
import { activationTable } from './make-table';

interface Case {
  readonly title: string;
  readonly activation: Activation;
  readonly output: QuantizationParameters;
  readonly table: ActivationTable;
}

/** Random slopes and output ranges; what a sigmoid or tanh gives is always the same. */
const CASES: readonly Case[] = [
  caseOf('sigmoid', 0, 1),
  caseOf('tanh', -1, 1),
  ...Array.from({ length: 7 }, (_, index) => {
    const random = Random.of(5, 'leaky', index);
    return caseOf(
      { kind: 'leaky_relu', alpha: random.between(0.003, 0.9) },
      -random.between(0, 6),
      random.between(0.1, 9),
    );
  }),
  ...Array.from({ length: 5 }, (_, index) => {
    const random = Random.of(6, 'hard swish', index);
    return caseOf('hard_swish', -0.375, random.between(0.4, 12));
  }),
  // Calibration that saw or kept little of the negative part.
  caseOf('hard_swish', -0.2, 4),
  caseOf('hard_swish', 0, 3),
];

function caseOf(activation: Activation, min: number, max: number): Case {
  const output = encodingOf(outputRange(activation, { min, max }));
  const table = activationTable('layer', activation, output);
  if (table === undefined) throw new Error('no table');
  const title = `${activationName(activation)} with steps of ${output.scale.toFixed(5)} around ${output.zeroPoint}`;
  return { title, activation, output, table };
}

const exactSteps = ({ activation, output, table }: Case, sum: number) =>
  Math.min(255, Math.max(0, activated(sum * table.unit, activation) / output.scale + output.zeroPoint));

/** Every sum from a little below the first live segment to a little above the last; of the wide ones every second or third. */
function eachLiveSum({ table: { segments } }: Case, visit: (sum: number) => void): void {
  const first = segments[1].start - 3000;
  const last = segments[segments.length - 1].start + 3000;
  const step = Math.ceil((last - first) / 150_000);
  for (let sum = first; sum <= last; sum += step) visit(sum);
}

/** The chip's arithmetic as both reference simulators have it, from their description and in exact integers. */
function simulated(segments: readonly TableSegment[], sum: number, rounding: 'half up' | 'half even'): number {
  const reached = (start: number) => (rounding === 'half up' ? start <= sum : start < sum);
  const { start, multiplier, shift, bias } = segments.findLast((segment) => reached(segment.start)) ?? segments[0];
  const product = BigInt(sum - start) * BigInt(multiplier);
  const step = 1n << BigInt(shift);
  const whole = product / step;
  const rest = 2n * (product % step);
  const up = rest > step || (rest === step && (rounding === 'half up' || whole % 2n === 1n));
  return Math.min(255, Math.max(0, Number(up && shift > 0 ? whole + 1n : whole) + bias));
}

describe.each(CASES.map((each) => [each.title, each] as const))('%s', (_, each) => {
  const { segments, error } = each.table;
  const falls = each.activation === 'hard_swish';

  test('has at most 16 segments that fit the fields of the chip', () => {
    expect(segments.length).toBeLessThanOrEqual(16);
    expect(segments[0]).toMatchObject({ start: LOWEST_START, multiplier: 0 });
    segments.forEach(({ start, multiplier, shift, bias }, index) => {
      expect(index === 0 || start > segments[index - 1].start).toBe(true);
      expect([start, bias, multiplier].every(Number.isInteger) && Math.abs(start) <= 2 ** 35).toBe(true);
      expect(bias >= 0 && bias <= 255 && multiplier >= 0 && multiplier < 2 ** 15).toBe(true);
      expect(multiplier === 0 ? shift === 0 : multiplier % 2 === 1 && shift === 20).toBe(true);
    });
  });

  test('is off by its stated error, and nowhere by more', () => {
    let largest = 0;
    eachLiveSum(each, (sum) => {
      largest = Math.max(largest, Math.abs(tableByte(segments, sum) - exactSteps(each, sum)));
    });
    expect(largest).toBeLessThanOrEqual(error);
    // Skipped sums may hide a hundredth of a step.
    expect(largest).toBeGreaterThan(error - 0.01);
  });

  test('never falls where the function rises', () => {
    let before = -1;
    eachLiveSum(each, (sum) => {
      const byte = tableByte(segments, sum);
      if (byte < before && !(falls && sum * each.table.unit < -1.5)) throw new Error(`the byte falls at ${sum}`);
      before = byte;
    });
  });

  test('gives the same byte however halves are rounded and wherever a segment is said to begin', () => {
    const jumps = falls ? fallingStarts(segments) : new Set<number>();
    const random = Random.of(9, each.title);
    const first = segments[1].start - 3000;
    const span = segments[segments.length - 1].start + 3000 - first;
    const sums = [
      ...segments.slice(1).flatMap(({ start }) => [start - 1, start, start + 1]),
      ...Array.from({ length: 20_000 }, () => first + random.integer(span)),
    ];
    const differing = sums.filter((sum) => {
      const byte = tableByte(segments, sum);
      const even = jumps.has(sum) ? byte : simulated(segments, sum, 'half even');
      return simulated(segments, sum, 'half up') !== byte || even !== byte;
    });
    expect(differing).toEqual([]);
  });

  test('has no sum half-way between two bytes', () => {
    segments.forEach(({ start, multiplier, shift }, index) => {
      // An odd multiplier times a distance below 2^19 is no odd multiple of 2^19.
      if (shift > 0) expect(segments[index + 1].start - start).toBeLessThan(2 ** 19);
      expect(multiplier === 0 || multiplier % 2 === 1).toBe(true);
    });
  });
});

/** Where a constant follows a higher one: the only places where the simulators differ. */
function fallingStarts(segments: readonly TableSegment[]): Set<number> {
  const lower = segments.filter(({ bias }, index) => index > 0 && bias < segments[index - 1].bias);
  return new Set(lower.map(({ start }) => start));
}

test('smooth activations are off by one step at most, straight ones by little more than rounding', () => {
  for (const { title, activation, table } of CASES) {
    const limit = typeof activation === 'object' ? 0.6 : activation === 'hard_swish' ? 8 : 1.01;
    expect(`${title} ${table.error <= limit}`).toBe(`${title} true`);
  }
});

test('hard swish with a usual range is off by two steps at most', () => {
  expect(caseOf('hard_swish', -0.375, 6).table.error).toBeLessThan(1.2);
  expect(caseOf('hard_swish', -0.375, 2).table.error).toBeLessThan(2.2);
});

test('activations that the clamp does have no table', () => {
  for (const activation of ['linear', 'relu', 'relu6'] as const)
    expect(activationTable('layer', activation, { scale: 1, zeroPoint: 0 })).toBeUndefined();
});

test('a hard swish that hardly ever rises is E327', () => {
  expect(() => activationTable('conv', 'hard_swish', encodingOf({ min: -0.375, max: 0.05 }))).toThrow(
    expect.objectContaining({ code: 'E327', message: expect.stringContaining('"conv"') }),
  );
});

test('a leaky ReLU that is too flat for the chip is E327', () => {
  const flat = { kind: 'leaky_relu', alpha: 1e-6 } as const;
  expect(() => activationTable('conv', flat, encodingOf({ min: -3, max: 3 }))).toThrow(
    expect.objectContaining({ code: 'E327', message: expect.stringContaining('leaky_relu') }),
  );
});
