import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@graft/foundation';

import { findRecord, keepRecord, listRecords, type HistoryRecord } from './history';
import { makerSettings, parseProvenance, renderProvenance, settingsDigest, type MakerSettings } from './provenance';

let folder: string;
beforeEach(() => void (folder = join(mkdtempSync(join(tmpdir(), 'graft-history-')), '.history')));
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const SLICES = { preprocess: { side: 32 }, probe: {}, train: { epochs: 3 }, quantize: {}, compile: {} };
const settingsOf = (fetch: object, slices: object = {}): MakerSettings =>
  makerSettings({ ...SLICES, ...slices, fetch });
const SETTINGS = settingsOf({ sources: [] });

const record: HistoryRecord = {
  version: 1,
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
  files: { 'apps/tiny/experiment.yaml': sha256('yaml') },
};

test('a record is found by the digest of its model, and no other', async () => {
  await keepRecord(folder, record);
  expect(await findRecord(folder, sha256('abc'))).toEqual(record);
  expect(await findRecord(folder, sha256('abd'))).toBeNull();
  expect(await listRecords(folder)).toEqual([record]);
});

test('where no history is kept, nothing is found', async () => {
  expect(await findRecord(folder, sha256('abc'))).toBeNull();
  expect(await listRecords(folder)).toEqual([]);
});

test('the same model of the same origin leaves its record as it is; another origin takes its place', async () => {
  await keepRecord(folder, record);
  await keepRecord(folder, { ...record, commit: 'b'.repeat(40) });
  expect(await findRecord(folder, sha256('abc'))).toEqual(record);
  const provenance = { ...record.provenance, lockSha256: sha256('other') };
  await keepRecord(folder, { ...record, provenance });
  expect(await findRecord(folder, sha256('abc'))).toMatchObject({ provenance });
  expect(readdirSync(folder)).toEqual([`${sha256('abc')}.json`]);
});

test.each(['{', '[]', '{"version": 1}'])('a record that holds %s is told so (E509), and written anew', async (text) => {
  await keepRecord(folder, record);
  writeFileSync(join(folder, `${sha256('abc')}.json`), text);
  await expect(findRecord(folder, sha256('abc'))).rejects.toMatchObject({ code: 'E509' });
  expect(await listRecords(folder)).toEqual([]);
  await keepRecord(folder, record);
  expect(await findRecord(folder, sha256('abc'))).toEqual(record);
});

test('equal records are equal bytes', async () => {
  const { project, version, ...rest } = record;
  await keepRecord(folder, record);
  await keepRecord(join(folder, 'other'), { ...rest, version, project });
  const [one, other] = [folder, join(folder, 'other')].map((place) =>
    readFileSync(join(place, `${sha256('abc')}.json`), 'utf8'),
  );
  expect(other).toBe(one);
});

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
