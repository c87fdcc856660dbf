import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@graft/foundation';
import { keepRecord, makerSettings, type NewRecord } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { findRun, latestRun, previousRun } from './find-run';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'graft-runs-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const EXPERIMENT = 'apps/cats/experiment.yaml';

const git = (...words: string[]): string => {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...words], { cwd: root, encoding: 'utf8' }).trim();
};

const context = (): ExecutorContext => ({
  root,
  cwd: root,
  isVerbose: false,
  projectName: 'cats',
  projectsConfigurations: {
    version: 2,
    projects: {
      cats: { root: 'apps/cats', targets: { history: {} } },
      dogs: { root: 'apps/dogs', targets: { history: {} } },
      library: { root: 'libs/library', targets: {} },
    },
  },
  nxJsonConfiguration: {},
  projectGraph: { nodes: {}, dependencies: {} },
});

const record = (model: string, project = 'cats', yaml = 'epochs: 1'): NewRecord => ({
  version: 2,
  project,
  provenance: {
    version: 1,
    experiment: project,
    model: { bytes: 3, sha256: sha256(model) },
    settingsSha256: sha256('settings'),
    lockSha256: sha256('lock'),
    tools: {},
  },
  settings: makerSettings({ fetch: {}, preprocess: {}, probe: {}, train: {}, quantize: {}, compile: {} }),
  keys: {},
  commit: null,
  uncommitted: [],
  files: { [EXPERIMENT]: sha256(yaml) },
  result: null,
});

const keep = (...records: readonly NewRecord[]): Promise<void> =>
  records.reduce((before, one) => before.then(() => keepRecord(join(root, '.history'), one)), Promise.resolve());

const modelIn = ({ record: { provenance } }: Awaited<ReturnType<typeof findRun>>): string => provenance.model.sha256;

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

function commit(yaml: string): string {
  write(EXPERIMENT, yaml);
  git('add', '.');
  git('commit', '--quiet', '--allow-empty', '-m', 'Go on');
  return git('rev-parse', 'HEAD');
}

describe('without a word', () => {
  test('the newest run is looked at, and the one before it is what it is compared with', async () => {
    await keep(record('m1'), record('m2'), record('other', 'dogs'));
    const latest = await latestRun(context());
    expect(modelIn(latest)).toBe(sha256('m2'));
    expect(modelIn(await previousRun(latest.record, context()))).toBe(sha256('m1'));
  });

  test('an experiment without a run (E513), and a run with none before it (E511), are told', async () => {
    await expect(latestRun(context())).rejects.toMatchObject({ code: 'E513' });
    await keep(record('m1'));
    const latest = await latestRun(context());
    await expect(previousRun(latest.record, context())).rejects.toMatchObject({ code: 'E511' });
  });
});

describe('a word', () => {
  const find = (word: string, other?: Awaited<ReturnType<typeof findRun>>) => findRun(word, context(), other?.record);

  test('means digits of a model first, of this experiment and then of any', async () => {
    await keep(record('m1'), record('m2'), record('d1', 'dogs'));
    expect(modelIn(await find(sha256('m1').slice(0, 8)))).toBe(sha256('m1'));
    expect(modelIn(await find(sha256('d1').slice(0, 8)))).toBe(sha256('d1'));
  });

  test('means an experiment for its latest run; its own for the latest other one', async () => {
    await keep(record('m1'), record('m2'), record('d1', 'dogs'), record('d2', 'dogs'), record('g1', 'gone'));
    expect(modelIn(await find('dogs'))).toBe(sha256('d2'));
    expect(modelIn(await find('gone'))).toBe(sha256('g1'));
    const latest = await latestRun(context());
    expect(modelIn(await find('cats', latest))).toBe(sha256('m1'));
    const variant = record('v1');
    await keep({ ...variant, provenance: { ...variant.provenance, experiment: 'cats-tiny' } }, record('m3'));
    expect(modelIn(await find('cats-tiny', latest))).toBe(sha256('v1'));
    rmSync(join(root, '.history', 'dogs'), { recursive: true });
    await expect(find('dogs')).rejects.toMatchObject({ code: 'E513' });
  });

  test.each(['nothing', 'library', '0123456789', '--output=x', 'a b; rm -rf c', ''])(
    '%j that means nothing is told with the runs that there are (E511)',
    async (word) => {
      await keep(record('m1'));
      await expect(find(word)).rejects.toMatchObject({
        code: 'E511',
        details: ['runs that come near:', `  ${sha256('m1').slice(0, 8)} (cats)`],
      });
    },
  );

  describe('means a branch or commit', () => {
    beforeEach(async () => {
      git('init', '--quiet', '-b', 'trunk');
      await keep(record('m1', 'cats', 'epochs: 1'));
      commit('epochs: 1');
      git('checkout', '--quiet', '-b', 'work/idea');
      await keep(record('m2', 'cats', 'epochs: 2'));
      commit('epochs: 2');
      await keep(record('m3', 'cats', 'epochs: 3'));
    });

    test('for the run of its own experiment.yaml, out of the objects of git', async () => {
      expect(await find('trunk')).toMatchObject({ notes: [] });
      expect(modelIn(await find('trunk'))).toBe(sha256('m1'));
      expect(modelIn(await find('work/idea'))).toBe(sha256('m2'));
      expect(modelIn(await find(git('rev-parse', 'trunk')))).toBe(sha256('m1'));
      expect(modelIn(await find('HEAD~1'))).toBe(sha256('m1'));
    });

    test('for the newest of several that fit, and for the newest of all where none does, which is said', async () => {
      commit('epochs: 2');
      expect(modelIn(await find('work/idea'))).toBe(sha256('m2'));
      commit('epochs: 9');
      const found = await find('HEAD');
      expect(modelIn(found)).toBe(sha256('m3'));
      expect(found.notes).toEqual([expect.stringContaining('no record in HEAD fits its experiment.yaml')]);
    });

    test('also where the workspace is a folder of the repository', async () => {
      const inner = join(root, 'inner');
      write('inner/apps/cats/experiment.yaml', 'epochs: 5');
      await keepRecord(join(inner, '.history'), record('m5', 'cats', 'epochs: 5'));
      commit('epochs: 2');
      expect(modelIn(await findRun('HEAD', { ...context(), root: inner }))).toBe(sha256('m5'));
    });

    test('that has no record of the experiment is an error that names those it has (E514)', async () => {
      rmSync(join(root, '.history'), { recursive: true });
      await keep(record('d1', 'dogs'));
      commit('epochs: 2');
      await expect(find('HEAD')).rejects.toMatchObject({ code: 'E514', details: ['it has records of dogs'] });
      rmSync(join(root, '.history'), { recursive: true });
      commit('epochs: 2');
      await expect(find('HEAD')).rejects.toMatchObject({ code: 'E514', details: ['it holds no records at all'] });
    });
  });
});
