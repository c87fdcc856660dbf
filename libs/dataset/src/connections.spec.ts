import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { Connections } from './connections';
import { download } from './download';
import type { DownloadOptions } from './download';
import { SOURCE_DOWNLOAD } from './errors';
import { proxyFor } from './proxy';
import { close, listen } from './testing/loopback';

const at = (url: string, environment: Record<string, string>) => proxyFor(new URL(url), environment)?.href ?? null;

test.each<[string, Record<string, string>, string | null]>([
  ['https://a.org/', { HTTPS_PROXY: 'http://p.org:3128' }, 'http://p.org:3128/'],
  ['https://a.org/', { HTTP_PROXY: 'http://p.org:3128' }, null],
  ['http://a.org/', { HTTP_PROXY: 'p.org:3128' }, 'http://p.org:3128/'],
  ['http://a.org/', { http_proxy: 'http://small.org', HTTP_PROXY: 'http://large.org' }, 'http://small.org/'],
  ['http://a.org/', { http_proxy: '', HTTP_PROXY: 'http://large.org' }, null],
  ['https://a.org/', {}, null],
  ['https://a.org/', { HTTPS_PROXY: 'http://p.org', NO_PROXY: '*' }, null],
  ['https://a.org/', { HTTPS_PROXY: 'http://p.org', NO_PROXY: 'b.org, a.org' }, null],
  ['https://x.a.org/', { HTTPS_PROXY: 'http://p.org', NO_PROXY: '.a.org' }, null],
  ['https://x.a.org/', { HTTPS_PROXY: 'http://p.org', NO_PROXY: 'a.org:443' }, null],
  ['https://x.a.org/', { HTTPS_PROXY: 'http://p.org', NO_PROXY: 'a.org:8443' }, 'http://p.org/'],
  ['https://xa.org/', { HTTPS_PROXY: 'http://p.org', NO_PROXY: 'a.org' }, 'http://p.org/'],
  ['https://127.0.0.1/', { HTTPS_PROXY: 'http://p.org' }, null],
  ['https://localhost/', { HTTPS_PROXY: 'http://p.org' }, null],
])('%s with %j goes through %s', (url, environment, proxy) => {
  expect(at(url, environment)).toBe(proxy);
});

describe('a proxy', () => {
  let proxy: Server;
  const asked: string[] = [];
  let environment: Record<string, string>;
  beforeEach(async () => {
    asked.length = 0;
    proxy = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('through the proxy');
    });
    proxy.on('connect', (request, socket) => {
      asked.push(`CONNECT ${request.url}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const address = `http://127.0.0.1:${await listen(proxy)}`;
    environment = { HTTP_PROXY: address, HTTPS_PROXY: address };
  });
  afterEach(() => close(proxy));

  const get = async (url: string): Promise<string> => {
    const connections = new Connections(environment);
    const options: DownloadOptions = {
      ...{ problems: SOURCE_DOWNLOAD, maxBytes: 1000, mirrors: {}, workspaceRoot: '', allowPrivateAddresses: false },
      ...{ plainHttp: true, times: { idleMs: 2000, totalMs: 5000 }, retries: 0, connections },
      signal: new AbortController().signal,
    };
    try {
      return Buffer.from((await download(url, options)).bytes).toString();
    } finally {
      connections.close();
    }
  };

  test('that the environment names gets the request, by name: it looks the name up itself', async () => {
    expect(await get('http://pictures.invalid/1.png')).toBe('through the proxy');
    expect(asked).toEqual(['http://pictures.invalid/1.png']);
  });

  test('opens a tunnel for https', async () => {
    await expect(get('https://pictures.invalid/1.png')).rejects.toMatchObject({ code: 'E240' });
    expect(asked).toEqual(['CONNECT pictures.invalid:443']);
  });

  test('is not asked for inner addresses', async () => {
    await expect(get('http://10.0.0.1/1.png')).rejects.toMatchObject({ code: 'E241' });
    expect(asked).toEqual([]);
  });
});
