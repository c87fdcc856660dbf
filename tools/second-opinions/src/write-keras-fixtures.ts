import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { KERAS } from './keras';
import { installPeer, SCRIPTS } from './python-environment';

/** Lets Keras answer anew to what libs/training is tested against; git shows what is different. */
async function main(): Promise<void> {
  const python = await installPeer(KERAS);
  const folder = join(__dirname, '../../../libs/training/fixtures/keras');
  const { status } = spawnSync(python, [join(SCRIPTS, 'keras-fixtures.py'), folder], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
