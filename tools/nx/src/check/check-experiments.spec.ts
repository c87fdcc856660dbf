import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkExperiments } from './check-experiments';

const SOUND = `version: 1
classes: [blue, red]
dataset: { sources: [{ type: directory, path: ./images }] }
`;
const WRONG = `${SOUND}model:
  freeze: { first: 80 }
preprocess: { image_size: 225 }
`;

let workspace: string;

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'graft-check-'));
  write('sound', SOUND);
  write('wrong', WRONG);
  write('misspelt', SOUND.replace('classes', 'clases'));
});

afterAll(() => rmSync(workspace, { recursive: true }));

function write(name: string, text: string): void {
  mkdirSync(join(workspace, 'apps', name), { recursive: true });
  writeFileSync(join(workspace, 'apps', name, 'experiment.yaml'), text);
}

function check(...folders: string[]) {
  const lines: string[] = [];
  const status = checkExperiments(workspace, join(workspace, 'apps'), folders, (line) => lines.push(line));
  return { status, text: lines.join('\n') };
}

test('a sound experiment ends in 0', () => {
  expect(check('sound')).toEqual({ status: 0, text: 'apps/sound: sound' });
});

test('what the network does not allow is complained about where it is written, all at once', () => {
  const { status, text } = check('wrong');
  expect(status).toBe(2);
  expect(text).toContain('error[E603]');
  expect(text).toContain('apps/wrong/experiment.yaml:5:3');
  expect(text).toContain('error[E605]');
  expect(text).toContain('apps/wrong/experiment.yaml:6:27');
});

test('without a folder, every experiment is checked, also after a wrong one', () => {
  const { status, text } = check();
  expect(status).toBe(2);
  expect(text).toContain('did you mean "classes"?');
  expect(text.match(/^apps\/\w+: \w+$/gm)).toEqual(['apps/misspelt: wrong', 'apps/sound: sound', 'apps/wrong: wrong']);
});

test('a folder without an experiment is an error', () => {
  expect(check('nowhere')).toMatchObject({ status: 2, text: expect.stringContaining('apps/nowhere/experiment.yaml') });
});

test('the command ends with the status, and without a stack trace', () => {
  const program = join(__dirname, '../../graft-check.cjs');
  const run = spawnSync(process.execPath, [program, 'apps/wrong'], { cwd: workspace, encoding: 'utf8' });
  expect(run.status).toBe(2);
  expect(run.stdout).toContain('error[E605]');
  expect(`${run.stdout}${run.stderr}`).not.toContain('    at ');
});
