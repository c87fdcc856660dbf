import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { sha256 } from '@graft/foundation';
import type { StageEvent } from '@graft/foundation';
import { npmCacheOf, readPackage } from './npm-package';
import type { PackageContext, PackageSpec } from './npm-package';
import { ContentStore } from './store';
import { temporaryFolder } from './testing/pictures';
import { FakeRegistry, integrityOf, tarball } from './testing/registry';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let registry: FakeRegistry;
let context: PackageContext;
let events: StageEvent[];
beforeEach(async () => {
  folder = await temporaryFolder();
  registry = await FakeRegistry.start();
  events = [];
  const store = new ContentStore(join(folder.path, 'store'));
  context = {
    store,
    npm: {
      cacheDirectory: npmCacheOf(store.directory),
      registry: registry.url,
      times: { idleMs: 5000, totalMs: 10_000 },
      retries: 0,
    },
    report: (event) => events.push(event),
    signal: new AbortController().signal,
  };
});
afterEach(async () => {
  await registry.stop();
  await folder.remove();
});

// Random bytes do not compress: the tarball is large enough to break off in the middle.
const noise = Buffer.from(Array.from({ length: 4000 }, (_, index) => sha256(String(index))).join(''), 'hex');
const BYTES = tarball([
  { path: 'package/package.json', content: '{"name":"sprites","version":"1.0.0"}' },
  { path: 'package/a.png', content: 'a' },
  { path: 'package/noise.bin', content: noise },
  { path: 'package/b.png', content: 'b' },
]);
const SPEC: PackageSpec = { package: 'sprites', version: '1.0.0', integrity: integrityOf(BYTES) };

const pictures = { key: 'png', wants: (path: string) => path.endsWith('.png'), maxFileBytes: 1000 };
const onlyB = { key: 'b', wants: (path: string) => path === 'b.png', maxFileBytes: 1000 };

test('the selected files lie in the store afterwards', async () => {
  registry.put('sprites', BYTES);
  const { files, downloadedBytes } = await readPackage(SPEC, pictures, context);
  expect(files).toEqual([
    { path: 'a.png', sha256: sha256('a'), size: 1 },
    { path: 'b.png', sha256: sha256('b'), size: 1 },
  ]);
  expect(await context.store.read(sha256('b'))).toEqual(Buffer.from('b'));
  expect(downloadedBytes).toBe(BYTES.length);
});

test('a package with a scope is fetched', async () => {
  registry.put('@pictures/sprites', BYTES);
  const { files } = await readPackage({ ...SPEC, package: '@pictures/sprites' }, pictures, context);
  expect(files).toHaveLength(2);
});

test('the same selection again moves no byte and asks nobody', async () => {
  registry.put('sprites', BYTES);
  const first = await readPackage(SPEC, pictures, context);
  await registry.stop();
  await rm(context.npm.cacheDirectory, { recursive: true });
  expect(await readPackage(SPEC, pictures, context)).toEqual({ ...first, downloadedBytes: 0 });
});

test('another selection of the same package is read from the kept tarball', async () => {
  registry.put('sprites', BYTES);
  await readPackage(SPEC, pictures, context);
  await registry.stop();
  const { files, downloadedBytes } = await readPackage(SPEC, onlyB, context);
  expect(files.map(({ path }) => path)).toEqual(['b.png']);
  expect(downloadedBytes).toBe(0);
});

test('a spoilt object is made anew from the kept tarball', async () => {
  registry.put('sprites', BYTES);
  await readPackage(SPEC, pictures, context);
  const object = context.store.pathOf(sha256('a'));
  await chmod(object, 0o644);
  await writeFile(object, 'spoilt');
  await registry.stop();
  expect((await readPackage(SPEC, pictures, context)).downloadedBytes).toBe(0);
  expect(await context.store.read(sha256('a'))).toEqual(Buffer.from('a'));
});

test('a spoilt memory of a selection is not believed', async () => {
  registry.put('sprites', BYTES);
  const first = await readPackage(SPEC, pictures, context);
  const selections = join(context.store.directory, 'selections');
  const [name] = await readdir(selections);
  for (const text of ['{"files": [', '{"files": [{"path": 1}], "tooLarge": []}', '[]']) {
    await writeFile(join(selections, name), text);
    expect((await readPackage(SPEC, pictures, context)).files).toEqual(first.files);
  }
});

test('a spoilt tarball cache is downloaded anew', async () => {
  registry.put('sprites', BYTES);
  await readPackage(SPEC, pictures, context);
  const content = join(context.npm.cacheDirectory, 'content-v2', 'sha512');
  for (const file of await readdir(content, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) await writeFile(join(file.parentPath, file.name), 'spoilt');
  }
  const { files, downloadedBytes } = await readPackage(SPEC, onlyB, context);
  expect(files).toHaveLength(1);
  expect(downloadedBytes).toBe(BYTES.length);
});

test('progress is told in unpacked bytes of the sum that the registry states', async () => {
  registry.unpackedSize = 200_000;
  registry.put('sprites', BYTES);
  await readPackage(SPEC, pictures, context);
  expect(events[0]).toMatchObject({ type: 'progress', unit: 'byte', total: 200_000 });
});

const dieMidway = (_: unknown, response: ServerResponse): void => {
  response.writeHead(200, { 'content-length': BYTES.length });
  response.write(BYTES.subarray(0, BYTES.length / 2), () => response.destroy());
};

test('a server that dies midway is E203, leaves nothing to trust, and the next run succeeds', async () => {
  registry.put('sprites', BYTES);
  registry.answerTarballOnce(dieMidway);
  await expect(readPackage(SPEC, pictures, context)).rejects.toMatchObject({ code: 'E203' });
  expect(await readdir(context.store.directory).catch(() => [])).not.toContain('selections');
  expect((await readPackage(SPEC, pictures, context)).files).toHaveLength(2);
});

