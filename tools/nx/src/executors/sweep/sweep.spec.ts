import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, DiagnosticsError, writeFileAtomic } from '@graft/foundation';
import { wilsonInterval } from '@graft/evaluation';
import { CHAIN, pointsFailed, sweepMissing } from '@graft/pipeline';
import { loadExperiment } from '@graft/spec';
import type { Experiment, SweepPoint } from '@graft/spec';
import { holding } from './hold';
import { measurePoint } from './measure-point';
import { prepareSweep, resultOf } from './prepare';
import type { PreparedSweep } from './prepare';
import { mergeRecords, recordFor, writeRecord } from './records';
import type { PointRecord } from './records';
import { reasonIn, stagesRun } from './run-point';

const YAML = `version: 1
classes: [charizard, pikachu]
dataset: { sources: [{ type: directory, path: ./images }] }
model: { weights: imagenet, output: conv_pw_5_relu }
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-sweep-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function experimentOf(yaml: string, point?: SweepPoint): Experiment {
  const parsed = loadExperiment({
    experimentPath: 'apps/pokedex/experiment.yaml',
    projectPath: 'project.yaml',
    defaultName: 'pokedex',
    readText: (path) => (path === 'project.yaml' ? null : yaml),
    settings: point?.assignments ?? [],
  });
  if (!parsed.ok) throw new DiagnosticsError(parsed.diagnostics);
  return parsed.value;
}

function prepared(sweep: string): PreparedSweep {
  const yaml = `${YAML}sweep:\n${sweep}`;
  const { sweep: grid } = experimentOf(yaml);
  if (grid === null) throw new Error('there is no sweep');
  return prepareSweep(grid, (point) => experimentOf(yaml, point));
}

const thrownBy = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};

const withCode = (code: string) => expect.objectContaining({ code });

describe('before the first point runs', () => {
  test('every point has its settings and what it shares with others', () => {
    const { jobs, skipped } = prepared('  model.alpha: [0.25, 0.5]\n  quantize.bias_correction: [true, false]\n');
    expect(skipped).toEqual([]);
    expect(jobs.map(({ experiment }) => experiment.spec.model.alpha)).toEqual([0.25, 0.25, 0.5, 0.5]);
    const trainings = jobs.map(({ keys }) => keys.get('train'));
    expect([new Set(trainings).size, trainings[0] === trainings[1]]).toEqual([2, true]);
  });

  test('what is wrong in any point is told once, with the points that have it', () => {
    const error = thrownBy(() => prepared('  train.epochs: [2, 30]\n  train.warmup_epochs: [1, 5, 6]\n'));
    expect(error).toBeInstanceOf(DiagnosticsError);
    expect(error instanceof DiagnosticsError ? error.diagnostics : []).toEqual([
      expect.objectContaining({ code: 'E139', details: ['in point train.epochs 2, train.warmup_epochs 5'] }),
      expect.objectContaining({ code: 'E139', details: ['in point train.epochs 2, train.warmup_epochs 6'] }),
    ]);
  });

  const TOO_LARGE =
    '  model.head: [[], [{ dense: 1024 }, { dense: 1024 }, { dense: 1024 }, { dense: 1024 }]]\n  model.output: [conv_pw_13_relu]\n';

  test('points that do not fit the board are left out, with the reason', () => {
    const { jobs, skipped } = prepared(`${TOO_LARGE}  model.alpha: [0.5]\n`);
    expect(jobs.map(({ experiment }) => experiment.spec.model.head)).toEqual([[]]);
    expect(skipped).toEqual([
      expect.objectContaining({ status: 'skipped', reason: expect.stringMatching(/^E3\d\d: /) }),
    ]);
  });

  test('E522: with keep: all they are an error', () => {
    expect(thrownBy(() => prepared(`${TOO_LARGE}  model.alpha: [0.5]\n  keep: all\n`))).toEqual(withCode('E522'));
  });
});

describe('what the build tool said of a point', () => {
  const OUTPUT = `
> nx run tiny:resolve

> nx run tiny:fetch  [local cache]

> nx run tiny:train  [remote cache]

> nx run tiny:probe  [existing outputs match the cache, left as is]

> nx run tiny:export-kmodel:small --set=train.epochs=3

error[E710] require.device_accuracy asks for at least 90 %
  hint: more pictures
