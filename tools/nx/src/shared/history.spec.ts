import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { versionOf } from './history';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'graft-history-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const git = (...words: string[]): string => {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...words], { cwd: folder, encoding: 'utf8' }).trim();
};

test('outside of git there is no version, and that is no failure', async () => {
  expect(await versionOf(folder)).toEqual({ commit: null, uncommitted: [] });
});

test('the version is the commit, with what was changed since or never added; the history itself does not count', async () => {
  git('init', '--quiet');
  writeFileSync(join(folder, 'a.yaml'), '1');
  writeFileSync(join(folder, 'b.yaml'), '1');
  git('add', '.');
  git('commit', '--quiet', '-m', 'Begin');
  expect(await versionOf(folder)).toEqual({ commit: git('rev-parse', 'HEAD'), uncommitted: [] });
  writeFileSync(join(folder, 'b.yaml'), '2');
  writeFileSync(join(folder, 'with space.yaml'), '3');
  mkdirSync(join(folder, '.history'));
  writeFileSync(join(folder, '.history', 'x.json'), '{}');
  expect((await versionOf(folder)).uncommitted).toEqual(['b.yaml', 'with space.yaml']);
});
