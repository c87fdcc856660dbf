import type { RequestListener } from 'node:http';
import { download } from './download';
import type { DownloadOptions } from './download';
import { WEIGHTS_DOWNLOAD } from './errors';
import { loopbackServers } from './testing/loopback';
import { temporaryFolder, writeFiles } from './testing/pictures';

const ADDRESS = 'https://models.example.org/model.json';
const start = loopbackServers();
const serve = async (answer: RequestListener): Promise<string> => `${await start(answer)}/`;

function options(mirror: string | null, changes: Partial<DownloadOptions> = {}): DownloadOptions {
  return {
    problems: WEIGHTS_DOWNLOAD,
    maxBytes: 1000,
    mirrors: mirror === null ? {} : { 'https://models.example.org/': mirror },
    workspaceRoot: '/nowhere',
    allowPrivateAddresses: false,
    times: { idleMs: 2000, totalMs: 5000 },
    retries: 0,
    signal: new AbortController().signal,
    ...changes,
  };
}

test('a file comes from a mirror server, redirects on the same server included', async () => {
  const mirror = await serve((request, response) => {
    if (request.url === '/model.json') response.writeHead(302, { location: '/moved.json' }).end();
    else response.end('{}');
  });
  const { bytes, networkBytes } = await download(ADDRESS, options(mirror));
  expect([Buffer.from(bytes).toString(), networkBytes]).toEqual(['{}', 2]);
});

test('a file comes from a mirror folder without the network', async () => {
  const folder = await temporaryFolder();
  await writeFiles(folder.path, { 'mirror/model.json': '{}' });
  const { bytes, networkBytes } = await download(ADDRESS, options('mirror', { workspaceRoot: folder.path }));
  expect([Buffer.from(bytes).toString(), networkBytes]).toEqual(['{}', 0]);
  await writeFiles(folder.path, { 'mirror/model.json': 'x'.repeat(1001) });
  const large = download(ADDRESS, options('mirror', { workspaceRoot: folder.path }));
  await expect(large).rejects.toMatchObject({ code: 'E642' });
  const missing = download(`${ADDRESS}.gz`, options('mirror', { workspaceRoot: folder.path }));
  await expect(missing).rejects.toMatchObject({ code: 'E640' });
  await folder.remove();
});

test('a redirect to another server that is no https is E641', async () => {
  const inner = await serve((_, response) => response.end('secret'));
  const mirror = await serve((_, response) => response.writeHead(302, { location: inner }).end());
  await expect(download(ADDRESS, options(mirror))).rejects.toMatchObject({ code: 'E641' });
});

test('a redirect to an inner address is E641 even over https', async () => {
  const mirror = await serve((_, response) => response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end());
  await expect(download(ADDRESS, options(mirror))).rejects.toMatchObject({ code: 'E641' });
});

test('an inner address or plain http that nobody named is E641', async () => {
  await expect(download('https://localhost:1/x', options(null))).rejects.toMatchObject({ code: 'E641' });
  await expect(download('http://models.example.org/x', options(null))).rejects.toMatchObject({ code: 'E641' });
});

test('an inner address is connected to where that is allowed', async () => {
  const attempt = download('https://127.0.0.1:1/x', options(null, { allowPrivateAddresses: true }));
  await expect(attempt).rejects.toMatchObject({ code: 'E640', details: [expect.stringContaining('ECONNREFUSED')] });
});

test('redirects in a circle are E640', async () => {
  let requests = 0;
  const mirror = await serve((_, response) => {
    requests += 1;
    response.writeHead(302, { location: '/again' }).end();
  });
  await expect(download(ADDRESS, options(mirror))).rejects.toMatchObject({ code: 'E640' });
  expect(requests).toBe(6);
});

test('more bytes than allowed are E642', async () => {
  const mirror = await serve((_, response) => response.end(Buffer.alloc(1001)));
  await expect(download(ADDRESS, options(mirror))).rejects.toMatchObject({ code: 'E642' });
});

test('a server that goes silent is E643, before or after the first byte', async () => {
  const times = { idleMs: 200, totalMs: 5000 };
  const mute = await serve(() => undefined);
  await expect(download(ADDRESS, options(mute, { times }))).rejects.toMatchObject({ code: 'E643' });
  const stalling = await serve((_, response) => void response.write('x'));
  await expect(download(ADDRESS, options(stalling, { times }))).rejects.toMatchObject({ code: 'E643' });
});

test('a troubled server is asked again, a missing file is not', async () => {
  const asked: number[] = [];
  const answering = (status: number) =>
    serve((_, response) => {
      asked.push(status);
      response.writeHead(asked.length === 1 ? status : 200).end('ok');
    });
  await download(ADDRESS, options(await answering(503), { retries: 1 }));
  expect(asked.splice(0)).toEqual([503, 503]);
  const missing = download(ADDRESS, options(await answering(404), { retries: 1 }));
  await expect(missing).rejects.toMatchObject({ code: 'E640', details: ['the server answered 404'] });
  expect(asked).toEqual([404]);
});

test('a body that ends early is E640', async () => {
  const mirror = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.destroy());
  });
  await expect(download(ADDRESS, options(mirror))).rejects.toMatchObject({ code: 'E640' });
});

test('a run that is called off ends with the caller’s reason', async () => {
  const controller = new AbortController();
  const mirror = await serve(() => controller.abort(new Error('called off')));
  await expect(download(ADDRESS, options(mirror, { signal: controller.signal }))).rejects.toThrow('called off');
});
