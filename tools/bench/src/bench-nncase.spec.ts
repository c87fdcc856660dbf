import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { figuresOf, renderComparison } from './bench-nncase';

const ANSWER = { compileSeconds: 12.34, simulateSeconds: 0.2214, bytes: 1000 };
const FLOAT = [Float32Array.of(3, 0), Float32Array.of(0, 4)];

test('figures count right and equal answers, and measure logits against the float ones', () => {
  const logits = [
    [3, 1],
    [1, 0],
  ];
  const { right, agreeing, logitError, relativeError } = figuresOf({ ...ANSWER, logits }, FLOAT, [1, 0]);
  expect([right, agreeing]).toEqual([1, 1]);
  // Differences 0, 1, 1, −4; the float logits are 3, 0, 0, 4.
  expect(logitError).toBeCloseTo(Math.sqrt(18 / 4), 6);
  expect(relativeError).toBeCloseTo(Math.sqrt(18 / 25), 6);
});

const OURS = figuresOf({ ...ANSWER, logits: FLOAT.map((scores) => [...scores]) }, FLOAT, [0, 1]);
const COMPARISON = { network: 'cats', pictures: 2, floatRight: 2, exportDifference: 1.9e-5, ours: OURS };

test('both compilers stand side by side', () => {
  const lines = renderComparison({ ...COMPARISON, nncase: { ...OURS, right: 1, bytes: 900 } }).split('\n');
  expect(lines[0]).toBe('cats: float 2 of 2 test pictures');
  expect(lines[1]).toContain('at most 1.9e-5');
  expect(lines).toContain('device accuracy        2 of 2         1 of 2');
  expect(lines).toContain('file                   1000 bytes     900 bytes');
});

test('a compiler that gives up is quoted', () => {
  const text = renderComparison({ ...COMPARISON, nncase: 'RuntimeError: out of memory' });
  expect(text).toMatch(/^device accuracy +2 of 2 +-$/m);
  expect(text).toContain('nncase does not compile this network: RuntimeError: out of memory');
});

describe('the command', () => {
  const root = join(__dirname, '../../..');
  const bench = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
    const program = ['-r', './tools/nx/load-typescript.cjs', 'tools/bench/src/main.ts', ...args];
    return spawnSync(process.execPath, program, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    });
  };

  test('tells its options', () => {
    const { status, stdout } = bench(['--help']);
    expect(status).toBe(0);
    for (const option of [
      '--runs',
      '--quantization',
      '--experiment',
      '--peer nncase',
      '--peer keras',
      '--peer pillow',
      '--only',
    ])
      expect(stdout).toContain(option);
  });

  test.each([
    [['--per', 'nncase'], "Unknown option '--per'"],
    [['--peer', 'other'], '--peer knows nncase, keras and pillow, not other'],
    [['--experiment', 'nobody'], 'apps/nobody has no resolve/quantize.json yet; first run: npx nx run nobody:compile'],
    [['--runs', 'many'], '--runs takes a whole number from 1'],
  ])('%j is refused in one line', (args, message) => {
    const { status, stderr } = bench(args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n').length).toBeLessThan(3);
  });
});
