import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startOnnxRuntime } from '@graft/runtimes';
import type { Runtime } from '@graft/runtimes';

const REPOSITORY = join(__dirname, '../../../..');

/** The folder of ONNX Runtime, which the first test that needs it downloads once; null where the registry is out of reach. */
function onnxRuntime(): string | null {
  const cacheFolder = process.env['GRAFT_CACHE_DIRECTORY'] ?? join(REPOSITORY, '.graft');
  const script = join(REPOSITORY, 'libs/runtimes/scripts/install-onnx-runtime.ts');
  const loader = join(REPOSITORY, 'tools/nx/load-typescript.cjs');
  const { status, stdout } = spawnSync(process.execPath, ['-r', loader, script, cacheFolder], { encoding: 'utf8' });
  return status === 0 ? stdout : null;
}

const FOLDER = onnxRuntime();

/** What ONNX Runtime answers to pictures [row][column][RGB], all in one batch. */
export type Answer = (model: Uint8Array, pictures: readonly Uint8Array[]) => Promise<Float32Array[]>;

/** Tests that let ONNX Runtime answer; skipped, with the reason, where it cannot be had. */
export function describeWithRuntime(title: string, body: (answer: Answer) => void): void {
  if (FOLDER === null) {
    test.skip(`${title} (skipped: ONNX Runtime cannot be fetched from the npm registry)`, () => undefined);
    return;
  }
  describe(title, () => {
    let runtime: Runtime;
    beforeAll(async () => {
      runtime = await startOnnxRuntime(FOLDER);
    }, 60_000);
    afterAll(() => runtime.dispose());
    body(async (model, pictures) => {
      await runtime.open(model);
      return runtime.run(pictures);
    });
  });
}
