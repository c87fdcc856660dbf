import { KPU } from '@graft/k210';

import { describeLayer, mainRange } from './describe-layer';
import type { KModel, KModelLayer, KModelOutput } from './kmodel';
import { writeAndPlace } from './write';
import type { PlacedBody } from './write';

/**
 * Model → text for people: the header, then one line per layer with its place in the file, shapes, addresses, numbers
 * and a short digest of every table, so that any change of the file shows. Ends with a line feed.
 */
export function printKModel(model: KModel): string {
  const { bytes, bodies } = writeAndPlace(model);
  const lines = [
    `kmodel v3: ${model.layers.length} layers, ${model.weightBits}-bit weights, ${bytes.length} bytes`,
    kpuRamLine(model.maxStartAddress),
    `main memory: ${model.mainMemoryBytes} bytes`,
    ...model.outputs.map(outputLine),
    '',
    `${'#'.padStart(3)} ${'offset'.padStart(8)} ${'bytes'.padStart(8)}  layer`,
    ...model.layers.map((layer, index) => layerLine(layer, index, bodies[index], model.weightBits)),
  ];
  return `${lines.join('\n')}\n`;
}

function kpuRamLine(first: number): string {
  return `KPU RAM: ${first < KPU.lines ? `lines ${first}–${KPU.lines - 1}` : 'not in use'}`;
}

function outputLine({ address, size }: KModelOutput, index: number): string {
  return `output ${index}: ${size / 4} floats at main ${mainRange(address, size)}`;
}

function layerLine(layer: KModelLayer, index: number, body: PlacedBody, weightBits: 8 | 16): string {
  const place = `${String(index).padStart(3)} ${String(body.offset).padStart(8)} ${String(body.bytes).padStart(8)}`;
  return `${place}  ${layer.kind}  ${describeLayer(layer, weightBits)}  flags ${layer.flags}`;
}
