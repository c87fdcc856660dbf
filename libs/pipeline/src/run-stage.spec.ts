import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  existsSync,
  mkdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraftError } from '@graft/foundation';
import { readManifest } from './manifest';
import { runStage } from './run-stage';
import type { StageContext } from './run-stage';
import type { StageName } from './stage';

let out: string;

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'graft-stage-'));
});

afterEach(() => rmSync(out, { recursive: true, force: true }));

const run = (stage: StageName, work: (context: StageContext) => void | Promise<void>, signal?: AbortSignal) =>
  runStage(
    { stage, outFolder: out, tools: { tool: '1' }, signal: signal ?? new AbortController().signal },
    async (context) => work(context),
  );

const write = (path: string, text: string) => (context: StageContext) => {
  mkdirSync(join(context.folder, path, '..'), { recursive: true });
  writeFileSync(join(context.folder, path), text);
};

/** `resolve` with a slice for `fetch`, then `fetch` with one picture. */
async function upToFetch(): Promise<void> {
  await run('resolve', (context) => {
    write('fetch.json', '{"a":1}')(context);
    write('preprocess.json', '{"b":2}')(context);
  });
  await run('fetch', write('pictures/list.json', '[]'));
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof GraftError) return error.code;
    throw error;
  }
  return 'none';
};

test('a stage leaves its files and a manifest that names them, its settings and its tools', async () => {
  await upToFetch();
  const manifest = await readManifest('fetch', join(out, 'fetch'));
  expect(manifest).toMatchObject({
    stage: 'fetch',
    inputs: { settings: { a: 1 } },
    tools: { tool: '1' },
    outputs: [{ path: 'pictures/list.json', size: 2 }],
  });
});

test('a manifest names the digest of every consumed file', async () => {
  await upToFetch();
  await run('preprocess', write('examples/index.json', '{}'));
  const { inputs } = await readManifest('preprocess', join(out, 'preprocess'));
  expect(inputs.files).toEqual({
    'fetch/pictures/list.json': '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945', // of "[]"
  });
});

test('a stage that fails leaves the old output as it was and no working folder', async () => {
  await upToFetch();
  const failing = run('fetch', (context) => {
    write('pictures/list.json', '["half"')(context);
    throw new Error('broken');
  });
  await expect(failing).rejects.toThrow('broken');
  expect(readFileSync(join(out, 'fetch/pictures/list.json'), 'utf8')).toBe('[]');
  expect(readdirSync(out).sort()).toEqual(['fetch', 'resolve']);
});

test('the working folder of a killed run is taken away by the next run', async () => {
  mkdirSync(join(out, '.resolve.0123456789ab.tmp'));
  mkdirSync(join(out, '.resolve.0123456789ab.tmp.old'));
  await run('resolve', write('fetch.json', '{}'));
  expect(readdirSync(out)).toEqual(['resolve']);
});

test('a stage without a finished producer does not start (E501)', async () => {
  await run('resolve', write('preprocess.json', '{}'));
  expect(await codeOf(run('preprocess', () => undefined))).toBe('E501');
});

test('a producer with an unreadable manifest is not trusted (E502)', async () => {
  await upToFetch();
  for (const text of ['', '{', '[]', 'null', '{"version":1}']) {
    writeFileSync(join(out, 'fetch/manifest.json'), text);
    expect(await codeOf(run('preprocess', () => undefined))).toBe('E502');
  }
});

test.each([
  ['changed', (path: string) => writeFileSync(path, '{}')],
  ['grown', (path: string) => writeFileSync(path, '[    ]')],
  ['deleted', (path: string) => rmSync(path)],
])('a producer whose file was %s is not trusted (E503)', async (_how, tamper) => {
  await upToFetch();
  tamper(join(out, 'fetch/pictures/list.json'));
  expect(await codeOf(run('preprocess', () => undefined))).toBe('E503');
});

test('a stage without its slice of the spec does not start (E504)', async () => {
  await run('resolve', write('fetch.json', '{}'));
  await run('fetch', write('pictures/list.json', '[]'));
  expect(await codeOf(run('preprocess', () => undefined))).toBe('E504');
});

/** `fetch` and `preprocess` done, and settings for `probe`. */
async function upToPreprocess(): Promise<void> {
  await run('resolve', (context) => {
    write('fetch.json', '{"a":1}')(context);
    write('preprocess.json', '{"b":2}')(context);
    write('probe.json', '{"c":3}')(context);
  });
  await run('fetch', (context) => {
    write('pictures/list.json', '[]')(context);
    write('weights/w.bin', '0')(context);
  });
  await run('preprocess', write('examples/index.json', '{}'));
}

