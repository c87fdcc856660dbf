import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyLineage, verifyOutputs } from '@graft/pipeline';

/** Where the backbone ends, from the verified output of stage `probe`: Keras name of the last layer kept. */
export async function readCut(probeFolder: string): Promise<string> {
  const { output }: { output: string } = JSON.parse(await readFile(join(probeFolder, 'cut', 'cut.json'), 'utf8'));
  return output;
}

/** What `model.output: auto` stands for now, in a line; whether anything has changed since is told, too. */
export async function describeAutomaticCut(projectFolder: string): Promise<string> {
  const outFolder = join(projectFolder, 'out');
  const folder = join(outFolder, 'probe');
  try {
    await verifyOutputs('probe', folder, [{ stage: 'probe', files: 'cut/**/*' }]);
    const output = await readCut(folder);
    const holds = await verifyLineage(['probe'], outFolder).then(
      () => '',
      () => ', before something that it depends on changed',
    );
    return `model.output: auto is ${output}, as stage probe chose${holds}`;
  } catch {
    return 'model.output: auto is not known before stage probe has run';
  }
}
