import { KPU } from '@graft/k210';
import type { MapShape } from '@graft/tensor';
import { sizeOf } from '@graft/tensor';

import { linesOf } from './kpu-limits';
import type { KpuLayer, Program } from './kpu-program';
import type { KpuMap, MainBuffer, MemoryPlan } from './memory-plan';
import { aligned } from './plan-main-memory';
import { partsAreExact } from './split-channels';
import type { Claim } from './verify-arithmetic';
import { verifyArithmetic } from './verify-arithmetic';

/** Of dense layers. */
const SMALLEST_MAP = { height: KPU.minHeight, width: KPU.minWidth };

/** Checks what must hold after every pass, as far as the program has come. A failure is a mistake of the compiler. */
export function verify(program: Program, pass: string): void {
  const promise: Claim = (holds, where, what) => {
    if (!holds) throw new Error(`internal: after pass "${pass}", ${where}: ${what}`);
  };
  verifyChain(program.input, program.layers, promise);
  program.tail.forEach((node) => {
    if (node.kind === 'kpuDense') verifyChain({ ...node.layers[0].input, ...SMALLEST_MAP }, node.layers, promise);
  });
  if (program.plan !== undefined) verifyPlan(program, program.plan, promise);
}

function verifyChain(input: KpuLayer['input'], layers: readonly KpuLayer[], promise: Claim): void {
  layers.forEach((layer, index) => {
    const before = index === 0 ? input : layers[index - 1].output;
    promise(sameMap(before, layer.input), layer.name, 'its input is not the output before it');
    promise(subsampled(layer), layer.name, 'its output size does not follow from its input');
    verifyNumbers(layer, promise);
    promise(partsAreExact(layer), layer.name, 'its parts do not make up its output');
    if (layer.arithmetic !== undefined) verifyArithmetic(layer, layer.arithmetic, promise);
  });
}

function sameMap(a: KpuLayer['input'], b: KpuLayer['input']): boolean {
  return (
    a.channels === b.channels &&
    a.height === b.height &&
    a.width === b.width &&
    a.scale === b.scale &&
    a.zeroPoint === b.zeroPoint
  );
}

function subsampled({ input, output, subsample }: KpuLayer): boolean {
  const divisor = subsample ? 2 : 1;
  return output.height * divisor === input.height && output.width * divisor === input.width;
}

function verifyNumbers(
  { name, kind, kernel, input, output, weights, weightScales, bias }: KpuLayer,
  promise: Claim,
): void {
  const inputs = kind === 'depthwise' ? 1 : input.channels;
  promise(kind !== 'depthwise' || input.channels === output.channels, name, 'a depthwise layer changes the channels');
  promise(weights.length === output.channels * inputs * kernel ** 2, name, `${weights.length} weights`);
  promise(weightScales.length === output.channels && bias.length === output.channels, name, 'not one scale a channel');
}

function verifyPlan(program: Program, plan: MemoryPlan, promise: Claim): void {
  const { kpuMaps, denseMaps, mainBuffers, mainBytes } = plan;
  const maps = mapsOf(program.input, program.layers);
  verifyMaps(maps, kpuMaps, promise);
  const dense = program.tail.flatMap((node) =>
    node.kind === 'kpuDense' ? mapsOf(node.layers[0].input, node.layers) : [],
  );
  verifyMaps(dense, denseMaps, promise);
  const sent = maps[maps.length - 1];
  promise(mainBuffers[0]?.bytes === aligned(sizeOf(sent)), 'main memory', 'what the KPU sends has another size');
  mainBuffers.forEach((buffer, index) => {
    promise(buffer.address % 8 === 0 && buffer.address + buffer.bytes <= mainBytes, buffer.name, 'misplaced');
    for (const other of mainBuffers.slice(0, index)) {
      promise(!(together(buffer, other) && overlapping(buffer, other)), buffer.name, `it overlaps "${other.name}"`);
    }
  });
}

function mapsOf(input: MapShape, layers: readonly KpuLayer[]): MapShape[] {
  return [input, ...layers.map(({ output }) => output)];
}

function verifyMaps(maps: readonly MapShape[], places: readonly KpuMap[], promise: Claim): void {
  promise(places.length === maps.length, 'the plan', 'it has not one place a map');
  places.forEach(({ name, line, lines }, index) => {
    promise(lines === linesOf(maps[index]), name, 'its place has another size');
    promise(line >= 0 && line + lines <= KPU.lines, name, 'it lies outside KPU RAM');
    const before = places[index - 1];
    if (before === undefined) return;
    promise(before.line + before.lines <= line || line + lines <= before.line, name, 'it overlaps its input');
  });
}

function together(a: MainBuffer, b: MainBuffer): boolean {
  return a.firstStep <= b.lastStep && b.firstStep <= a.lastStep;
}

function overlapping(a: MainBuffer, b: MainBuffer): boolean {
  return a.address < aligned(b.address + b.bytes) && b.address < aligned(a.address + a.bytes);
}