test('a producer that did not run after its own producer changed is not trusted (E507)', async () => {
  await upToPreprocess();
  await run('fetch', (context) => {
    write('pictures/list.json', '["new"]')(context);
    write('weights/w.bin', '0')(context);
  });
  const error = await run('probe', write('cut/cut.json', '{}')).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'E507', details: ['fetch/pictures/list.json'] });
  await run('preprocess', write('examples/index.json', '{}'));
  expect(await codeOf(run('probe', write('cut/cut.json', '{}')))).toBe('none');
});

test('a producer that did not run after its settings changed is not trusted (E507)', async () => {
  await upToPreprocess();
  await run('resolve', (context) => {
    write('fetch.json', '{"a":1}')(context);
    write('preprocess.json', '{"b":4}')(context);
    write('probe.json', '{"c":3}')(context);
  });
  const error = await run('probe', write('cut/cut.json', '{}')).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'E507', details: ['resolve/preprocess.json'] });
});

test('equal bytes made again do not make a consumer old', async () => {
  await upToPreprocess();
  await run('fetch', (context) => {
    write('pictures/list.json', '[]')(context);
    write('weights/w.bin', '0')(context);
  });
  expect(await codeOf(run('probe', write('cut/cut.json', '{}')))).toBe('none');
});

describe('where the caller can do without the work', () => {
  /** Which of both was asked, for a stage that is done with {"b":2} on []. */
  const asked = async (tools = { tool: '1' }): Promise<string> => {
    const { signal } = new AbortController();
    const work = async (context: StageContext): Promise<string> => {
      write('examples/index.json', '{}')(context);
      return 'the work';
    };
    const run = { stage: 'preprocess', outFolder: out, tools, signal } as const;
    return runStage(run, work, async (folder) => `what is in ${folder.slice(out.length)}`);
  };

  beforeEach(async () => {
    await upToFetch();
    await asked();
  });

  test('an output that a run would write again stays', async () => {
    const manifest = statSync(join(out, 'preprocess/manifest.json')).ino;
    expect(await asked()).toBe('what is in /preprocess');
    expect(statSync(join(out, 'preprocess/manifest.json')).ino).toBe(manifest);
    expect(readdirSync(out).sort()).toEqual(['fetch', 'preprocess', 'resolve']);
  });

  test.each<[string, () => void | Promise<void>]>([
    [
      'its settings have changed',
      () =>
        run('resolve', (context) => {
          write('fetch.json', '{"a":1}')(context);
          write('preprocess.json', '{"b":3}')(context);
        }),
    ],
    ['a file that it takes has changed', () => run('fetch', write('pictures/list.json', '[1]'))],
    ['a file was changed', () => writeFileSync(join(out, 'preprocess/examples/index.json'), '[]')],
    ['a file is missing', () => rmSync(join(out, 'preprocess/examples/index.json'))],
    ['a file has come', () => writeFileSync(join(out, 'preprocess/examples/other'), '')],
    ['its manifest is damaged', () => writeFileSync(join(out, 'preprocess/manifest.json'), '{')],
  ])('the work is done where %s', async (_what, change) => {
    await change();
    expect(await asked()).toBe('the work');
    expect(readFileSync(join(out, 'preprocess/examples/index.json'), 'utf8')).toBe('{}');
    expect(await asked()).toBe('what is in /preprocess');
  });

  test('the work is done where other tools do it', async () => {
    expect(await asked({ tool: '2' })).toBe('the work');
  });
});

test('a full disk is told as such and leaves nothing (E505)', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  expect(await codeOf(run('resolve', () => Promise.reject(full)))).toBe('E505');
  expect(readdirSync(out)).toEqual([]);
});

test('an interrupted stage keeps nothing (E506)', async () => {
  const controller = new AbortController();
  const interrupted = run('resolve', () => controller.abort(), controller.signal);
  expect(await codeOf(interrupted)).toBe('E506');
  expect(existsSync(join(out, 'resolve'))).toBe(false);
});

test('a stage reads only what it declares', async () => {
  await upToFetch();
  await expect(run('preprocess', (context) => void context.input('train'))).rejects.toThrow('internal');
});

test('the same work gives the same manifest', async () => {
  await upToFetch();
  const first = readFileSync(join(out, 'fetch/manifest.json'), 'utf8');
  await upToFetch();
  expect(readFileSync(join(out, 'fetch/manifest.json'), 'utf8')).toBe(first);
});
