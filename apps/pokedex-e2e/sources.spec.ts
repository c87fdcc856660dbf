import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tinyPicture } from '@graft/testkit';
import type { NxResult, TemporaryWorkspace } from '@graft/testkit';
import { create } from 'tar';
import { encodePng, tinyWorkspace } from './tiny-workspace';

const SHOW_ALL = '--output-style=static';
const LIST = 'apps/tiny/urls.csv';
const LOCK = 'apps/tiny/experiment.lock.json';

let workspace: TemporaryWorkspace;
let server: Server;
const pictures = new Map<string, Uint8Array>();
const requests: string[] = [];

beforeAll(async () => {
  workspace = await tinyWorkspace();
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const bytes = pictures.get(request.url ?? '');
    if (bytes === undefined) response.writeHead(404).end();
    else response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const label of ['blue', 'red'] as const) {
    for (const number of [50, 51]) pictures.set(`/${label}-${number}.png`, await encodePng(tinyPicture(label, number)));
  }
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rows = [...pictures.keys()].map((path) => `${address}${path},${path.slice(1).replace(/-.*/, '')}`);
  workspace.write('addresses.csv', `url,label\n${rows.join('\n')}\n`);
  await pack(20);
  const archive = '{ type: archive, path: ./extra.tgz, strip_components: 1, license: CC0-1.0 }';
  const http = '{ type: http, list: ./urls.csv, allow_private: true, license: CC-BY-4.0, attribution: A. Person }';
  workspace.edit(
    'apps/tiny/experiment.yaml',
    '      path: ./images\n',
    `      path: ./images\n    - ${archive}\n    - ${http}\n`,
  );
}, 60_000);

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  workspace.dispose();
});

/** An archive with one picture of each class. */
async function pack(number: number): Promise<void> {
  workspace.remove('packed');
  for (const label of ['blue', 'red'] as const) {
    workspace.write(`packed/set/${label}/${number}.png`, await encodePng(tinyPicture(label, number)));
  }
  await create(
    { file: join(workspace.folder, 'apps/tiny/extra.tgz'), cwd: join(workspace.folder, 'packed'), gzip: true },
    ['set'],
  );
}

const run = (target: string, ...args: readonly string[]): Promise<NxResult> =>
  workspace.nx('run', `tiny:${target}`, SHOW_ALL, ...args);

const ran = ({ tasks }: NxResult): string[] => tasks.filter((task) => task.ran).map(({ target }) => target);

const credited = (): string[] =>
  workspace
    .read('apps/tiny/ATTRIBUTION.md')
    .split('\n')
    .filter((line) => /^(##|-)/.test(line));

// One story, told in order: each step starts from what the one before left.
test('pictures from a folder, an archive and addresses are listed, fetched once, locked and credited', async () => {
  const listed = await workspace.nx('g', '@graft/nx:url-list', 'addresses.csv', `--to=${LIST}`, '--allowPrivate');
  expect(listed).toMatchObject({ exitCode: 0, output: expect.stringContaining('4 pictures listed') });
  expect(workspace.read(LIST).split('\n')).toHaveLength(6);
  expect(requests).toHaveLength(4);

  const fetched = await run('fetch');
  expect(fetched).toMatchObject({ exitCode: 0, output: expect.stringContaining('34 pictures, 0.0 MB downloaded') });
  expect(requests).toHaveLength(4);
  expect(await run('fetch').then(ran)).toEqual([]);

  await pack(21);
  expect(await run('fetch').then(ran)).toEqual(['fetch']);
  workspace.write(LIST, `${workspace.read(LIST)}\n`);
  expect(await run('fetch').then(ran)).toEqual(['fetch']);

  expect(await run('licenses')).toMatchObject({ exitCode: 0, output: expect.stringContaining('28 without a licence') });
  expect(credited()).toEqual([
    '## archive:./extra.tgz',
    '- CC0-1.0: 2 pictures',
    '## directory:./images',
    '- no licence stated: 28 pictures',
    '## http:./urls.csv',
    '- CC-BY-4.0, A. Person: 4 pictures',
  ]);

  expect(await run('lock')).toMatchObject({ exitCode: 0 });
  expect(workspace.read(LOCK).match(/"attribution":"A. Person"/g)).toHaveLength(4);
  await pack(22);
  const drifted = await run('fetch');
  expect(drifted.exitCode).not.toBe(0);
  expect(drifted.output).toMatch(/error\[E230\].*2 added, 2 removed, 0 changed/);
  expect(requests).toHaveLength(4);
}, 240_000);

test('a list is made of what the mirrors of project.yaml serve', async () => {
  const project = workspace.read('project.yaml');
  workspace.write('project.yaml', `${project}mirrors: { "https://pictures.invalid/": ./copies/ }\n`);
  workspace.write('copies/a.png', await encodePng(tinyPicture('red', 70)));
  workspace.write('mirrored.txt', 'https://pictures.invalid/a.png\n');
  const result = await workspace.nx('g', '@graft/nx:url-list', 'mirrored.txt', '--to=apps/tiny/m.csv', '--label=red');
  workspace.write('project.yaml', project);
  expect(result).toMatchObject({ exitCode: 0, output: expect.stringContaining('1 pictures listed, 0.0 MB') });
  expect(workspace.read('apps/tiny/m.csv')).toMatch(/^https:\/\/pictures\.invalid\/a\.png,[0-9a-f]{64},red$/m);
}, 60_000);

test('a list that cannot be made says so in a sentence, and writes nothing', async () => {
  workspace.write('bad.txt', 'http://127.0.0.1/x.png\n');
  const { exitCode, output } = await workspace.nx(
    'g',
    '@graft/nx:url-list',
    'bad.txt',
    '--to=apps/tiny/bad.csv',
    '--label=red',
  );
  expect(exitCode).not.toBe(0);
  expect(output).toContain('error[E260]');
  expect(output).toContain('http://127.0.0.1/x.png is refused: it is not https');
  expect(output).not.toMatch(/^\s+at /m);
  expect(workspace.exists('apps/tiny/bad.csv')).toBe(false);
}, 60_000);
