import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiagnosticsError, formatDiagnostic, formatError, GraftError } from './errors';

const PLACE = { file: 'a.yaml', line: 7, column: 3, length: 4, text: '\tepoch: 10' };

test('a complaint shows code, sentence, place, line with caret, remark, details and hint', () => {
  const text = formatDiagnostic({
    code: 'E102',
    severity: 'error',
    message: 'unknown key "epoch"',
    place: PLACE,
    note: 'did you mean "epochs"?',
    details: ['one', 'two'],
    hint: 'look it up',
  });
  expect(text.split('\n')).toEqual([
    'error[E102] unknown key "epoch"',
    '  a.yaml:7:3',
    '    7 | →epoch: 10',
    '      |   ^^^^ did you mean "epochs"?',
    '  one',
    '  two',
    '  hint: look it up',
  ]);
});

test('a caret line ends with the line it marks', () => {
  const text = formatDiagnostic({ code: 'E1', severity: 'error', message: 'x', place: { ...PLACE, length: 99 } });
  expect(text.split('\n').at(-1)).toBe(`      |   ${'^'.repeat(8)}`);
});

test('errors collected from one input are shown together', () => {
  const error = new DiagnosticsError([
    { code: 'E1', severity: 'error', message: 'first' },
    { code: 'E2', severity: 'error', message: 'second' },
  ]);
  expect(formatError(error)).toBe('error[E1] first\n\nerror[E2] second');
});

test('collected errors carry the code of the first one, and there is no error without one', () => {
  expect(new DiagnosticsError([{ code: 'W1', severity: 'warning', message: 'first' }]).code).toBe('W1');
  expect(() => new DiagnosticsError([])).toThrow('internal: an error without a diagnostic');
});

test('an expected failure has no stack trace, a broken promise of our own has one', () => {
  expect(formatError(new GraftError('E9', { message: 'm', hint: 'h' }))).toBe('error[E9] m\n  hint: h');
  expect(formatError(new TypeError('oops'))).toMatch(/^internal: TypeError: oops\n {4}at /);
  expect(formatError('a text')).toBe('internal: a text');
});

test('a refusal of the operating system (E590) is a sentence with a remedy, not a stack trace', () => {
  const folder = mkdtempSync(join(tmpdir(), 'graft-'));
  writeFileSync(join(folder, 'file'), '');
  const refusals = [() => readFileSync(join(folder, 'absent')), () => writeFileSync(join(folder, 'file', 'below'), '')];
  for (const refusal of refusals) {
    const text = formatError(thrownBy(refusal));
    expect(text).toMatch(/^error\[E590\] the operating system refuses: (ENOENT|ENOTDIR): .*\n {2}hint: \S/);
    expect(text).not.toContain('    at ');
  }
  rmSync(folder, { recursive: true });
});

test('a full disk is told to be one', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  expect(formatError(full)).toContain('hint: make room on the disk');
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
