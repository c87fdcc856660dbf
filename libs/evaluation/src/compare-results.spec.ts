import { sha256 } from '@graft/foundation';
import fc from 'fast-check';
import { compareResults } from './compare-results';
import { evaluatePredictions } from './evaluate';
import { judgeGates } from './gates';
import type { Prediction } from './prediction';
import { comparisonLines, renderComparison, type ComparedRuns } from './render-comparison';
import { MOST_ANSWERS, parseAnswer, parseRunResult, runResult, type RunResult } from './run-result';

const CLASSES = ['cat', 'dog'];
const FACTS = {
  kmodelBytes: 700_000,
  kpuRamBytes: 2 ** 21,
  mainMemoryBytes: 1000,
  speed: { estimatedMs: 35, lowMs: 25, highMs: 49 },
};
const WANTED = {
  minDeviceAccuracy: 0.9,
  maxAccuracyDrop: null,
  minAgreement: null,
  maxKmodelBytes: null,
  maxLatencyMs: null,
  strict: [],
};

/** [number of the picture, label, float answer, device answer] */
type Row = readonly [picture: number, label: number, float: number, device: number];

const predictionOf = ([picture, label, float, device]: Row): Prediction => ({
  id: sha256(String(picture)),
  path: `${CLASSES[label]}/with space ${picture}.png`,
  label,
  float: float === 0 ? [0.9, 0.1] : [0.2, 0.8],
  device: device === 0 ? [0.9, 0.1] : [0.2, 0.8],
});

function resultOf(rows: readonly Row[], classes = CLASSES, facts = FACTS): RunResult {
  const predictions = rows.map(predictionOf);
  const metrics = evaluatePredictions(predictions, { classes, confidence: 0.95 });
  return runResult(predictions, metrics, { ...facts, classes, gates: judgeGates(metrics, facts, WANTED) });
}

/** All right. */
const rights = (from: number, to: number): Row[] =>
  Array.from({ length: to - from }, (_, index) => [from + index, index % 2, index % 2, index % 2]);

describe('the result of a run', () => {
  test('counts, and keeps a line for each picture: with a path only where an answer is wrong', () => {
    const result = resultOf([...rights(0, 8), [8, 0, 0, 1], [9, 1, 0, 0]]);
    expect(result).toMatchObject({ pictures: 10, floatRight: 9, deviceRight: 8, agreeing: 9 });
    expect(result.gates).toMatchObject([{ name: 'device_accuracy', limit: 0.9, measured: 0.8, met: false }]);
    expect(result.answers).toHaveLength(10);
    expect(result.answers).toContain(`${sha256('8').slice(0, 16)} 0 0 1 cat/with space 8.png`);
    expect(result.answers).toContain(`${sha256('0').slice(0, 16)} 0`);
    expect([...result.answers].sort()).toEqual(result.answers);
  });

  test('reads back equal from its text, and nothing else does', () => {
    const result = resultOf([...rights(0, 3), [8, 0, 0, 1]]);
    expect(parseRunResult(JSON.parse(JSON.stringify(result)))).toEqual(result);
    for (const other of [null, 1, {}, { ...result, answers: ['nonsense'] }, { ...result, pictures: '4' }])
      expect(parseRunResult(other)).toBeNull();
    const row = fc.record({
      id: fc.nat().map((number) => sha256(String(number))),
      path: fc.string({ minLength: 1 }),
      label: fc.nat(1),
      float: fc.nat(1),
      device: fc.nat(1),
    });
    fc.assert(
      fc.property(row, ({ id, path, label, float, device }) => {
        const one = { ...predictionOf([0, label, float, device]), id, path };
        const metrics = evaluatePredictions([one], { classes: CLASSES, confidence: 0.95 });
        const { answers } = runResult([one], metrics, { ...FACTS, classes: CLASSES, gates: [] });
        const isRight = float === label && device === label;
        expect(parseAnswer(answers[0])).toEqual({
          key: id.slice(0, 16),
          label,
          float,
          device,
          path: isRight ? null : path,
        });
      }),
    );
  });

  test('of a large test set keeps the answers with the smallest digests, which two runs share', () => {
    const all = rights(0, MOST_ANSWERS + 500);
    const [one, other] = [resultOf(all), resultOf(all.slice(100))];
    expect(one.answers).toHaveLength(MOST_ANSWERS);
    expect(one.pictures).toBe(MOST_ANSWERS + 500);
    expect(compareResults(one, other).common).toBeGreaterThan(MOST_ANSWERS - 200);
  });
});

