import { readFile, readdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { sha256 } from '@graft/foundation';
import type { StageEvent } from '@graft/foundation';
import type { HttpItem, HttpSource } from '@graft/spec';
import type { FetchPicturesOptions } from './fetch-options';
import { fetchPictures } from './fetch-pictures';
import { dieAfter, httpSpec, status } from './testing/picture-server';
import { fetchOptions, png, writeFiles } from './testing/pictures';
import { complaintsOf, surroundings } from './testing/surroundings';

const here = surroundings();

const QUICK = { pauses: { firstMs: 5, longestMs: 60 }, times: { idleMs: 400, totalMs: 4000 } };
const fetch = (source: Partial<HttpSource>, changes: Partial<FetchPicturesOptions> = {}) =>
  fetchPictures(fetchOptions(here.folder, { sources: [httpSpec(source)], ...QUICK, ...changes }));

const failures = (source: Partial<HttpSource>, changes: Partial<FetchPicturesOptions> = {}) =>
  complaintsOf(fetch(source, changes));

/** Puts a picture onto the server. */
function item(name: string, label = 'pikachu', changes: Partial<HttpItem> = {}): HttpItem {
  const bytes = png(name);
  const url = here.server.put(`/${name}.png`, bytes);
  return { url, sha256: sha256(bytes), label, license: null, attribution: null, group: null, ...changes };
}

const csv = (items: readonly HttpItem[]): string =>
  `url,sha256,label,license\n${items.map((one) => `${one.url},${one.sha256},${one.label},${one.license ?? ''}`).join('\n')}\n`;

const host = (): string => here.server.url.replace('http://', '');

describe('pictures by their addresses', () => {
  test('come with label, licence and credit: their own, else those of the source', async () => {
    const items = [item('p'), item('c', 'charizard', { license: 'MIT', attribution: 'A. Person' })];
    const { list, downloadedBytes } = await fetch({ items, license: 'CC0-1.0' });
    expect(list.pictures).toMatchObject([
      { path: `0/${host()}/c.png`, label: 'charizard', source: 'http:', license: 'MIT', attribution: 'A. Person' },
      { path: `0/${host()}/p.png`, label: 'pikachu', license: 'CC0-1.0', attribution: null, sha256: sha256(png('p')) },
    ]);
    expect(downloadedBytes).toBe(png('p').length + png('c').length);
  });

  test('come from a list, as CSV or JSON Lines', async () => {
    const items = [item('p'), item('c', 'charizard', { license: 'MIT' })];
    await writeFiles(here.folder, {
      'urls.csv': csv(items),
      'urls.jsonl': items.map((one) => `${JSON.stringify(one)}\n`).join('\n'),
    });
    const fromCsv = await fetch({ list: './urls.csv' });
    expect(fromCsv.list.pictures.map(({ label, license, source }) => [label, license, source])).toEqual([
      ['charizard', 'MIT', 'http:./urls.csv'],
      ['pikachu', null, 'http:./urls.csv'],
    ]);
    const fromJson = await fetch({ list: 'urls.jsonl' });
    expect(fromJson.list.pictures.map(({ path }) => path)).toEqual(fromCsv.list.pictures.map(({ path }) => path));
  });

  test('are not downloaded a second time: no byte moves', async () => {
    const items = [item('p'), item('c', 'charizard')];
    const first = await fetch({ items });
    const { bytesSent } = here.server;
    expect([first.downloadedBytes, here.server.requests.length]).toEqual([bytesSent, 2]);
    const again = await fetch({ items });
    expect([again.downloadedBytes, here.server.bytesSent, here.server.requests.length]).toEqual([0, bytesSent, 2]);
    expect(again.lockText).toBe(first.lockText);
  });

  test('come a few at a time, and tell how far they are', async () => {
    const items = Array.from({ length: 20 }, (_, index) => item(`${index}`, index % 2 === 0 ? 'pikachu' : 'charizard'));
    let open = 0;
    let most = 0;
    for (const { url } of items) {
      here.server.answerWith(new URL(url).pathname, (_, response, content) => {
        open += 1;
        most = Math.max(most, open);
        setTimeout(() => {
          open -= 1;
          response.end(content);
        }, 30);
      });
    }
    const events: StageEvent[] = [];
    const { list } = await fetch({ items }, { report: (event) => events.push(event) });
    expect(list.pictures).toHaveLength(20);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(6);
    expect(events.at(-1)).toMatchObject({
      type: 'progress',
      done: 20,
      total: 20,
      unit: 'file',
      figures: { MB: expect.any(Number) },
    });
  });

  test('of no class of the experiment are left out: W217', async () => {
    const { list, warnings } = await fetch({ items: [item('p'), item('c', 'Charizard'), item('e', 'eevee')] });
    expect(list.pictures).toHaveLength(2);
    expect(warnings).toMatchObject([{ code: 'W217', details: ['label "eevee": 1'] }]);
    expect(here.server.requests).not.toContain('/e.png');
  });

  test('that are excluded are not asked for', async () => {
    await fetch({ items: [item('p'), item('c', 'charizard'), item('q')], exclude: ['**/q.*'] });
    expect(here.server.requests).not.toContain('/q.png');
  });

  test('need no file name: an address with a query is no wrong extension', async () => {
    const bytes = png('q');
    const url = here.server.put('/show.php?id=25', bytes);
    const { list, warnings } = await fetch({
      items: [item('c', 'charizard'), { ...item('p'), url, sha256: sha256(bytes) }],
    });
    expect(list.pictures[1].path).toBe(`0/${host()}/show.php?id=25`);
    expect(warnings).toEqual([]);
  });

  test('that are named twice are E261', async () => {
    await writeFiles(here.folder, { 'urls.csv': csv([item('p')]) });
    expect(await failures({ items: [item('p', 'charizard')], list: 'urls.csv' })).toMatchObject([
      { code: 'E261', details: ['items[0]', 'urls.csv:2'] },
    ]);
  });

  test('that are no pictures are handed on with the reason, too large ones are E260, with their limit', async () => {
    const page = Buffer.from('<!DOCTYPE html>');
    const wrong = { ...item('p'), url: here.server.put('/page.png', page), sha256: sha256(page) };
    const { list } = await fetch({ items: [wrong, item('c', 'charizard')] });
    expect(list.refused).toMatchObject([{ path: wrong.url, label: 'pikachu' }]);
    const limits = { maxPerClass: null, maxFileBytes: 33 };
    expect(await failures({ items: [item('p')] }, { limits })).toMatchObject([
      { code: 'E260', details: [expect.stringContaining('it is larger than 33 bytes')] },
    ]);
  });
});

describe('a list that is wrong', () => {
  test('is E245 for each wrong line, at its place', async () => {
    const good = item('p');
    await writeFiles(here.folder, {
      'urls.csv': `${csv([good])}ftp://x.org/a,${good.sha256},pikachu,\n${good.url}?2,abc,pikachu,\n${good.url},${good.sha256},pikachu,\n`,
    });
    const diagnostics = await failures({ list: './urls.csv' });
    expect(diagnostics.map(({ code, place }) => [code, place?.file, place?.line])).toEqual([
      ['E245', './urls.csv', 3],
      ['E245', './urls.csv', 4],
      ['E245', './urls.csv', 5],
    ]);
    expect(here.server.requests).toEqual([]);
  });

  test('or missing is E246', async () => {
    expect(await failures({ list: 'urls.csv' })).toMatchObject([{ code: 'E246', message: 'urls.csv cannot be read' }]);
  });
});

describe('pictures that cannot be had', () => {
  test('are all named at once, with their lines and reasons: E260', async () => {
    const items = [item('gone'), item('changed'), item('moved', 'charizard'), item('good', 'charizard')];
    here.server.answerWith('/gone.png', status(404));
    here.server.answerWith('/changed.png', (_, response) => response.end(png('other')));
    here.server.answerWith('/moved.png', status(302, { location: 'http://10.1.2.3/x.png' }));
    await writeFiles(here.folder, { 'urls.csv': csv(items) });
    const mirrors = { [`${here.server.url}/`]: `${here.server.url}/` };
    const [diagnostic] = await failures({ list: 'urls.csv', allowPrivate: false }, { mirrors });
    expect(diagnostic).toMatchObject({ code: 'E260', message: '3 pictures of http:urls.csv cannot be had' });
    const { length } = png('other');
    const digests = `expected ${items[1].sha256.slice(0, 8)}…, got ${sha256(png('other')).slice(0, 8)}…`;
    expect(diagnostic.details).toEqual([
      `urls.csv:3  ${items[1].url}  other bytes: ${digests} (${length} bytes, a png picture)`,
      `urls.csv:2  ${items[0].url}  the server answered 404`,
      `urls.csv:4  ${items[2].url}  http://10.1.2.3/x.png is refused: 10.1.2.3 is not a public address`,
    ]);
  });

  test('do not make the others come twice', async () => {
    const items = [item('p'), item('c', 'charizard'), item('bad')];
    here.server.answerWith('/bad.png', status(404));
    await failures({ items });
    const before = here.server.requests.length;
    await fetch({ items });
    expect(here.server.requests.slice(before)).toEqual(['/bad.png']);
  });

  test('are skipped where that is asked for, and the lock says so: W260', async () => {
    const items = [item('p'), item('c', 'charizard'), item('gone')];
    const source = { items, onMissing: 'skip' } as const;
    here.server.answerWith('/gone.png', status(404));
    const first = await fetch(source);
    expect(first.warnings).toMatchObject([
      { code: 'W260', details: [`items[2]  ${items[2].url}  the server answered 404`] },
    ]);
    expect(JSON.parse(first.lockText)).toMatchObject({
      skipped: [{ path: `0/${host()}/gone.png`, sha256: items[2].sha256, label: 'pikachu', source: 'http:' }],
    });
    // It is back; but what the lock says was left out stays out, without asking, until the lock is renewed.
    const lock = { mode: 'required', text: first.lockText, path: 'l.json' } as const;
    const requests = here.server.requests.length;
    const again = await fetch(source, { lock });
    expect([again.lockText, here.server.requests.length]).toEqual([first.lockText, requests]);
    const renewed = await fetch(source, { lock, update: true });
    expect(renewed.list.pictures).toHaveLength(3);
    expect(renewed.lockText).not.toContain('skipped');
  });

  test('and that the lock has are drift, though they may be skipped: E230', async () => {
    const items = [item('p'), item('q'), item('c', 'charizard')];
    const lock = { mode: 'required', text: (await fetch({ items })).lockText, path: 'l.json' } as const;
    here.server.answerWith('/q.png', status(404));
    const elsewhere = { storeDirectory: join(here.folder, 'other-store'), lock };
    expect(await failures({ items, onMissing: 'skip' }, elsewhere)).toMatchObject([
      { code: 'E230', details: [`removed  0/${host()}/q.png`] },
    ]);
  });

  test('for the moment only are an error, though others may be skipped', async () => {
    here.server.answerWith('/p.png', status(503));
    const diagnostics = await failures({ items: [item('p'), item('q'), item('c', 'charizard')], onMissing: 'skip' });
    expect(diagnostics).toMatchObject([{ code: 'E260', details: [expect.stringContaining('answered 503')] }]);
    expect(diagnostics[0].hint).toContain('start again');
  });
});

describe('a server with troubles', () => {
  const both = () => [item('p'), item('c', 'charizard')];

  test('is asked again after a pause, as long as it asks for, but not longer than the limit', async () => {
    here.server.answerWith(
      '/p.png',
      status(503, { 'retry-after': '3600' }),
      status(429, { 'retry-after': new Date(0).toUTCString() }),
    );
    const started = Date.now();
    await fetch({ items: both() }, { retries: 2 });
    expect(Date.now() - started).toBeGreaterThanOrEqual(60);
    expect(here.server.requests.filter((path) => path === '/p.png')).toHaveLength(3);
  });

  test('that answers 503 to everything is given up soon', async () => {
    const items = Array.from({ length: 60 }, (_, index) => item(`${index}`));
    for (const { url } of items) here.server.answerWith(new URL(url).pathname, status(503), status(503), status(503));
    const [diagnostic] = await failures({ items }, { retries: 1 });
    expect(diagnostic.details).toHaveLength(60);
    expect(here.server.requests.length).toBeLessThan(40);
    expect(diagnostic.details?.filter((line) => line.includes('not tried'))).not.toEqual([]);
  });

  test('that dies in the middle goes on where it died', async () => {
    const bytes = Buffer.concat([png('large'), Buffer.alloc(50_000, 'x')]);
    const large = { ...item('p'), url: here.server.put('/large.png', bytes), sha256: sha256(bytes) };
    here.server.answerWith('/large.png', dieAfter(20_000));
    const { downloadedBytes } = await fetch({ items: [large, item('c', 'charizard')] }, { retries: 1 });
    expect(here.server.requests).toContain('/large.png bytes=20000-');
    expect(downloadedBytes).toBe(bytes.length + png('c').length);
  });

  test('that never ends is stopped at the size limit', async () => {
    here.server.answerWith('/p.png', (_, response) => {
      const timer = setInterval(() => response.write(Buffer.alloc(100_000)), 5);
      response.on('close', () => clearInterval(timer));
    });
    const limits = { maxPerClass: null, maxFileBytes: 1_000_000 };
    const [diagnostic] = await failures({ items: both() }, { limits });
    expect(diagnostic).toMatchObject({
      code: 'E260',
      details: [expect.stringContaining('it is larger than 1000000 bytes')],
    });
    expect(here.server.bytesSent).toBeLessThan(5_000_000);
  });

  test('that sends a byte now and then is stopped, in its headers and in its body', async () => {
    const drip = (send: (byte: string) => unknown, socket: Socket | null) => {
      const bytes = 'HTTP/1.1 200 OK\r\nx-slow: yes, very, very, very'.split('');
      const timer = setInterval(() => send(bytes.shift() ?? 'y'), 50);
      socket?.on('close', () => clearInterval(timer));
    };
    here.server.answerWith('/p.png', (_, response) => drip((byte) => response.write(byte), response.socket));
    here.server.answerWith('/c.png', (_, { socket }) => drip((byte) => socket?.write(byte), socket));
    const [diagnostic] = await failures({ items: both() });
    expect(diagnostic.details).toHaveLength(2);
    for (const line of diagnostic.details ?? []) expect(line).toContain('it stalled: nearly nothing came for 0.4 s');
  });

  test('that redirects without end, or to another protocol, is left', async () => {
    for (let hop = 0; hop < 8; hop++) here.server.answerWith('/p.png', status(302, { location: '/p.png' }));
    here.server.answerWith('/c.png', status(302, { location: 'file:///etc/passwd' }));
    const [diagnostic] = await failures({ items: both() });
    expect(diagnostic.details?.[0]).toContain('file:///etc/passwd is refused: it is not https');
    expect(diagnostic.details?.[1]).toContain('more than 5 redirects');
  });

  test('that redirects to the own network is left, by number and by name', async () => {
    const items = both();
    const secret = here.server.put('/secret', png('p'));
    here.server.answerWith('/p.png', status(302, { location: secret.replace('127.0.0.1', 'localhost') }));
    here.server.answerWith('/c.png', status(302, { location: secret.replace('127.0.0.1', '127.0.0.2') }));
    const mirrors = { [`${here.server.url}/`]: `${here.server.url}/` };
    const [diagnostic] = await failures({ items, allowPrivate: false }, { mirrors });
    expect(diagnostic.details?.[0]).toContain('127.0.0.2 is not a public address');
    expect(diagnostic.details?.[1]).toMatch(/localhost is refused: it stands for/);
    expect(here.server.requests).not.toContain('/secret');
  });
});

test('a run that is called off stops, and keeps what it has', async () => {
  const controller = new AbortController();
  const items = [item('p'), item('c', 'charizard')];
  here.server.answerWith('/p.png', () => controller.abort(new Error('called off')));
  await expect(fetch({ items }, { signal: controller.signal, times: { idleMs: 3000, totalMs: 3000 } })).rejects.toThrow(
    'called off',
  );
  expect(await readdir(here.folder)).not.toContain('out');
});

test('the lock has a line for each picture, with its own licence and credit', async () => {
  const items = [item('p', 'pikachu', { license: 'MIT', attribution: 'A. Person' }), item('c', 'charizard')];
  const { lockText } = await fetch({ items });
  const lines = lockText.split('\n').filter((line) => line.includes('"path"'));
  expect(lines.map((line) => /"license":.*(?=})/.exec(line)?.[0])).toEqual([
    '"license":null',
    '"license":"MIT","attribution":"A. Person"',
  ]);
  const [diagnostic] = await failures(
    { items: [{ ...items[0], attribution: 'B. Person' }, items[1]] },
    { lock: { mode: 'auto', text: lockText, path: 'l.json' } },
  );
  expect(diagnostic.details).toEqual([`changed  0/${host()}/p.png  attribution A. Person → B. Person`]);
  expect(await readFile(join(here.folder, 'out', 'pictures.json'), 'utf8')).toContain('"attribution":');
});
