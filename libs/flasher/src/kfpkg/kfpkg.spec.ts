import { GraftError } from '@graft/foundation';
import fc from 'fast-check';
import { ZipFile } from 'yazl';
import { buffer } from 'node:stream/consumers';

import { parseFlashList, renderFlashList } from './flash-list';
import { modelsInPackage, readKfpkg } from './read-kfpkg';
import { writeKfpkg, type FileToPack } from './write-kfpkg';

const model: FileToPack = {
  name: 'pokedex.kmodel',
  address: 0x300000,
  isBootImage: false,
  bytes: Uint8Array.of(1, 2, 3),
};

test('the list is what the tools in use can read', () => {
  expect(renderFlashList([model])).toBe(
    `{
  "version": "0.1.0",
  "files": [
    {
      "address": 3145728,
      "bin": "pokedex.kmodel",
      "sha256Prefix": false
    }
  ]
}
`,
  );
});

test('a reader that quotes addresses by a pattern still gets JSON', () => {
  const quoted = renderFlashList([model, { ...model, name: 'b', address: 4096 }]).replace(
    /"address": (.*),/g,
    '"address": "$1",',
  );
  expect(JSON.parse(quoted)).toMatchObject({ files: [{ address: '3145728' }, { address: '4096' }] });
});

test('what was packed is read again, in order of its addresses', async () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9_]{1,20}\.(bin|kmodel)$/), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      names,
      fc.infiniteStream(fc.uint8Array({ maxLength: 300 })),
      fc.nat(100),
      async (all, contents, step) => {
        const files = all.map((name, index) => ({
          name,
          address: 4096 * (step + 3 * (all.length - index)),
          isBootImage: index % 2 === 1,
          bytes: contents.next().value as Uint8Array,
        }));
        const read = await readKfpkg(await writeKfpkg(files), 'x.kfpkg');
        expect(read).toEqual({ files: [...files].reverse(), comment: '' });
      },
    ),
    { numRuns: 30 },
  );
});

test('a comment comes along without being a file', async () => {
  expect(await readKfpkg(await writeKfpkg([model], '{"a": 1}'), 'x.kfpkg')).toEqual({
    files: [model],
    comment: '{"a": 1}',
  });
});

test('of a package for whois only models count, and one without them is refused (E416)', async () => {
  const firmware = { ...model, name: 'maixpy.bin', address: 0, isBootImage: true };
  const both = await modelsInPackage(await writeKfpkg([firmware, model]), 'x.kfpkg');
  expect(both.files).toEqual([model]);
  const none = modelsInPackage(await writeKfpkg([firmware]), 'x.kfpkg');
  await expect(none).rejects.toMatchObject({ code: 'E416', details: ['no kmodel is in it'] });
});

test('the same files give the same bytes, in any order and time zone', async () => {
  const other = { ...model, name: 'b.bin', address: 0x400000 };
  const first = await writeKfpkg([model, other]);
  const zone = process.env['TZ'];
  process.env['TZ'] = 'Pacific/Auckland';
  try {
    expect(await writeKfpkg([other, model])).toEqual(first);
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

test('every complaint about a list is made at once', () => {
  const list = {
    version: '2',
    files: [
      { address: 1, bin: 'a' },
      { address: 4096, bin: '../b' },
      { address: '0x1000', bin: 'c' },
      { address: 8192, bin: 'd', swap: true },
      { address: 12288, bin: 'e' },
      { address: 12288, bin: 'e' },
      7,
    ],
  };
  expect(parseFlashList(JSON.stringify(list)).complaints).toEqual([
    'version "2" is not known: 0.1.0 or 0.1.1',
    'file 1: "address" is no multiple of 4096',
    'file 2: "bin" is no plain file name',
    'file 3: "address" is no multiple of 4096',
    'file 4: swapped bytes are not supported',
    'file 7: "bin" is no plain file name',
    'file 7: "address" is no multiple of 4096',
    'e is listed twice',
    'two files go to 0x3000',
  ]);
});

test('a package without a version, as another tool writes it, is read', () => {
  const text = '{ "": "0.1.2", "files": [ { "address": 0, "bin": "maixpy.bin", "sha256Prefix": true } ] }';
  expect(parseFlashList(text)).toEqual({
    files: [{ name: 'maixpy.bin', address: 0, isBootImage: true }],
    complaints: [],
  });
});

test.each<[string, () => Promise<Uint8Array>, RegExp]>([
  ['that is no ZIP', async () => Uint8Array.of(1, 2, 3), /end of central directory/i],
  ['that is cut', async () => (await writeKfpkg([model])).slice(0, -8), /central directory/i],
  ['with a changed byte', () => damaged(), /pokedex\.kmodel is damaged/],
  ['without a list', () => zipOf({ a: 'b' }), /flash-list\.json is missing/],
  ['with a list that is no JSON', () => zipOf({ 'flash-list.json': '{' }), /is no JSON/],
  [
    'with a stranger',
    () => zipOf({ 'flash-list.json': renderFlashList([]), 'README.md': '' }),
    /README\.md is in it, but not listed/,
  ],
  [
    'that lacks a listed file',
    () => zipOf({ 'flash-list.json': renderFlashList([model]) }),
    /pokedex\.kmodel is listed, but not in it/,
  ],
  ['with an entry of gigabytes', () => bomb(), /more than a flash chip|too many bytes|size/i],
])('a package %s is refused (E416)', async (_, make, reason) => {
  const error: unknown = await readKfpkg(await make(), 'bad.kfpkg').catch((one: unknown) => one);
  expect(error).toBeInstanceOf(GraftError);
  expect(error).toMatchObject({ code: 'E416', message: expect.stringContaining('bad.kfpkg') as unknown });
  expect((error as GraftError).details.join('\n')).toMatch(reason);
});

async function zipOf(files: Record<string, string>): Promise<Uint8Array> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  return new Uint8Array(await buffer(zip.outputStream));
}

async function damaged(): Promise<Uint8Array> {
  const bytes = await writeKfpkg([{ ...model, bytes: Uint8Array.from({ length: 100 }, () => 0x77) }]);
  bytes[Buffer.from(bytes).indexOf(Buffer.alloc(50, 0x77)) + 20] ^= 1;
  return bytes;
}

/** 40 MiB of zeros in some kilobytes. */
function bomb(): Promise<Uint8Array> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(renderFlashList([model])), 'flash-list.json');
  zip.addBuffer(Buffer.alloc(40 * 1024 * 1024), 'pokedex.kmodel');
  zip.end();
  return buffer(zip.outputStream).then((bytes) => new Uint8Array(bytes));
}
