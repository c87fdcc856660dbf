import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Random, sha256 } from '@graft/foundation';
import type { FetchPicturesOptions } from './fetch-options';
import type { ChildAnswer } from './testing/fetch-child';
import { archiveSpec, etagOf, httpSpec } from './testing/picture-server';
import type { Answer } from './testing/picture-server';
import { png, writeFiles } from './testing/pictures';
import { tarball } from './testing/registry';
import { surroundings } from './testing/surroundings';

/** Fetches in processes of their own: they are killed, or run out of disk. */

const ROOT = resolve(__dirname, '../../..');
const here = surroundings();
beforeEach(() => writeFile(join(here.folder, 'sentinel'), 'untouched'));

interface Child {
  readonly process: ChildProcess;
  /** Null when it was killed. */
  readonly answer: Promise<ChildAnswer | null>;
}

/** @param wrapper a program with its arguments, which starts the process under some restriction */
function start(changes: Partial<FetchPicturesOptions>, work = here.folder, wrapper: readonly string[] = []): Child {
  const script = join(__dirname, 'testing', 'fetch-child.ts');
  const node = [process.execPath, '-r', './tools/nx/load-typescript.cjs', script, work, JSON.stringify(changes)];
  const [command, ...args] = [...wrapper, ...node];
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  const answer = new Promise<ChildAnswer | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', () => {
      const text = Buffer.concat(printed).toString();
      done(text === '' ? null : JSON.parse(text));
    });
  });
  return { process: child, answer };
}

