import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraftError, sha256 } from '@graft/foundation';

import { findRecord, keepRecord, readHistory, type HistoryRecord } from './history';
import { chooseRun, orderRecords } from './history-order';
import { makerSettings, parseProvenance, renderProvenance, settingsDigest, type MakerSettings } from './provenance';

let folder: string;
beforeEach(() => void (folder = join(mkdtempSync(join(tmpdir(), 'graft-history-')), '.history')));
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const SLICES = { preprocess: { side: 32 }, probe: {}, train: { epochs: 3 }, quantize: {}, compile: {} };
const settingsOf = (fetch: object, slices: object = {}): MakerSettings =>
  makerSettings({ ...SLICES, ...slices, fetch });
const SETTINGS = settingsOf({ sources: [] });

const record: HistoryRecord = {
  version: 2,
  project: 'tiny',
  provenance: {
    version: 1,
    experiment: 'tiny',
    model: { bytes: 3, sha256: sha256('abc') },
    settingsSha256: settingsDigest(SETTINGS),
    lockSha256: sha256('lock'),
    tools: { graft: '0.1.0', sharp: '1.2.3' },
  },
  settings: SETTINGS,
  commit: 'a'.repeat(40),
  uncommitted: ['apps/tiny/experiment.yaml'],
  keys: { seed: 1, 'train.epochs': 3 },
  files: { 'apps/tiny/experiment.yaml': sha256('yaml') },
  order: 1,
  result: { deviceRight: 5 },
};

const PATH = join('tiny', `${sha256('abc')}.json`);

test('a record is found by the digest of its model, and no other', async () => {
  await keepRecord(folder, record);
  expect(await findRecord(folder, sha256('abc'))).toEqual(record);
  expect(await findRecord(folder, sha256('abd'))).toBeNull();
  expect(await readHistory(folder)).toEqual({ records: [record], unreadable: [] });
});

test('where no history is kept, nothing is found', async () => {
  expect(await findRecord(folder, sha256('abc'))).toBeNull();
  expect(await readHistory(folder)).toEqual({ records: [], unreadable: [] });
});

test('the same model of the same origin leaves its record as it is; another origin or result takes its place', async () => {
  await keepRecord(folder, record);
  await keepRecord(folder, { ...record, commit: 'b'.repeat(40) });
  expect(await findRecord(folder, sha256('abc'))).toEqual(record);
  const provenance = { ...record.provenance, lockSha256: sha256('other') };
  await keepRecord(folder, { ...record, provenance });
  expect(await findRecord(folder, sha256('abc'))).toMatchObject({ provenance });
  await keepRecord(folder, { ...record, result: { deviceRight: 4 } });
  expect(await findRecord(folder, sha256('abc'))).toMatchObject({ result: { deviceRight: 4 } });
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['tiny', PATH]);
});

test.each(['{', '[]', '{"version": 1}', '{"version": 3}'])(
  'a record that holds %s is told so (E509), and written anew',
  async (text) => {
    await keepRecord(folder, record);
    writeFileSync(join(folder, PATH), text);
    await expect(findRecord(folder, sha256('abc'))).rejects.toMatchObject({ code: 'E509' });
    expect(await readHistory(folder)).toEqual({ records: [], unreadable: [join(folder, PATH)] });
    await keepRecord(folder, record);
    expect(await findRecord(folder, sha256('abc'))).toEqual(record);
  },
);

test('equal records are equal bytes', async () => {
  const { project, version, ...rest } = record;
  await keepRecord(folder, record);
  await keepRecord(join(folder, 'other'), { ...rest, version, project });
  const [one, other] = [folder, join(folder, 'other')].map((place) => readFileSync(join(place, PATH), 'utf8'));
  expect(other).toBe(one);
});

/** A record of another model. */
const recordOf = (model: string, project = 'tiny'): HistoryRecord => ({
  ...record,
  project,
  provenance: { ...record.provenance, model: { bytes: model.length, sha256: sha256(model) } },
});

const modelsOf = (records: readonly HistoryRecord[]): string[] => records.map((one) => one.provenance.model.sha256);

describe('records of an earlier version', () => {
  const { keys: _keys, order: _order, result: _result, ...rest } = record;
  const old = { ...rest, version: 1 };
  beforeEach(() => {
    mkdirSync(folder);
    writeFileSync(join(folder, `${sha256('abc')}.json`), JSON.stringify(old));
  });

  test('are read, with nothing known of their results', async () => {
    expect(await findRecord(folder, sha256('abc'))).toEqual({ ...old, keys: null, order: 0, result: null });
  });

  test('give way to the record of the next run of the same model, and stay beside another project', async () => {
    await keepRecord(folder, recordOf('abc', 'other'));
    expect((await readHistory(folder)).records.map(({ version }) => version)).toEqual([1, 2]);
    await keepRecord(folder, record);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(
      ['other', join('other', `${sha256('abc')}.json`), 'tiny', PATH].sort(),
    );
  });
});

