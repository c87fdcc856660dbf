import { createServer } from 'node:http';
import { sha256 } from '@graft/foundation';
import { fetchWheel } from './python-wheel';
import type { WheelAccess, WheelPin } from './python-wheel';
import { close, listen, loopbackServers } from './testing/loopback';

const BYTES = Buffer.from('bytes of a wheel');
const PIN: WheelPin = {
  project: 'numbers',
  file: 'numbers-1.0-py3-none-any.whl',
  sha256: sha256(BYTES),
  bytes: BYTES.length,
};
const start = loopbackServers();

/** An index that answers its listing with this text, and every other address with the bytes. */
async function serve(listing: string, bytes: Uint8Array = BYTES): Promise<string> {
  const address = await start((request, response) => {
    if (request.url === '/simple/numbers/') response.end(listing);
    else if (request.url === '/files/wheel.whl?a=1&b=2') response.end(bytes);
    else response.writeHead(404).end();
  });
  return `${address}/simple`;
}

const access = (index: string, changes: Partial<WheelAccess> = {}): WheelAccess => ({
  index,
  times: { idleMs: 2000, totalMs: 5000 },
  retries: 0,
  signal: new AbortController().signal,
  ...changes,
});

const json = (filename: string) => JSON.stringify({ files: [{ filename, url: '/files/wheel.whl?a=1&b=2' }] });
const page = (name: string) =>
  `<html><body><a href="other.whl">other.whl</a>
   <a data-requires-python="&gt;=3" href='../../files/wheel.whl?a=1&amp;b=2#sha256=00'>${name}</a></body></html>`;

test.each([
  ['JSON', json(PIN.file)],
  ['a page', page(PIN.file)],
])('a wheel comes from an index that lists in %s', async (_, listing) => {
  const received: number[] = [];
  const index = await serve(listing);
  const bytes = await fetchWheel(PIN, access(index, { onBytes: (count) => received.push(count) }));
  expect(Buffer.from(bytes).equals(BYTES)).toBe(true);
  expect(received.reduce((sum, count) => sum + count, 0)).toBe(BYTES.length);
});

test.each([
  ['JSON', json('numbers-2.0-py3-none-any.whl')],
  ['a page', page('numbers-2.0-py3-none-any.whl')],
  ['nonsense', '{ "files": 3 }'],
  ['half of a JSON', '{ "files": ['],
])('an index that does not list the file is E648 (%s)', async (_, listing) => {
  const address = (await serve(listing)).replace('//', '//name:secret@');
  const failing = fetchWheel(PIN, access(address));
  await expect(failing).rejects.toMatchObject({ code: 'E648' });
  await expect(failing).rejects.not.toThrow('secret');
});

test('other bytes under the name are E649, and more of them than pinned E642', async () => {
  const other = await serve(json(PIN.file), Buffer.from('bytes of b wheel'));
  await expect(fetchWheel(PIN, access(other))).rejects.toMatchObject({ code: 'E649' });
  const longer = await serve(json(PIN.file), Buffer.concat([BYTES, BYTES]));
  await expect(fetchWheel(PIN, access(longer))).rejects.toMatchObject({ code: 'E642' });
});

test('no index at the address is E640', async () => {
  const server = createServer();
  const index = `http://127.0.0.1:${await listen(server)}/simple`;
  await close(server);
  await expect(fetchWheel(PIN, access(index))).rejects.toMatchObject({ code: 'E640' });
});

test('a file on another server without https is E641', async () => {
  const index = await serve(
    JSON.stringify({ files: [{ filename: PIN.file, url: 'http://files.example.org/wheel.whl' }] }),
  );
  await expect(fetchWheel(PIN, access(index))).rejects.toMatchObject({ code: 'E641' });
});
