import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installPinned } from './install-pinned';

const REPOSITORY = join(__dirname, '../../..');
const VERSION = '1.1.6';

/** A folder with kflash and what it needs, as published: the program in `bin`, its modules at the top. */
export async function installKflash(cache = join(REPOSITORY, '.graft'), python = 'python3'): Promise<string> {
  const installed = join(cache, `kflash-${VERSION}`);
  if (existsSync(join(installed, 'kflash.py'))) return installed;
  await mkdir(cache, { recursive: true });
  const beside = await mkdtemp(join(cache, 'kflash-incomplete-'));
  try {
    await installPinned(python, join(__dirname, '../kflash-requirements.txt'), beside);
    await rename(beside, installed);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  return installed;
}