test('a broken download is tried again, and every byte that moved is counted', async () => {
  registry.put('sprites', BYTES);
  registry.answerTarballOnce(dieMidway);
  const { downloadedBytes } = await readPackage(SPEC, pictures, { ...context, npm: { ...context.npm, retries: 1 } });
  expect(downloadedBytes).toBeGreaterThan(BYTES.length);
  expect(events).toContainEqual({ type: 'note', message: expect.stringContaining('trying again') });
});

test('a server that stops sending is E208', async () => {
  registry.put('sprites', BYTES);
  registry.answerTarballOnce((_, response) => void response.writeHead(200).write(BYTES.subarray(0, 1000)));
  const impatient = { ...context, npm: { ...context.npm, times: { idleMs: 300, totalMs: 10_000 } } };
  await expect(readPackage(SPEC, pictures, impatient)).rejects.toMatchObject({
    code: 'E208',
    message: expect.stringContaining('nearly nothing came for 0.3 s'),
  });
});

test('a server that drips for ever is E208', async () => {
  registry.put('sprites', BYTES);
  registry.answerTarballOnce((_, response) => {
    let at = 0;
    const drip = setInterval(() => response.write(BYTES.subarray(at, ++at)), 50);
    response.on('close', () => clearInterval(drip));
  });
  const impatient = { ...context, npm: { ...context.npm, times: { idleMs: 400, totalMs: 800 } } };
  await expect(readPackage(SPEC, pictures, impatient)).rejects.toMatchObject({
    code: 'E208',
    message: expect.stringContaining('longer than'),
  });
});

const OTHERS = [
  tarball([{ path: 'package/a.png', content: 'other' }]),
  tarball([
    { path: 'package/a.png', content: 'other' },
    { path: 'package/noise.bin', content: noise },
  ]),
];

test('a registry that states another integrity is E204, and nothing is downloaded', async () => {
  registry.put('sprites', OTHERS[0]);
  await expect(readPackage(SPEC, pictures, context)).rejects.toMatchObject({ code: 'E204' });
  expect(registry.tarballRequests).toBe(0);
});

test.each(OTHERS)('a registry that serves another tarball than it states is E204', async (other) => {
  registry.put('sprites', BYTES);
  // Once for the download, once for its retry.
  for (let time = 0; time < 2; time++) registry.answerTarballOnce((_, response) => void response.end(other));
  await expect(readPackage(SPEC, pictures, context)).rejects.toMatchObject({
    code: 'E204',
    details: [`expected ${SPEC.integrity}`, `got      ${integrityOf(other)}`],
  });
  expect(await readdir(context.store.directory).catch(() => [])).not.toContain('selections');
});

test('an integrity that is none is E209', async () => {
  for (const integrity of ['', 'sha1-abc', 'sha512-abc', `${SPEC.integrity}!`]) {
    await expect(readPackage({ ...SPEC, integrity }, pictures, context)).rejects.toMatchObject({ code: 'E209' });
  }
});

test('a package or version that is not there is E202', async () => {
  await expect(readPackage(SPEC, pictures, context)).rejects.toMatchObject({ code: 'E202' });
  registry.put('sprites', BYTES);
  await expect(readPackage({ ...SPEC, version: '2.0.0' }, pictures, context)).rejects.toMatchObject({ code: 'E202' });
});

test('a registry that cannot be reached, or answers something else, is E203', async () => {
  registry.put('sprites', BYTES);
  registry.answerTarballOnce((_, response) => void response.writeHead(403).end('no'));
  await expect(readPackage(SPEC, pictures, context)).rejects.toMatchObject({ code: 'E203' });
  await registry.stop();
  await expect(readPackage(SPEC, pictures, context)).rejects.toMatchObject({
    code: 'E203',
    hint: expect.stringContaining('npm_config_registry'),
  });
});

test('a hostile package is E206 and stays refused from the cache', async () => {
  const hostile = tarball([
    { path: 'package/a.png', content: 'a' },
    { path: '../../evil.png', content: 'x' },
  ]);
  registry.put('sprites', hostile);
  const spec = { ...SPEC, integrity: integrityOf(hostile) };
  await expect(readPackage(spec, pictures, context)).rejects.toMatchObject({ code: 'E206' });
  await expect(readPackage(spec, pictures, context)).rejects.toMatchObject({ code: 'E206' });
});

test('bytes that are no gzip are E206', async () => {
  const plain = Buffer.from('this is no archive');
  registry.put('sprites', plain);
  const spec = { ...SPEC, integrity: integrityOf(plain) };
  await expect(readPackage(spec, pictures, context)).rejects.toMatchObject({ code: 'E206' });
});

test('the registry comes from the environment where none is given', async () => {
  registry.put('sprites', BYTES);
  const before = process.env['npm_config_registry'];
  process.env['npm_config_registry'] = registry.url;
  try {
    const { files } = await readPackage(SPEC, pictures, { ...context, npm: { ...context.npm, registry: null } });
    expect(files).toHaveLength(2);
  } finally {
    if (before === undefined) delete process.env['npm_config_registry'];
    else process.env['npm_config_registry'] = before;
  }
});

test('a run that is called off ends with the caller’s reason', async () => {
  registry.put('sprites', BYTES);
  const controller = new AbortController();
  registry.answerTarballOnce(() => controller.abort(new Error('called off')));
  await expect(readPackage(SPEC, pictures, { ...context, signal: controller.signal })).rejects.toThrow('called off');
});
