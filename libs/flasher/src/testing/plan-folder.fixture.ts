import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STUB } from './tiny-plan.fixture';

/** A folder for one test, with an empty one for a plan and the file of a stub; what the test does to PATH is undone. */
export interface PlanFolder {
  readonly folder: string;
  readonly planFolder: string;
  readonly stub: string;
  dispose(): Promise<void>;
}

export async function makePlanFolder(): Promise<PlanFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-engine-'));
  const planFolder = join(folder, 'plan');
  await mkdir(planFolder);
  const stub = join(folder, 'stub.bin');
  await writeFile(stub, STUB);
  const oldPath = process.env['PATH'];
  const dispose = async (): Promise<void> => {
    process.env['PATH'] = oldPath;
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, planFolder, stub, dispose };
}
