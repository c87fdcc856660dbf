import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { installNncase, NNCASE_VERSION, NncaseUnavailable } from './nncase';
import { reasonOf } from './reason';

const SCRIPTS = join(__dirname, '..');

test('without a Python that it was published for, nncase is unavailable, and nothing is left behind', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'graft-nncase-test-'));
  try {
    const missing = installNncase(cache, ['no-such-python', process.execPath]);
    await expect(missing).rejects.toThrow(NncaseUnavailable);
    await expect(missing).rejects.toThrow(/GRAFT_PYTHON|Linux x86-64/);
    expect(existsSync(join(cache, `nncase-${NNCASE_VERSION}`))).toBe(false);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});

test('every package has its version and digest', () => {
  const lines = readFileSync(join(SCRIPTS, 'nncase-requirements.txt'), 'utf8').trim().split('\n');
  const packages = lines.filter((line) => !line.startsWith('#'));
  expect(packages[0]).toContain(`nncase==${NNCASE_VERSION} `);
  for (const line of packages) expect(line).toMatch(/^[a-z]+==[\d.]+ --hash=sha256:[0-9a-f]{64}$/);
});

test('what a program said last is its reason', () => {
  expect(reasonOf({ stderr: 'Traceback\n  line\nRuntimeError: no memory\n' })).toBe('RuntimeError: no memory');
  expect(reasonOf({ code: 'ENOENT' })).toBe('there is no such program');
  expect(reasonOf({ killed: true, stderr: 'x' })).toBe('it did not finish in time');
});

const python = ['python3', 'python'].find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
if (python === undefined) process.stderr.write('"the scripts are Python" is skipped: there is no Python here\n');

(python === undefined ? test.skip : test).each(['nncase-export.py', 'nncase-run.py'])('%s is Python', (name) => {
  const program = 'import ast, sys; ast.parse(open(sys.argv[1]).read())';
  expect(() => execFileSync(python ?? '', ['-c', program, join(SCRIPTS, name)])).not.toThrow();
});
