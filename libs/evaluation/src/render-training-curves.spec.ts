import fc from 'fast-check';

import { describeTraining, renderTrainingCurves } from './render-training-curves';
import type { EpochFigures } from './training-facts';

const figures = (epoch: number, changes: Partial<EpochFigures> = {}): EpochFigures => ({
  ...{ epoch, phase: 'training', learningRate: 0.001, loss: 1 / epoch, accuracy: 1 - 0.5 / epoch },
  ...{ valLoss: 1.5 / epoch, valAccuracy: 1 - 0.6 / epoch },
  ...changes,
});

const HISTORY = [
  ...[1, 2, 3, 4].map((epoch) => figures(epoch)),
  ...[5, 6].map((epoch) => figures(epoch, { phase: 'fine-tuning', learningRate: 0.0001 })),
];

type Point = readonly [x: number, y: number];

/** Points of the curves of one style, in the order of the panels; lines of the legend are left out. */
function curves(svg: string, style: string): Point[][] {
  const lines = [...svg.matchAll(new RegExp(`<polyline class="${style}" points="([^"]*)"/>`, 'g'))];
  return lines
    .map(([, points]) =>
      points.split(' ').map((point): Point => [Number(point.split(',')[0]), Number(point.split(',')[1])]),
    )
    .filter((points) => points.length !== 2);
}

const lineAt = (svg: string, style: string): number[] =>
  [...svg.matchAll(new RegExp(`<line class="${style}" x1="([\\d.]+)"`, 'g'))].map(([, x]) => Number(x));

describe('the curves', () => {
  const svg = renderTrainingCurves({ history: HISTORY, bestEpoch: 4 });

  test('are loss, accuracy and learning rate, of training and validation where there are both', () => {
    expect([...svg.matchAll(/<text class="head"[^>]*>([^<]*)</g)].map(([, title]) => title)).toEqual([
      'Loss',
      'Accuracy',
      'Learning rate',
    ]);
    expect(['training', 'validation', 'rate'].map((style) => curves(svg, style).length)).toEqual([2, 2, 1]);
    expect(curves(svg, 'training')[0]).toHaveLength(6);
  });

  test('fall where the loss falls, and rise where the accuracy rises', () => {
    const [loss, accuracy] = curves(svg, 'training');
    const downwards = (points: readonly Point[]) =>
      points.every(([, y], index) => index === 0 || y > points[index - 1][1]);
    expect(downwards(loss)).toBe(true);
    expect(downwards(accuracy.toReversed())).toBe(true);
    expect(curves(svg, 'validation')[0][0][1]).toBeLessThan(loss[0][1]);
  });

  test('carry a mark at the epoch that was kept, and one where a phase begins', () => {
    const [points] = curves(svg, 'training');
    expect(lineAt(svg, 'kept')).toEqual([points[3][0]]);
    expect(svg).toContain('>kept: epoch 4</text>');
    const [phase] = lineAt(svg, 'phase');
    expect(phase).toBeGreaterThan(points[3][0]);
    expect(phase).toBeLessThan(points[4][0]);
    expect(svg).toMatch(/>fine-tuning( →)?<\/text>/);
    expect(lineAt(renderTrainingCurves({ history: HISTORY.slice(0, 4), bestEpoch: 4 }), 'phase')).toEqual([]);
  });

  test('tell the figures of each epoch in a tooltip', () => {
    expect(svg.match(/<title>epoch /g)).toHaveLength(6);
    expect(svg).toContain(
      '<title>epoch 5 (fine-tuning): loss 0.2, accuracy 90.00 %, validation loss 0.3, validation accuracy 88.00 %, learning rate 0.0001</title>',
    );
  });

  test('describe themselves, and follow the colours of the viewer', () => {
    expect(svg).toContain('role="img" aria-labelledby="training-curves-title training-curves-desc"');
    expect(svg).toContain(
      `<desc id="training-curves-desc">${describeTraining({ history: HISTORY, bestEpoch: 4 })}</desc>`,
    );
    expect(svg).toMatch(/@media screen and \(prefers-color-scheme:dark\)\{\n\.training-curves \.ground\{fill:/);
    expect(describeTraining({ history: HISTORY, bestEpoch: 4 })).toBe(
      'Phases: training, 4 epochs; fine-tuning, 2 epochs. ' +
        'First epoch: loss 1, accuracy 50.00 %, validation loss 1.5, validation accuracy 40.00 %. ' +
        'Last epoch: loss 0.167, accuracy 91.67 %, validation loss 0.25, validation accuracy 90.00 %. ' +
        'Kept: epoch 4, loss 0.25, accuracy 87.50 %, validation loss 0.375, validation accuracy 85.00 %.',
    );
  });
});

test('without validation pictures there is one curve a panel', () => {
  const history = [1, 2, 3].map((epoch) => figures(epoch, { valLoss: null, valAccuracy: null }));
  const svg = renderTrainingCurves({ history, bestEpoch: 3 });
  expect(svg).not.toContain('class="validation"');
  expect(svg).not.toContain('>validation<');
});

test('one epoch alone is a dot', () => {
  const svg = renderTrainingCurves({ history: [figures(1)], bestEpoch: 1 });
  expect(svg.match(/<circle /g)).toHaveLength(5);
  expect(curves(svg, 'training')).toEqual([]);
});

test('whatever the history: everything lies in the picture, the text is XML, and the same each time', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const amount = fc.double({ min: 0, max: 1e9, noNaN: true });
  const epoch = fc.record({
    phase: fc.constantFrom('training', 'fine-tuning', 'a <b> & "c"'),
    learningRate: amount,
    loss: amount,
    accuracy: share,
    valLoss: fc.option(amount),
    valAccuracy: fc.option(share),
  });
  fc.assert(
    fc.property(fc.array(epoch, { minLength: 1, maxLength: 90 }), (epochs) => {
      const history = epochs
        .toSorted((a, b) => (a.phase < b.phase ? -1 : a.phase > b.phase ? 1 : 0))
        .map((one, index) => ({ ...one, epoch: index + 1 }));
      const facts = { history, bestEpoch: history.length };
      const svg = renderTrainingCurves(facts);
      const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
      for (const points of ['training', 'validation', 'rate'].flatMap((style) => curves(svg, style)))
        for (const [x, y] of points) {
          expect(x >= 0 && x <= Number(width)).toBe(true);
          expect(y >= 0 && y <= Number(height)).toBe(true);
        }
      expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
      expect(svg.replaceAll(/<[a-z/][^<>]*>|&(amp|lt|gt|quot);/g, '')).not.toMatch(/[<&]/);
      expect(renderTrainingCurves(facts)).toBe(svg);
    }),
    { numRuns: 50 },
  );
});
