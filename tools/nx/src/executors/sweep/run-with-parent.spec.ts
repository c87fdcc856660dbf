import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const SCRIPT = join(__dirname, 'run-with-parent.cjs');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-parent-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 300) throw new Error('it never came to that');
    await setTimeout(20);
  }
}

test('passes words, output and exit status through', async () => {
  const program = write(
    'program.js',
    'console.log(process.argv.slice(2).join(" "), process.channel); process.exitCode = 7;',
  );
  const child = spawn(process.execPath, [SCRIPT, program, '--set=a=[1]', 'b'], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let output = '';
  child.stdout?.on('data', (part) => (output += part));
  const [code] = await once(child, 'close');
  // The program itself has no channel: a build tool would take one for its own.
  expect([code, output]).toEqual([7, '--set=a=[1] b undefined\n']);
});

test('a parent that is killed takes the program along', async () => {
  const pid = join(folder, 'pid');
  const program = write(
    'program.js',
    `require('node:fs').writeFileSync(${JSON.stringify(pid)}, String(process.pid)); setInterval(() => {}, 1000);`,
  );
  const parent = write(
    'parent.js',
    `require('node:child_process').spawn(process.execPath, ${JSON.stringify([SCRIPT, program])}, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }); setInterval(() => {}, 1000);`,
  );
  const child = spawn(process.execPath, [parent], { stdio: 'ignore' });
  await until(() => existsSync(pid) && readFileSync(pid, 'utf8') !== '');
  const number = Number(readFileSync(pid, 'utf8'));
  child.kill('SIGKILL');
  const isAlive = (): boolean => {
    try {
      return process.kill(number, 0);
    } catch {
      return false;
    }
  };
  await until(() => !isAlive());
  expect(isAlive()).toBe(false);
}, 20_000);