`;

  test('tells the stages that ran from those that came from any cache', () => {
    expect(stagesRun(OUTPUT)).toEqual(['resolve', 'export-kmodel']);
  });

  test('tells why it failed: the first error with a code, or the last words', () => {
    expect(reasonIn(OUTPUT)).toBe('E710: require.device_accuracy asks for at least 90 %');
    expect(reasonIn('out of memory\n\n')).toBe('out of memory');
    expect(reasonIn('')).toBe('it ended without a word');
  });
});

describe('points of several machines', () => {
  const { jobs } = prepared('  model.alpha: [0.25, 0.5]\n');

  const share = wilsonInterval(9, 10, 0.95);
  const figures = {
    ...{ device: share, float: share, agreement: share, kmodelBytes: 1, kpuRamBytes: 1, mainMemoryBytes: 1 },
    ...{ estimatedMs: 1, pictures: 'same', answers: '1111111110' },
  };

  async function leave(name: string, index: number, change: (record: PointRecord) => PointRecord = (same) => same) {
    const sweepFolder = join(folder, name);
    const record = recordFor(jobs[index], 'tools', { ...resultOf(jobs[index].point, 'done', ''), figures });
    await writeRecord(sweepFolder, change(record));
    return sweepFolder;
  }

  test('come together in the order of the grid', async () => {
    const folders = [await leave('own', 1), await leave('other', 0)];
    expect((await mergeRecords(jobs, folders)).map(({ id }) => id)).toEqual(jobs.map(({ point }) => point.id));
  });

  test('E525: one that is missing is named, and so is a folder without points', async () => {
    const own = await leave('own', 1);
    await expect(mergeRecords(jobs, [own])).rejects.toEqual(withCode('E525'));
    await expect(mergeRecords(jobs, [own])).rejects.toMatchObject({ details: [jobs[0].point.label] });
    await expect(mergeRecords(jobs, [own, join(folder, 'nowhere')])).rejects.toEqual(withCode('E525'));
  });

  test('one of other settings, or a damaged file, is none', async () => {
    const own = await leave('own', 1);
    await leave('own', 0, (record) => ({ ...record, key: 'of another grid' }));
    await expect(mergeRecords(jobs, [own])).rejects.toEqual(withCode('E525'));
    writeFileSync(join(own, 'points', `${jobs[0].point.id}.json`), '{"version":');
    await expect(mergeRecords(jobs, [own])).rejects.toEqual(withCode('E525'));
  });

  test('E524: those of other tools are not compared', async () => {
    const folders = [await leave('own', 0), await leave('other', 1, (record) => ({ ...record, tools: 'newer' }))];
    await expect(mergeRecords(jobs, folders)).rejects.toEqual(withCode('E524'));
  });

  test('E524: neither are those of other pictures, where the same are meant', async () => {
    const other = await leave('other', 1, (record) => ({
      ...record,
      picturesKey: recordFor(jobs[0], 'tools', record.result).picturesKey,
      result: { ...record.result, figures: { ...figures, pictures: 'others' } },
    }));
    await expect(mergeRecords(jobs, [await leave('own', 0), other])).rejects.toEqual(withCode('E524'));
  });
});

test('E523: settings of another run are not taken for those of the point', async () => {
  const [one, other] = prepared('  model.alpha: [0.25, 0.5]\n').jobs;
  const slices: Readonly<Record<string, unknown>> = other.slices;
  for (const stage of CHAIN)
    await writeFileAtomic(join(folder, 'resolve', `${stage}.json`), canonicalJson(slices[stage]));
  await expect(measurePoint(one, folder)).rejects.toEqual(withCode('E523'));
  // Those of the point itself pass, and the next thing that is missing is its output.
  await expect(measurePoint(other, folder)).rejects.toEqual(withCode('E501'));
});

describe('one sweep at a time', () => {
  test('E527: a second one is told who holds the outputs', async () => {
    const path = join(folder, 'out', '.sweep.lock');
    await holding(path, async () => {
      await expect(holding(path, async () => undefined)).rejects.toEqual(withCode('E527'));
    });
    await expect(holding(path, async () => 'done')).resolves.toBe('done');
  });

  test('what a killed one left holds nobody up', async () => {
    const path = join(folder, '.sweep.lock');
    // Beyond the largest number of a process.
    writeFileSync(path, '4194305');
    await expect(holding(path, async () => 'done')).resolves.toBe('done');
  });
});

test('E520 and E526 say what to do', () => {
  expect(sweepMissing('experiment.yaml')).toMatchObject({ code: 'E520', hint: expect.stringContaining('sweep:') });
  expect(pointsFailed(['a: E710'])).toMatchObject({ code: 'E526', message: '1 point of the sweep did not come out' });
});
