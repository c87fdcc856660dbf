import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { installNetron } from './netron';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'graft-second-opinions-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A stand-in for Python. */
function program(lines: string): string {
  const path = join(folder, 'python3');
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('without Python the message says so', async () => {
  await expect(installNetron(join(folder, 'cache'), join(folder, 'absent'))).rejects.toThrow(
    /^GRAFT_NETRON=1 asks for netron [\d.]+, and ".*absent -m pip" could not install it: there is no such program$/,
  );
});

test('what pip says is passed on, and nothing is left behind', async () => {
  const python = program('echo "ERROR: No matching distribution found for netron" >&2; exit 1');
  const cache = join(folder, 'cache');
  await expect(installNetron(cache, python)).rejects.toThrow(/: ERROR: No matching distribution found for netron$/);
  expect(readdirSync(cache)).toEqual([]);
});

test('a second call finds what the first has installed', async () => {
  const cache = join(folder, 'cache');
  // The last argument is the target folder.
  const first = await installNetron(cache, program('for target; do :; done; mkdir "$target/netron"'));
  expect(await installNetron(cache, join(folder, 'absent'))).toBe(first);
  expect(readdirSync(join(first, '..'))).toEqual(['netron', 'package.json', 'requirements.txt']);
});
