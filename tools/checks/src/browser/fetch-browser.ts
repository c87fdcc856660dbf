import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import * as pacote from 'pacote';
import { AXE, BROWSER_FOLDER, CHROMIUM, executablePath } from './pinned';

/** What `npm ci` shall not load for everybody: 66 MB with a browser, and the rules of accessibility. */
async function fetchBrowser(): Promise<void> {
  const registry = process.env['npm_config_registry'];
  const options = { cache: join(BROWSER_FOLDER, '..', 'npm-cache'), ...(registry ? { registry } : {}) };
  for (const { name, integrity, folder } of [AXE, CHROMIUM]) {
    if (existsSync(join(folder, 'package.json'))) continue;
    const beside = `${folder}.${process.pid}.tmp`;
    await mkdir(beside, { recursive: true });
    await pacote.extract(name, beside, { ...options, integrity });
    await rm(folder, { recursive: true, force: true });
    await rename(beside, folder);
  }
  if (existsSync(executablePath)) return;
  const beside = `${executablePath}.${process.pid}.tmp`;
  const packed = createReadStream(join(CHROMIUM.folder, 'bin', 'chromium.br'));
  await pipeline(packed, createBrotliDecompress(), createWriteStream(beside, { mode: 0o755 }));
  await rename(beside, executablePath);
}

void fetchBrowser();