describe('two results', () => {
  const before = resultOf([...rights(0, 10), [10, 0, 0, 1], [11, 1, 1, 0], [12, 0, 1, 1], [20, 0, 0, 0]]);
  const after = resultOf([...rights(0, 9), [9, 1, 1, 0], [10, 0, 0, 0], [11, 1, 1, 1], [12, 0, 1, 1], [21, 0, 0, 0]]);

  test('are compared on the pictures of both, each arithmetic by itself', () => {
    const { common, relabelled, device, float } = compareResults(before, after);
    expect([common, relabelled]).toEqual([13, 0]);
    expect(device.counts).toEqual({ bothRight: 9, firstOnly: 1, secondOnly: 2, neitherRight: 1 });
    expect(device).toMatchObject({ p: 1, distinguishable: false });
    expect(device.difference?.value).toBeCloseTo(1 / 13, 12);
    expect(float.counts).toMatchObject({ firstOnly: 0, secondOnly: 0 });
  });

  test('name the pictures that flipped, with label and both answers, also where a record of right ones has no path', () => {
    expect(compareResults(before, after).flips).toEqual({
      float: [],
      device: [
        {
          key: sha256('9').slice(0, 16),
          path: 'dog/with space 9.png',
          label: 'dog',
          before: 'dog',
          after: 'cat',
          change: 'wrong now',
        },
        {
          key: sha256('10').slice(0, 16),
          path: 'cat/with space 10.png',
          label: 'cat',
          before: 'dog',
          after: 'cat',
          change: 'right now',
        },
        {
          key: sha256('11').slice(0, 16),
          path: 'dog/with space 11.png',
          label: 'dog',
          before: 'cat',
          after: 'dog',
          change: 'right now',
        },
      ],
    });
  });

  test('of which one is better in eight of nine pictures are told apart at 95 %', () => {
    const wrong = (from: number, to: number): Row[] =>
      rights(from, to).map(([id, label]) => [id, label, label, 1 - label]);
    const older = resultOf([...rights(0, 20), ...wrong(20, 28), ...rights(28, 29)]);
    const newer = resultOf([...rights(0, 20), ...rights(20, 28), ...wrong(28, 29)]);
    // 2 · (1 + 9) / 2⁹
    expect(compareResults(older, newer).device).toMatchObject({
      p: expect.closeTo(0.0390625, 10),
      distinguishable: true,
    });
    const text = comparisonLines(shown(compareResults(older, newer))).join('\n');
    expect(text).toContain(
      "device: better than before (8 right only now, 1 right only before, of 29 common pictures; McNemar's exact test p = 0.039; difference 24.14 points",
    );
  });

  test('with their classes in another order are compared by name; a relabelled picture is left out', () => {
    const turned = (rows: readonly Row[]): Row[] =>
      rows.map(([id, label, float, device]) => [id, 1 - label, 1 - float, 1 - device]);
    const same = resultOf(turned(rights(0, 4)), ['dog', 'cat']);
    expect(compareResults(resultOf(rights(0, 4)), same)).toMatchObject({ common: 4, flips: { device: [] } });
    const moved = resultOf([...rights(0, 3), [3, 0, 0, 0]]);
    expect(compareResults(resultOf(rights(0, 4)), moved)).toMatchObject({ common: 3, relabelled: 1 });
  });

  test('of different classes are an error (E742)', () => {
    expect(() => compareResults(before, resultOf(rights(0, 4), ['cat', 'mouse']))).toThrow(
      expect.objectContaining({ code: 'E742' }),
    );
  });
});

const shown = (result: ComparedRuns['result']): ComparedRuns => ({
  names: ['aaaa1111', 'bbbb2222 (now)'],
  changes: [
    { title: 'settings', lines: ['key train.epochs: 20 → 30'] },
    { title: 'tools', lines: [] },
  ],
  result,
  notes: [],
});

describe('a comparison as people read it', () => {
  const older = resultOf([...rights(0, 10), [10, 0, 0, 1], [20, 1, 1, 1]]);
  const newer = resultOf([...rights(0, 9), [9, 1, 1, 0], [10, 0, 0, 1]], CLASSES, { ...FACTS, kmodelBytes: 690_000 });

  test('says what changed, the figures, what cannot be told apart with the numbers, and which pictures flipped', () => {
    const lines = comparisonLines(shown(compareResults(older, newer)));
    expect(lines.slice(0, 6)).toEqual([
      'bbbb2222 (now) against aaaa1111',
      '',
      'settings',
      '  key train.epochs: 20 → 30',
      '',
      'tools',
    ]);
    expect(lines).toContain('  no difference');
    const text = lines.join('\n');
    expect(text).toMatch(/^device accuracy +91\.67 % \(11 of 12\) +81\.82 % \(9 of 11\) +−9\.85 points$/m);
    expect(text).toMatch(/^file size .* −9\.77 KiB \(10,000 bytes\)$/m);
    expect(text).toMatch(/^KPU RAM .* =$/m);
    expect(text).toMatch(/^limits that are missed +none +device_accuracy$/m);
    expect(text).toContain(
      "device: not distinguishable (0 right only now, 1 right only before, of 11 common pictures; McNemar's exact test p = 1; difference -9.09 points, 95 % interval ",
    );
    expect(text).toContain(
      'Only the 11 test pictures of both are counted here; 1 of the older run and 0 of the newer are not.',
    );
    expect(text).toMatch(/^ {2}dog\/with space 9\.png +is dog: +dog → cat +wrong now$/m);
    expect(text).toContain('answered differently in float: 0 pictures');
  });

  test('is Markdown that renders any name as text', () => {
    const nasty = newer.answers.map((answer) => answer.replace('with space 9', 'a|b <i> `x` 9'));
    const text = renderComparison(shown(compareResults(older, { ...newer, answers: nasty })));
    expect(text).toContain('## bbbb2222 (now) against aaaa1111\n\n');
    expect(text).toContain('| device accuracy | 91.67 % (11 of 12) | 81.82 % (9 of 11) | −9.85 points |');
    expect(text).toContain('- `key train.epochs: 20 → 30`');
    expect(text).toContain('| dog/a\\|b &lt;i> \\`x\\` 9.png | dog | dog | cat | wrong now |');
  });

  test('says so where no picture is in both, or one run has no answers', () => {
    const apart = comparisonLines(shown(compareResults(resultOf(rights(0, 4)), resultOf(rights(50, 54)))));
    expect(apart).toContain('No test picture is in both runs: nothing can be said about which one answers better.');
    const none = comparisonLines({ ...shown(null), notes: ['aaaa1111 has no result'] });
    expect(none[1]).toBe('aaaa1111 has no result');
    expect(none.join('\n')).not.toContain('accuracy');
  });
});
