import { join, resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { lower, printChanges, printProgram } from '@graft/compiler';
import { writeFileAtomic } from '@graft/foundation';
import { foldBatchNorm, printGraph } from '@graft/model';
import { verifyLineage, verifyOutputs } from '@graft/pipeline';
import type { StageName } from '@graft/pipeline';
import { readQuantized, readTrained } from '../../shared/networks';
import { experimentOf, guarded, say } from '../../shared/stage-executor';
import { workingFolder } from '../../shared/working-folder';

export interface PassesOptions {
  readonly dumpPasses?: string;
}

/** One printed state of the network on its way to the chip. */
interface State {
  readonly name: string;
  readonly text: string;
}

export default function passesExecutor({ dumpPasses }: PassesOptions, context: ExecutorContext) {
  return guarded(async (signal) => {
    const states = await openStates(join(experimentOf(context).projectFolder, 'out'), dumpPasses !== undefined);
    const folder = dumpPasses === undefined ? undefined : resolve(workingFolder(context.cwd), dumpPasses);
    let before = '';
    let number = 0;
    // A pass that gives up ends the loop; the states before it are shown by then.
    for (const { name, text } of states) {
      signal.throwIfAborted();
      if (folder === undefined) say(`── ${name}\n\n${printChanges(before, text)}`);
      else await writeState(join(folder, fileName(number, name)), text);
      before = text;
      number++;
    }
  });
}

/** Folding happens in `quantize`; it is shown on its own, since nothing else changes there that can be read. */
async function openStates(outFolder: string, everyNumber: boolean): Promise<Iterable<State>> {
  const [trained, quantized] = [join(outFolder, 'train'), join(outFolder, 'quantize')];
  await verifyOutputs('train', trained, [{ stage: 'train', files: 'model/**/*' }]);
  await verifyOutputs('quantize', quantized, [{ stage: 'quantize', files: 'model/**/*' }]);
  await verifyLineage(['quantize'], outFolder);
  const outputs = { input: (stage: StageName) => join(outFolder, stage) };
  const { graph } = await readTrained(outputs);
  const quantizedGraph = await readQuantized(outputs);
  return (function* () {
    yield { name: 'train', text: printGraph(graph) };
    yield { name: 'fold batch norm', text: printGraph(foldBatchNorm(graph)) };
    for (const { pass, program } of lower(quantizedGraph))
      yield { name: pass === 'lower' ? 'quantize' : pass, text: printProgram(program, { everyNumber }) };
  })();
}

function fileName(number: number, state: string): string {
  return `${String(number).padStart(2, '0')}-${state.replaceAll(' ', '-')}.txt`;
}

async function writeState(path: string, text: string): Promise<void> {
  await writeFileAtomic(path, text);
  say(`written: ${path}`);
}
