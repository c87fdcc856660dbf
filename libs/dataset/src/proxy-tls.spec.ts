import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Server as SecureServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { sha256 } from '@graft/foundation';
import type { ChildAnswer } from './testing/fetch-child';
import { httpSpec } from './testing/picture-server';
import { listen } from './testing/loopback';
import { png, temporaryFolder } from './testing/pictures';

/** Pictures over TLS, through the tunnel of a proxy. In processes of their own: Node takes further authorities at its start only. */

const ROOT = resolve(__dirname, '../../..');
const TLS = resolve(__dirname, '../fixtures/tls');
const CERTIFICATE = join(TLS, 'certificate.pem');
const NAMES = { pikachu: 'p', charizard: 'c' } as const;

const open = new Set<Socket>();
const asked: string[] = [];
let pictures: SecureServer;
let proxy: Server;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

beforeEach(async () => {
  folder = await temporaryFolder();
  const credentials = { cert: readFileSync(CERTIFICATE), key: readFileSync(join(TLS, 'key.pem')) };
  pictures = createSecureServer(credentials, (request, response) => {
    asked.push(`${request.headers.host}${request.url}`);
    response.end(png(request.url?.slice(1, 2) ?? ''));
  });
  proxy = createServer();
  // Whatever name is asked for, as the name is known to nobody else.
  proxy.on('connect', (request, client: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    const server = connect(portOf(pictures), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.pipe(client).pipe(server);
    });
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  await Promise.all([listen(pictures), listen(proxy)]);
});

afterEach(async () => {
  open.forEach((socket) => socket.destroy());
  open.clear();
  asked.length = 0;
  await Promise.all([pictures, proxy].map((server) => new Promise((closed) => server.close(closed))));
  await folder.remove();
});

function fetch(host: string, environment: Readonly<Record<string, string>>): Promise<ChildAnswer> {
  const items = Object.entries(NAMES).map(([label, name]) => ({
    ...{ url: `https://${host}/${name}.png`, sha256: sha256(png(name)), label },
    ...{ license: null, attribution: null, group: null },
  }));
  const changes = { sources: [httpSpec({ items, allowPrivate: false })], pauses: { firstMs: 5, longestMs: 5 } };
  const script = join(__dirname, 'testing', 'fetch-child.ts');
  const args = ['-r', './tools/nx/load-typescript.cjs', script, folder.path, JSON.stringify(changes)];
  const env = { PATH: process.env['PATH'], HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`, ...environment };
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((done, fail) => {
    const printed: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    child.on('error', fail);
    child.on('close', () => done(JSON.parse(Buffer.concat(printed).toString())));
  });
}

test('pictures come through the tunnel, from the server whose certificate the machine trusts', async () => {
  const { errors, downloadedBytes } = await fetch('pictures.invalid', { NODE_EXTRA_CA_CERTS: CERTIFICATE });
  expect(errors).toBeUndefined();
  expect(downloadedBytes).toBe(png('p').length + png('c').length);
  expect(asked.filter((line) => line.startsWith('CONNECT'))).toContain('CONNECT pictures.invalid:443');
  expect(asked.filter((line) => !line.startsWith('CONNECT')).sort()).toEqual([
    'pictures.invalid/c.png',
    'pictures.invalid/p.png',
  ]);
}, 30_000);

test.each<[string, string, Readonly<Record<string, string>>, RegExp]>([
  ['that nobody vouches for', 'pictures.invalid', {}, /self-signed certificate/],
  ['of another name', 'other.invalid', { NODE_EXTRA_CA_CERTS: CERTIFICATE }, /does not match certificate|altnames/i],
])(
  'a certificate %s ends in an error that says so, and no request reaches the server',
  async (_, host, environment, reason) => {
    const { errors } = await fetch(host, environment);
    expect(errors).toMatchObject([{ code: 'E260' }]);
    expect(errors?.[0].details).toEqual([expect.stringMatching(reason), expect.stringMatching(reason)]);
    expect(asked.every((line) => line === `CONNECT ${host}:443`)).toBe(true);
  },
  30_000,
);
