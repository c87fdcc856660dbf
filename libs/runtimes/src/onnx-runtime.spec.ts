import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOnnxRuntime } from './onnx-runtime';

test('a folder without the runtime is an error that says what to do, and leaves no thread (E805)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'graft-runtimes-'));
  try {
    await expect(startOnnxRuntime(folder)).rejects.toMatchObject({
      code: 'E805',
      hint: expect.stringMatching(/delete/),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
