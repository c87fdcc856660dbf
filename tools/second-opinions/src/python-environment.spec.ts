import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { KERAS } from './keras';
import { NNCASE } from './nncase';
import { installPeer, PeerUnavailable, SCRIPTS } from './python-environment';
import { lastWords } from './last-words';

describe.each([NNCASE, KERAS])('$name', (peer) => {
  test('without a Python that it was published for, it is unavailable, and nothing is left behind', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'graft-peer-test-'));
    try {
      const missing = installPeer(peer, cache, ['no-such-python', process.execPath]);
      await expect(missing).rejects.toThrow(PeerUnavailable);
      await expect(missing).rejects.toThrow(/GRAFT_PYTHON|Linux x86-64/);
      expect(existsSync(join(cache, `${peer.name}-${peer.version}`))).toBe(false);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });

  test('every package has its version and digest', () => {
    const lines = readFileSync(join(SCRIPTS, peer.requirements), 'utf8').trim().split('\n');
    const packages = lines.filter((line) => !line.startsWith('#'));
    expect(packages.some((line) => line.startsWith(`${peer.name}==${peer.version} `))).toBe(true);
    for (const line of packages) expect(line).toMatch(/^[a-z0-9-]+==[\d.]+ --hash=sha256:[0-9a-f]{64}$/);
  });
});

test('what a program said last is its reason', () => {
  expect(lastWords({ stderr: 'Traceback\n  line\nRuntimeError: no memory\n' })).toBe('RuntimeError: no memory');
  expect(lastWords({ code: 'ENOENT' })).toBe('there is no such program');
  expect(lastWords({ killed: true, stderr: 'x' })).toBe('it did not finish in time');
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

(python === undefined ? test.skip : test).each([
  'nncase-export.py',
  'nncase-run.py',
  'keras_network.py',
  'keras-fixtures.py',
  'keras-bench.py',
])('%s is Python', (name) => {
  const program = 'import ast, sys; ast.parse(open(sys.argv[1]).read())';
  expect(() => execFileSync(python ?? '', ['-c', program, join(SCRIPTS, name)])).not.toThrow();
});
