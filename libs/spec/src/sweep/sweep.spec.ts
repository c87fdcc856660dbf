import { diagnosticsOf, loaded, MINIMAL, summaryOf } from '../testing/load-files';
import { loadExperiment } from '../load-experiment';
import { expandSweep } from './expand-sweep';
import type { Sweep } from './read-sweep';

function sweepOf(yaml: string): Sweep {
  const { sweep } = loaded(`${MINIMAL}sweep:\n${yaml}`);
  if (sweep === null) throw new Error('there is no sweep');
  return sweep;
}

const GRID = `  model.alpha: [0.25, 0.5]
  preprocess.image_size: [128, 160, [96, 128]]
  rank_by: accuracy_per_kb
  keep: all
`;

describe('a sweep', () => {
  test('is a list of values for each key, with the ranking and what happens to points that do not fit', () => {
    const { axes, rankBy, keep } = sweepOf(GRID);
    expect(axes.map(({ key, values }) => [key, values.length])).toEqual([
      ['model.alpha', 2],
      ['preprocess.image_size', 3],
    ]);
    expect([rankBy, keep]).toEqual(['accuracy_per_kb', 'all']);
    expect(sweepOf('  seed: [1]\n')).toMatchObject({ rankBy: 'device_accuracy', keep: 'fits' });
  });

  test('has a point for every combination, the last key changing fastest', () => {
    expect(expandSweep(sweepOf(GRID)).map(({ label }) => label)).toEqual([
      'model.alpha 0.25, preprocess.image_size 128',
      'model.alpha 0.25, preprocess.image_size 160',
      'model.alpha 0.25, preprocess.image_size [ 96, 128 ]',
      'model.alpha 0.5, preprocess.image_size 128',
      'model.alpha 0.5, preprocess.image_size 160',
      'model.alpha 0.5, preprocess.image_size [ 96, 128 ]',
    ]);
  });

  test('names a point by its keys and values, so that it keeps its name when the grid grows', () => {
    const few = expandSweep(sweepOf('  model.alpha: [0.5]\n  preprocess.image_size: [160]\n'));
    const many = expandSweep(sweepOf(GRID));
    expect(few[0].id).toBe('alpha-0.5_image_size-160');
    expect(many.map(({ id }) => id)).toContain(few[0].id);
    expect(new Set(many.map(({ id }) => id)).size).toBe(many.length);
    expect(many.every(({ id }) => /^[\w.-]{1,60}$/.test(id))).toBe(true);
  });

  test('tells values apart that would give one file name', () => {
    const points = expandSweep(
      sweepOf('  augment.random_rotation: ["10 deg", "10-deg"]\n'.replace('"10-deg"', '"11 deg"')),
    );
    expect(new Set(points.map(({ id }) => id)).size).toBe(2);
    const heads = expandSweep(sweepOf('  model.head: [[], [{ dense: 64 }], [{ dense: 32 }]]\n'));
    expect(new Set(heads.map(({ id }) => id)).size).toBe(3);
  });

  test('each point is the experiment with its values set, by its texts as well', () => {
    const [, second] = expandSweep(sweepOf('  model.head: [[], [{ dense: 8 }]]\n  train.epochs: [5]\n'));
    expect(second.texts).toEqual(['model.head=[{"dense":8}]', 'train.epochs=5']);
    const options = {
      experimentPath: 'e.yaml',
      projectPath: 'project.yaml',
      defaultName: 'pokedex',
      readText: (path: string) => (path === 'e.yaml' ? MINIMAL : null),
    };
    const fromTrees = loadExperiment({ ...options, settings: second.assignments });
    const fromTexts = loadExperiment({ ...options, settings: second.texts });
    expect(fromTrees).toMatchObject({
      ok: true,
      value: { spec: { train: { epochs: 5 }, model: { head: [{ units: 8 }] } } },
    });
    const specs = [fromTrees, fromTexts].map((parsed) => (parsed.ok ? [parsed.value.spec, parsed.value.title] : null));
    expect(specs[0]).toEqual(specs[1]);
  });

  test('each point is YAML that can be pasted into a variant', () => {
    const [, point] = expandSweep(sweepOf('  model.head: [[], [{ dense: 8 }]]\n  model.alpha: [0.5]\n'));
    expect(point.yaml).toBe('model:\n  head:\n    - dense: 8\n  alpha: 0.5\n');
    expect(loaded(`${MINIMAL}${point.yaml}  weights: imagenet\n`).spec.model).toMatchObject({
      alpha: 0.5,
      head: [{ units: 8 }],
    });
  });
});

describe('mistakes in a sweep', () => {
  const at = (yaml: string): string[] => summaryOf(`${MINIMAL}sweep:\n${yaml}`);

  test.each([
    ['an unknown key', '  model.alhpa: [0.5]\n', ['E102 experiment.yaml:5:3']],
    ['a key that names the experiment', '  name: [a, b]\n', ['E102 experiment.yaml:5:3']],
    [
      'a wrong value among right ones',
      '  model.alpha: [0.5, 0.6, 1.0]\n  seed: [x]\n',
      ['E110 experiment.yaml:5:22', 'E103 experiment.yaml:6:10'],
    ],
    ['one value instead of a list', '  model.alpha: 0.5\n', ['E103 experiment.yaml:5:16']],
    ['no value', '  model.alpha: []\n', ['E105 experiment.yaml:5:3']],
    ['sources', '  dataset.sources: [[{ type: directory, path: ./a }]]\n', ['E149 experiment.yaml:5:3']],
    ['no key', '  rank_by: latency\n', ['E150 experiment.yaml:4:1']],
    ['too many points', '  seed: [1, 2, 3]\n  max_points: 2\n', ['E151 experiment.yaml:4:1']],
    ['a value twice', '  seed: [1, 2, 0x1]\n', ['E152 experiment.yaml:5:16']],
    ['a key within another', '  model: [{ alpha: 1.0 }]\n  model.alpha: [0.5]\n', ['E153 experiment.yaml:6:3']],
    ['an unknown ranking', '  seed: [1]\n  rank_by: device_acuracy\n', ['E110 experiment.yaml:6:12']],
  ])('%s', (_, yaml, wanted) => {
    expect(at(yaml)).toEqual(wanted);
  });

  test('an unknown key is suggested', () => {
    expect(diagnosticsOf(`${MINIMAL}sweep: { model.alhpa: [0.5] }\n`)).toMatchObject([
      { note: 'did you mean "alpha"?' },
    ]);
  });

  test('what is wrong only in combination is told when the point is loaded', () => {
    expect(loaded(`${MINIMAL}sweep: { train.epochs: [2], train.warmup_epochs: [1, 5] }\n`).sweep).not.toBeNull();
  });
});
