import { wilsonInterval } from '../interval';
import { rankPoints } from './rank-points';
import { describeFront, renderFront } from './render-front';
import { renderSweepJson, renderSweepMarkdown, renderSweepPage, summaryOf, sweepLines } from './render-sweep';
import type { SweepPointResult } from './sweep-point';

function point(id: string, right: number, kmodelBytes: number, estimatedMs: number): SweepPointResult {
  const share = wilsonInterval(right, 100, 0.95);
  return {
    ...{ id, label: `model.alpha ${id}`, yaml: `model:\n  alpha: ${id}\n`, status: 'done', reason: '' },
    figures: {
      ...{ device: share, float: share, agreement: share, kmodelBytes, estimatedMs, pictures: 'same' },
      ...{ kpuRamBytes: 0, mainMemoryBytes: 0, answers: '1'.repeat(right) + '0'.repeat(100 - right) },
    },
  };
}

const SKIPPED: SweepPointResult = {
  ...{
    id: 'big',
    label: 'model.alpha <1>',
    yaml: 'model:\n  alpha: 1\n',
    status: 'skipped',
    reason: 'E301: too | large',
  },
  figures: null,
};

const RESULTS = [point('0.75', 99, 400_000, 40), point('0.5', 98, 200_000, 20), point('0.25', 80, 50_000, 10), SKIPPED];
const ranked = rankPoints(RESULTS, { rankBy: 'accuracy_per_kb', confidence: 0.95 });
const names = { title: 'pokedex', command: 'npx nx run pokedex:sweep' };

test('the summary says what is best, what cannot be told from it, and which of those is smallest and fastest', () => {
  expect(summaryOf(ranked)).toEqual([
    'Most accurate: model.alpha 0.75, with 99.00 % on the device (99 of 100; 95 % interval 94.55 % to 99.82 %).',
    "Not distinguishable from it (McNemar's exact test on the same pictures, one by one, without correction for their number): number 2.",
    'Of these, the smallest is number 2 (model.alpha 0.5, 200.0 KB), the fastest number 2 (model.alpha 0.5, 20 ms).',
  ]);
});

test('the summary says so where all others are worse, and where nothing came out', () => {
  const clear = rankPoints([RESULTS[0], RESULTS[2]], { rankBy: 'latency', confidence: 0.95 });
  expect(summaryOf(clear)[1]).toBe('Every other point is worse beyond chance.');
  expect(summaryOf(rankPoints([SKIPPED], { rankBy: 'latency', confidence: 0.95 }))).toEqual([
    'None of 1 points came out.',
  ]);
});

test('the page has the ranking, the picture, what is not ranked and why, and YAML to copy', () => {
  const page = renderSweepPage(ranked, names);
  const order = [...page.matchAll(/<th scope="row">(\d+)<\/th><td>([^<]+)<\/td>/g)].map(
    ([, rank, label]) => `${rank} ${label}`,
  );
  expect(order).toEqual(['1 model.alpha 0.25', '2 model.alpha 0.5', '3 model.alpha 0.75']);
  expect(page).toContain('<svg ');
  expect(page).toContain('<td>left out: does not fit</td><td>E301: too | large</td>');
  expect(page).toContain('<code>model:\n  alpha: 0.5\n</code>');
  expect(page).not.toContain('alpha <1>');
  expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
});

test('a page of which nothing came out has no empty picture', () => {
  const page = renderSweepPage(rankPoints([SKIPPED], { rankBy: 'latency', confidence: 0.95 }), names);
  expect(page).not.toContain('<svg');
  expect(page).toContain('None of 1 points came out.');
});

test('the Markdown escapes what is not its own', () => {
  const text = renderSweepMarkdown(ranked, names);
  expect(text).toContain('| model.alpha &lt;1> | left out: does not fit | E301: too \\| large | – |');
  expect(text).toContain('](front.svg)');
});

test('the JSON has every figure, and equal sweeps give equal texts', () => {
  const json = renderSweepJson(ranked, names);
  expect(JSON.parse(json)).toMatchObject({
    rankBy: 'accuracy_per_kb',
    points: [{ id: '0.25', rank: 1, accuracyPerKb: 1.6, accuracyPerMs: 8, onSizeFront: true }, {}, {}],
    others: [{ id: 'big', status: 'skipped' }],
  });
  const again = rankPoints(RESULTS, { rankBy: 'accuracy_per_kb', confidence: 0.95 });
  expect([renderSweepJson(again, names), renderFront(again)]).toEqual([json, renderFront(ranked)]);
});

test('the terminal shows columns under each other', () => {
  const [head, ...rows] = sweepLines(ranked);
  expect(rows[0].indexOf('model.alpha')).toBe(head.indexOf('point'));
  expect(sweepLines(ranked)).toContain('model.alpha <1>: left out: does not fit: E301: too | large');
});

describe('the picture', () => {
  const svg = renderFront(ranked);

  test('has a dot and a tooltip for each point in both panels, and rings around what is like the best', () => {
    expect(svg.match(/<circle class="(on|off)"/g)).toHaveLength(6);
    expect(svg.match(/<circle class="ring"/g)).toHaveLength(4);
    expect(svg).toContain('<title>number 1: model.alpha 0.25: 80.00 %, 50.0 KB, 10 ms</title>');
  });

  test('says in sentences what it shows', () => {
    expect(describeFront(ranked)).toMatch(
      /size of the kmodel, on the front from the cheapest: number 1 \(.*80\.00 %.*\); number 2 \(.*\); number 3 \(/,
    );
    expect(svg).toContain(`<desc id="sweep-front-desc">${describeFront(ranked)}</desc>`);
  });

  test('draws points inside its panels, also where all are equal or there is one only', () => {
    for (const results of [
      [RESULTS[0]],
      [point('a', 100, 1000, 5), point('b', 100, 1000, 5)],
      [point('c', 0, 10, 1)],
    ]) {
      const picture = renderFront(rankPoints(results, { rankBy: 'latency', confidence: 0.95 }));
      const places = [...picture.matchAll(/<circle class="o\w+" cx="([\d.-]+)" cy="([\d.-]+)"/g)];
      expect(places.length).toBe(2 * results.length);
      for (const [, x, y] of places) {
        expect(Number(x)).toBeGreaterThanOrEqual(56);
        expect(Number(x)).toBeLessThanOrEqual(696);
        expect(Number(y)).toBeGreaterThanOrEqual(64);
      }
      expect(picture).not.toContain('NaN');
    }
  });
});
