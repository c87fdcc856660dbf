import { REFUSES_ALL } from './choose-threshold';
import { thresholdLines, thresholdSection, thresholdText, thresholdWarnings } from './describe-threshold';
import { isAccepted, thresholdForUnknown } from './unknown-threshold';
import type { ThresholdChoice } from './unknown-threshold';

/** A picture of class 0 to which the chip answers class 0 with this probability; below 0.5 it answers class 1. */
const picture = (score: number) => ({ label: 0, device: [score, 1 - score] });

const CHOICE: ThresholdChoice = {
  falseAccept: 0.25,
  confidence: 0.95,
  validation: [picture(0.95), picture(0.9), picture(0.65), picture(0.2)],
  test: [picture(0.99), picture(0.6), picture(0.1), picture(0.45)],
  unknown: {
    choosing: [
      [0.5, 0.5],
      [0.3, 0.7],
      [0.8, 0.2],
      [0.55, 0.45],
    ],
    measuring: [
      [0.9, 0.1],
      [0.4, 0.6],
    ],
  },
};

test('pictures of no class decide where there are some; others of them, validation and test are measured', () => {
  const found = thresholdForUnknown(CHOICE);
  // Of 0.8, 0.7, 0.55 and 0.5 one may be accepted.
  expect(found).toMatchObject({
    threshold: 0.75,
    basis: 'unknown_pictures',
    chosenOn: { successes: 1, total: 4 },
    measuredOn: { successes: 1, total: 2 },
    validation: { rightRefused: { successes: 1, total: 3 }, wrongAccepted: { successes: 1, total: 1 } },
    test: { rightRefused: { successes: 1, total: 2 }, wrongAccepted: { successes: 1, total: 2 } },
  });
});

test('without them wrong answers to validation pictures decide, as a share of all validation pictures', () => {
  const unknown = { choosing: [], measuring: [] };
  const found = thresholdForUnknown({ ...CHOICE, falseAccept: 0.1, unknown });
  // The wrong answer has 0.8, the next right one above it 0.9.
  expect(found).toMatchObject({
    threshold: 0.85,
    basis: 'wrong_answers',
    chosenOn: { successes: 0, total: 4 },
    measuredOn: null,
  });
  expect(() => thresholdForUnknown({ ...CHOICE, validation: [], unknown })).toThrow(
    expect.objectContaining({ code: 'E731' }),
  );
});

test('other shares are told with what they would take and cost', () => {
  const { alternatives } = thresholdForUnknown(CHOICE);
  const at = (share: number) => alternatives.find(({ falseAccept }) => falseAccept === share);
  // None of 0.8, 0.7, 0.55 and 0.5 may be accepted, and two of them; the right answers are 0.95, 0.9 and 0.65.
  expect(at(0.2)).toEqual({
    falseAccept: 0.2,
    threshold: 0.9,
    rightRefused: expect.objectContaining({ successes: 1 }),
  });
  expect(at(0.5)).toEqual({
    falseAccept: 0.5,
    threshold: 0.625,
    rightRefused: expect.objectContaining({ successes: 0 }),
  });
});

test('the board compares in single precision', () => {
  const tenth = Math.fround(0.7);
  expect(tenth).toBeLessThan(0.7);
  expect(isAccepted([tenth, 1 - tenth], 0.7)).toBe(true);
  expect(isAccepted([0.69, 0.31], 0.7)).toBe(false);
});

describe('what is said of it', () => {
  const found = thresholdForUnknown(CHOICE);

  test('names what the share is of, how many pictures it rests on, and intervals', () => {
    const text = thresholdLines(found).join('\n');
    expect(text).toContain('threshold        75 %: below this probability the answer is "none of these"');
    expect(text).toContain('pictures of no class accepted, of those it was chosen on: 25.00 % (1 of 4); 95 % interval');
    expect(text).toContain('pictures of no class accepted, of those kept for measuring: 50.00 % (1 of 2)');
    expect(text).toContain('right answers refused, test: 50.00 % (1 of 2)');
    const [heading, intro, table] = thresholdSection(found);
    expect(heading).toBe('## None of these');
    expect(intro).toContain('at most 25.00 % of the pictures of no class');
    expect(table).toContain('| wrong answers accepted, test | 50.00 % (1 of 2) |');
    const [, plain] = thresholdSection({ ...found, basis: 'wrong_answers' });
    expect(plain).toContain('nothing is known of how those would fare');
    expect(thresholdSection(null)).toEqual([]);
  });

  test('W730: too few pictures for the share; as many as it says are enough', () => {
    const warningsOf = (total: number, falseAccept: number) =>
      thresholdWarnings({ ...found, falseAccept, chosenOn: { successes: 0, total, value: 0, low: 0, high: 1 } });
    const [{ code, message, hint }] = warningsOf(20, 0.02);
    expect(code).toBe('W730');
    // 1.96² / (20 + 1.96²)
    expect(message).toContain('could still be 16.11 % of all');
    expect(hint).toContain('from 189 pictures on');
    expect(warningsOf(188, 0.02)).toHaveLength(1);
    expect(warningsOf(189, 0.02)).toEqual([]);
    expect(warningsOf(1_000_000, 0)[0].hint).toContain('a larger evaluate.unknown.false_accept');
  });

  test('W732: everything is refused', () => {
    const codes = (changed: Partial<typeof found>) =>
      thresholdWarnings({ ...found, falseAccept: 0.5, ...changed }).map(({ code }) => code);
    expect(codes({ threshold: REFUSES_ALL })).toContain('W732');
    const all = { successes: 3, total: 3, value: 1, low: 0.4, high: 1 };
    expect(codes({ validation: { rightRefused: all, wrongAccepted: null } })).toContain('W732');
    expect(codes({})).not.toContain('W732');
    const [, { hint }] = thresholdWarnings({ ...found, threshold: REFUSES_ALL, falseAccept: 0.01 });
    // With 1 % none of the four is accepted, but two of the three right answers still are.
    expect(hint).toContain('train.label_smoothing');
    expect(hint).toContain('evaluate.unknown.false_accept: 1.00 %');
    expect(thresholdText(REFUSES_ALL)).toBe('more than 100 %');
  });
});
