import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { sha256 } from '@graft/foundation';

import { extractStub, findStub } from './stub';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'graft-stub-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = Uint8Array.from({ length: 500 }, (_, index) => index % 251);
const moduleText = `import zlib\n        ISP_PROG = '${deflateSync(PROGRAM).toString('hex')}'\n        ISP_PROG = binascii.unhexlify(ISP_PROG)\n`;

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** An interpreter that answers with the path of a module, as Python does. */
function python(answer: string): string {
  const path = file('python', `#!/bin/sh\nprintf '%s\\n' '${answer}'\n`);
  chmodSync(path, 0o755);
  return path;
}

test('a stub that is named is taken as it is', async () => {
  const path = file('stub.bin', PROGRAM);
  expect(await findStub({ path })).toMatchObject({
    bytes: Buffer.from(PROGRAM),
    source: path,
    profile: { name: 'sipeed-1.0' },
  });
});

test('the stub in a module is unpacked from its text', async () => {
  const path = file('kflash.py', moduleText);
  const { bytes } = await findStub({ path });
  expect(sha256(bytes)).toBe(sha256(PROGRAM));
});

test('of an installed module only the program that was measured is taken without being named (E428)', async () => {
  const path = file('kflash.py', moduleText);
  await expect(findStub({ pythons: [python(path)] })).rejects.toMatchObject({
    code: 'E428',
    message: expect.stringContaining(sha256(PROGRAM)) as unknown,
  });
});

test('a stranger is taken where it is said what it is like, or what its digest must be', async () => {
  const pythons = [python(file('kflash.py', moduleText))];
  const named = await findStub({ pythons, profile: 'ktool' });
  expect(named.profile).toMatchObject({ name: 'ktool', address: 0x805e0000, answersStatus: false });
  const { profile } = await findStub({ pythons, sha256: sha256(PROGRAM).toUpperCase() });
  expect(profile.name).toBe('sipeed-1.0');
});

test.each([
  [29_824, 'sipeed-1.0', 4096],
  [66_304, 'kendryte-0.9', 65_536],
  [16_512, 'sipeed-1.0', 4096],
])('one of %i bytes is taken for one like %s', async (bytes, name, unitBytes) => {
  const path = file('stub.bin', new Uint8Array(bytes));
  expect((await findStub({ path })).profile).toMatchObject({ name, unitBytes, answersStatus: false });
});

test('one with another digest than it must have is refused (E428)', async () => {
  const path = file('stub.bin', PROGRAM);
  await expect(findStub({ path, sha256: sha256(PROGRAM).replace(/^./, 'x') })).rejects.toMatchObject({ code: 'E428' });
});

test('where nothing is installed, the message says what to install (E427)', async () => {
  const pythons = [join(folder, 'no-such-python'), python('')];
  await expect(findStub({ pythons })).rejects.toMatchObject({
    code: 'E427',
    hint: expect.stringContaining('kflash==1.1.6') as unknown,
  });
});

test.each([
  ['an empty file', 'stub.bin', ''],
  ['a module without a program', 'kflash.py', 'print("hello")'],
  ['a module whose program is cut', 'kflash.py', moduleText.replace(/.{40}'\n/, "'\n")],
])('%s is refused (E428)', async (_, name, content) => {
  await expect(findStub({ path: file(name, content) })).rejects.toMatchObject({ code: 'E428' });
});

test('a path that does not exist is refused (E428)', async () => {
  await expect(findStub({ path: join(folder, 'none.bin') })).rejects.toMatchObject({ code: 'E428' });
});

test('a text that would unpack to more than any stub is none', () => {
  const bomb = deflateSync(Buffer.alloc(50_000_000)).toString('hex');
  expect(extractStub(`ISP_PROG = '${bomb}'`)).toBeNull();
});