/** Bytes that do not shrink. */
function noise(length: number, seed: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, at) =>
    createHash('sha256').update(`${seed} ${at}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

function picturesOf(count: number, bytes: number) {
  return Array.from({ length: count }, (_, index) => {
    const content = Buffer.concat([png(`${index}`), noise(bytes, index)]);
    const label = index % 2 === 0 ? 'pikachu' : 'charizard';
    return {
      url: here.server.put(`/${index}.png`, content),
      sha256: sha256(content),
      label,
      license: null,
      attribution: null,
      group: null,
    };
  });
}

/** A few bytes at a time, from where the request wants them. */
const slowly: Answer = (request, response, content) => {
  const etag = etagOf(content);
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const from = request.headers['if-range'] === etag ? Number(asked) : 0;
  const part = content.subarray(from);
  const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
  response.writeHead(from === 0 ? 200 : 206, { etag, 'content-length': part.length, ...range });
  let at = 0;
  const timer = setInterval(() => {
    response.write(part.subarray(at, at + 20_000));
    at += 20_000;
    if (at < part.length && !response.destroyed) return;
    clearInterval(timer);
    response.end();
  }, 5);
};

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Everything lies in the store or the output, and every object of the store is what its name says. */
async function expectOrder(): Promise<void> {
  expect((await readdir(here.folder)).filter((name) => !['.graft', 'out', 'unknown'].includes(name))).toEqual([
    'sentinel',
  ]);
  expect(await readFile(join(here.folder, 'sentinel'), 'utf8')).toBe('untouched');
  const objects = await filesBelow(join(here.folder, '.graft/store/objects'));
  for (const path of objects.filter((name) => /\/[0-9a-f]{64}$/.test(name))) {
    expect(sha256(await readFile(path))).toBe(path.slice(-64));
  }
}

test('a fetch that is killed at random moments ends as one that never was, and takes up its downloads', async () => {
  const archive = tarball([
    { path: 'pikachu/in.png', content: png('in') },
    { path: 'noise.bin', content: noise(1_500_000, 1) },
  ]);
  const sources = [
    archiveSpec({ url: here.server.put('/extra.tgz', archive), sha256: sha256(archive) }),
    httpSpec({ items: picturesOf(24, 30_000) }),
  ];
  here.server.answerWith('/extra.tgz', ...Array.from({ length: 20 }, () => slowly));
  const seed = 20_261_124;
  const random = Random.of(seed, 'kills');
  for (let round = 0; round < 6; round++) {
    const child = start({ sources });
    const after = here.server.bytesSent + random.integer(400_000);
    while (here.server.bytesSent < after && child.process.exitCode === null) await pause(2);
    child.process.kill('SIGKILL');
    await child.answer;
    await expectOrder();
  }
  const last = await start({ sources }).answer;
  const ranges = here.server.requests.filter((request) => request.startsWith('/extra.tgz bytes='));
  expect({ seed, resumed: ranges.length > 0 }).toEqual({ seed, resumed: true });
  await expectOrder();
  expect(await readdir(join(here.folder, '.graft/store/partial'))).toEqual([]);
  await rm(join(here.folder, '.graft'), { recursive: true });
  const undisturbed = await start({ sources }).answer;
  expect(last?.errors ?? last?.lockText).toBe(undisturbed?.lockText);
}, 120_000);

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

const succeeds = (command: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** A disk of its own for one process, where the system lets anybody mount one. */
const MOUNT = 'mount -t tmpfs -o size=600k tmpfs "$0" && exec "$@"';
const canMount = process.platform === 'linux' && succeeds('unshare', '-rm', 'sh', '-c', 'mount -t tmpfs tmpfs /tmp');

(canMount ? test : test.skip)(
  'a full disk is E233 with the file that found no room (a tmpfs of 600 KiB; skipped where none can be mounted)',
  async () => {
    const work = join(here.folder, 'small');
    await mkdir(work);
    const wrapper = ['unshare', '-rm', 'sh', '-c', MOUNT, work];
    const items = picturesOf(24, 50_000);
    const pictures = await start({ sources: [httpSpec({ items })] }, work, wrapper).answer;
    expect(pictures?.errors).toMatchObject([
      {
        code: 'E233',
        message: expect.stringContaining(`${work}/.graft/store/objects/`),
        details: [expect.stringContaining('ENOSPC')],
      },
    ]);
    const archive = tarball([{ path: 'pikachu/noise.png', content: noise(800_000, 1) }]);
    const url = here.server.put('/extra.tgz', archive);
    const packed = await start({ sources: [archiveSpec({ url, sha256: sha256(archive) })] }, work, wrapper).answer;
    expect(packed?.errors).toMatchObject([
      {
        code: 'E233',
        message: expect.stringContaining(`${work}/.graft/store/partial/`),
        details: [expect.stringContaining('ENOSPC')],
      },
    ]);
    expect(await readdir(work)).toEqual([]);
  },
  60_000,
);

/** Whoever runs the tests, files may be closed to this process. */
const WITHOUT_PRIVILEGE = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];
const isAnybody = process.getuid?.() !== 0;
const canBeShutOut = isAnybody || succeeds(WITHOUT_PRIVILEGE[0], WITHOUT_PRIVILEGE[1], 'true');

(canBeShutOut ? test : test.skip)(
  'what may not be read is named, folder or file, and all else is fetched (skipped where it can be read all the same)',
  async () => {
    await writeFiles(here.folder, {
      'images/pikachu/a.png': png('a'),
      'images/pikachu/b.png': png('b'),
      'images/charizard/listed/c.png': png('c'),
      'images/charizard/closed/d.png': png('d'),
      'images/charizard/e.png': png('e'),
    });
    const modes = { 'pikachu/b.png': 0, 'charizard/listed': 0o444, 'charizard/closed': 0 };
    const change = (path: string, mode: number) => chmod(join(here.folder, 'images', path), mode);
    try {
      for (const [path, mode] of Object.entries(modes)) await change(path, mode);
      const { refused, lockText } = (await start({}, here.folder, isAnybody ? [] : WITHOUT_PRIVILEGE).answer) ?? {};
      expect(refused).toEqual([
        { path: 'images/charizard/closed', reason: 'cannot be opened (EACCES)', label: null },
        { path: 'images/charizard/listed/c.png', reason: 'cannot be opened (EACCES)', label: null },
        { path: 'images/pikachu/b.png', reason: 'cannot be opened (EACCES)', label: 'pikachu' },
      ]);
      expect(lockText).toMatch(/charizard\/e\.png[^]*pikachu\/a\.png/);
    } finally {
      for (const path of Object.keys(modes)) await change(path, 0o755);
    }
  },
  30_000,
);

const canLimit = process.platform === 'linux' && succeeds('prlimit', '--version');

(canLimit ? test : test.skip)(
  'a file that may not grow further is E233, and with room the download goes on (prlimit --fsize stands for a full disk; skipped without prlimit)',
  async () => {
    const archive = tarball([
      { path: 'pikachu/p.png', content: png('p') },
      { path: 'charizard/c.png', content: png('c') },
      { path: 'noise.bin', content: noise(800_000, 1) },
    ]);
    const sources = [archiveSpec({ url: here.server.put('/extra.tgz', archive), sha256: sha256(archive) })];
    const full = await start({ sources }, here.folder, ['prlimit', '--fsize=300000']).answer;
    expect(full?.errors).toMatchObject([{ code: 'E233', details: [expect.stringContaining('EFBIG')] }]);
    await expectOrder();
    const { downloadedBytes } = (await start({ sources }).answer) ?? {};
    expect(here.server.requests).toEqual(['/extra.tgz', '/extra.tgz bytes=300000-']);
    expect(downloadedBytes).toBe(archive.length - 300_000);
    await expectOrder();
  },
  60_000,
);