describe('the order of runs', () => {
  const ordered = async (): Promise<string[]> => modelsOf(orderRecords((await readHistory(folder)).records));
  const models = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5'];

  test('is that in which they were first made, whatever their digests are; other projects do not count', async () => {
    for (const model of models) {
      await keepRecord(folder, recordOf(model));
      await keepRecord(folder, recordOf(`${model} of another`, 'other'));
    }
    const { records } = await readHistory(folder);
    const own = records.filter(({ project }) => project === 'tiny');
    expect(modelsOf(orderRecords(own))).toEqual(models.map(sha256));
    expect(modelsOf(own)).not.toEqual(models.map(sha256));
  });

  test('stays when one is run again, also with another result', async () => {
    for (const model of models) await keepRecord(folder, recordOf(model));
    await keepRecord(folder, { ...recordOf('m1'), result: { deviceRight: 1 } });
    expect(await ordered()).toEqual(models.map(sha256));
  });

  test('puts a run behind those of both branches that were joined', async () => {
    await keepRecord(folder, recordOf('m0'));
    const other = join(folder, '..', 'branch');
    cpSync(folder, other, { recursive: true });
    await keepRecord(folder, recordOf('m1'));
    await keepRecord(other, recordOf('m2'));
    cpSync(other, folder, { recursive: true });
    await keepRecord(folder, recordOf('m3'));
    const [first, second, third, last] = await ordered();
    expect([first, last]).toEqual([sha256('m0'), sha256('m3')]);
    expect([second, third]).toEqual([sha256('m1'), sha256('m2')].sort());
    expect((await findRecord(folder, sha256('m3')))?.order).toBe(3);
  });

  test('holds where records were deleted', async () => {
    for (const model of models) await keepRecord(folder, recordOf(model));
    rmSync(join(folder, 'tiny', `${sha256('m2')}.json`));
    expect(await ordered()).toEqual(models.filter((model) => model !== 'm2').map(sha256));
  });
});

describe('a run that is named by its first digits', () => {
  const runs = Array.from({ length: 400 }, (_, index) => recordOf(`r${index}`));

  test('is found, whatever the case of its digits', () => {
    expect(chooseRun(runs, sha256('r7').slice(0, 12).toUpperCase())).toBe(runs[7]);
  });

  test('must be the only one that begins so (E512)', () => {
    const digits = modelsOf(runs).map((model) => model.slice(0, 2));
    const twice = digits.find((prefix, index) => digits.indexOf(prefix) !== index) ?? '';
    expect(() => chooseRun(runs, twice)).toThrow(expect.objectContaining({ code: 'E512' }));
  });

  test('is told with those that come near where there is none (E511)', () => {
    const model = sha256('r7');
    const wrong = `${model.slice(0, 7)}${model[7] === '0' ? '1' : '0'}`;
    const error = captured(() => chooseRun(runs, wrong));
    expect(error).toMatchObject({ code: 'E511' });
    expect(error.details[1]).toBe(`  ${model.slice(0, 8)} (tiny)`);
    expect(error.details).toHaveLength(6);
    expect(captured(() => chooseRun([], wrong)).details).toEqual(['there is no record of any run']);
  });
});

function captured(action: () => unknown): GraftError {
  try {
    action();
  } catch (error) {
    if (error instanceof GraftError) return error;
  }
  throw new Error('it should have thrown');
}

describe('the digest of settings', () => {
  test('does not see where things are fetched from and how strictly they are compared', () => {
    const elsewhere = settingsOf({ sources: [], mirrors: { 'https://a.example/': '/b' }, lock: 'required' });
    expect(settingsDigest(elsewhere)).toBe(settingsDigest(SETTINGS));
  });

  test('sees every other setting of a stage that makes the model, and no other stage', () => {
    expect(settingsDigest(settingsOf({ sources: ['more'] }))).not.toBe(settingsDigest(SETTINGS));
    expect(settingsDigest(settingsOf({ sources: [] }, { train: { epochs: 4 } }))).not.toBe(settingsDigest(SETTINGS));
    expect(settingsDigest(settingsOf({ sources: [] }, { evaluate: {} }))).toBe(settingsDigest(SETTINGS));
  });
});

test('a provenance is plain ASCII, whatever the experiment is called, and reads back equal', () => {
  const provenance = { ...record.provenance, experiment: 'Pokédex 图' };
  const text = renderProvenance(provenance);
  expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  expect(parseProvenance(text)).toEqual(provenance);
});

test.each(['', '{', '{}', 'null', '{"version":2}'])('%j is no provenance', (text) => {
  expect(parseProvenance(text)).toBeNull();
});
