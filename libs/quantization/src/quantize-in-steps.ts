import { inPieces } from './measure-ranges';
import type { Work } from './measure-ranges';
import { quantizeLayers } from './quantize-layers';
import type { MeasuredNetwork, QuantizedLayers, Recipe } from './quantize-layers';
import { breathe, runTasks } from './run-tasks';

/** Quantizes layer by layer; the pictures go through each finished layer on the threads that `work` lends. */
export async function quantizeInSteps(
  network: MeasuredNetwork,
  recipe: Recipe,
  { tasks, report, signal }: Work,
): Promise<QuantizedLayers> {
  const total = network.chain.convolutions.length;
  return quantizeLayers(
    network,
    recipe,
    async (layer, maps) => {
      const pieces = inPieces(maps).map((piece) => ({ kind: 'run', layer, maps: piece }) as const);
      const results: (readonly Uint8Array[])[] = [];
      await runTasks(pieces, tasks, signal, (result, index) => (results[index] = result.maps));
      return results.flat();
    },
    async (done) => {
      report({ type: 'progress', task: 'quantizing layers', done, total, unit: 'layer' });
      await breathe(signal);
    },
  );
}
