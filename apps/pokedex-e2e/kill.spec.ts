import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@graft/foundation';
import { STAGE_NAMES, verifyOutputs } from '@graft/pipeline';
import type { TemporaryWorkspace } from '@graft/testkit';
import { tinyWorkspace } from './tiny-workspace';

const KILLS = 20;
const RUN = ['run', 'tiny:export-kmodel'];
const KMODEL = 'apps/tiny/out/export-kmodel/tiny.kmodel';

let workspace: TemporaryWorkspace;

beforeAll(async () => {
  workspace = await tinyWorkspace();
});

afterAll(() => workspace.dispose());

test(`after SIGKILL at ${KILLS} random moments no output is trusted that is not whole, and the next run completes`, async () => {
  const started = Date.now();
  expect((await workspace.nx(...RUN)).exitCode).toBe(0);
  const wholeRunMs = Date.now() - started;
  const expected = workspace.bytes(KMODEL);

  const random = Random.of(20, 'moments of death');
  let interrupted = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    // Every stage has to run again, or there would be nothing to kill.
    workspace.remove('apps/tiny/out');
    if (await killAfter(random.between(0.1, 0.95) * wholeRunMs)) interrupted++;
    await expectOnlyWholeOutputs();
  }
  expect(interrupted).toBeGreaterThan(KILLS / 2);

  // A stage clears up after a killed one when it runs; one that comes from the cache does not run.
  const last = await workspace.nx(...RUN, '--skip-nx-cache');
  expect({ exitCode: last.exitCode, output: last.output }).toMatchObject({ exitCode: 0 });
  expect(workspace.bytes(KMODEL).equals(expected)).toBe(true);
  expect(leftovers()).toEqual([]);
}, 600_000);

/** Starts the whole chain without any cache and kills all its processes at once. @returns whether it was still running. */
function killAfter(delayMs: number): Promise<boolean> {
  const [program, args] = workspace.nxProgram();
  const child = spawn(program, [...args, ...RUN, '--skip-nx-cache'], {
    cwd: workspace.folder,
    env: workspace.environment(),
    stdio: 'ignore',
    detached: true, // a process group of its own, which can be killed whole
  });
  return new Promise((resolve) => {
    const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), delayMs);
    child.on('exit', (_code, signal) => {
      clearTimeout(timer);
      resolve(signal === 'SIGKILL');
    });
  });
}

/** A stage's folder is there with every file that its manifest lists, or it is not there at all. */
async function expectOnlyWholeOutputs(): Promise<void> {
  for (const stage of STAGE_NAMES) {
    const folder = join(workspace.folder, 'apps/tiny/out', stage);
    if (existsSync(folder)) await verifyOutputs(stage, folder, [{ stage, files: '**/*' }]);
  }
}

function leftovers(): string[] {
  return readdirSync(join(workspace.folder, 'apps/tiny/out')).filter((name) => name.startsWith('.'));
}
