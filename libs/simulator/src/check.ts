import { KPU } from '@graft/k210';
import type { KModel, KModelLayer } from '@graft/kmodel';
import type { MapShape } from '@graft/tensor';

import { firstLayerTakesNoInput, mapsOverlap, noLayers, outsideKpuRam, tooMuchMainMemory, tooMuchWork } from './errors';
import { linesOf } from './memory';
import { workOf } from './work';

/** General memory of the chip; the model's share of it is smaller. */
const MAX_MAIN_MEMORY = 6 * 1024 * 1024;

/**
 * Four times a VGG-16; a MobileNet takes 10⁹. A file of a few hundred bytes can ask for more than a year, by windows as
 * large as their maps or by many layers over all of the memory.
 */
const MAX_WORK = 2 ** 36;

/** Looks for what no board could run, before anything runs. @throws GraftError E361, E362, E363, E365 */
export function checkModel(model: KModel): void {
  const [first] = model.layers;
  if (first === undefined) throw noLayers();
  if (first.kind !== 'convolution' && first.kind !== 'fullyConnected') throw firstLayerTakesNoInput(first.kind);
  if (model.mainMemoryBytes > MAX_MAIN_MEMORY) throw tooMuchMainMemory(model.mainMemoryBytes, MAX_MAIN_MEMORY);
  model.layers.forEach((layer, index) => checkKpuRam(layer, nameOf(layer, index)));
  const work = model.layers.reduce((sum, layer) => sum + workOf(layer), 0);
  if (!(work <= MAX_WORK)) throw tooMuchWork(work, MAX_WORK);
}

/** How errors call a layer. */
export function nameOf(layer: KModelLayer, index: number): string {
  return `layer ${index} (${layer.kind})`;
}

/** What a convolution reads. */
export function inputOf({ registers }: Extract<KModelLayer, { kind: 'convolution' }>): MapShape {
  return { channels: registers.inputChannels, height: registers.inputHeight, width: registers.inputWidth };
}

/** What a convolution writes. */
export function outputOf({ registers }: Extract<KModelLayer, { kind: 'convolution' }>): MapShape {
  return { channels: registers.outputChannels, height: registers.outputHeight, width: registers.outputWidth };
}

/** Where a dense vector goes to become the input of a 1×1 convolution. */
export function paddedShape(channels: number): MapShape {
  return { channels, height: 4, width: 4 };
}

function checkKpuRam(layer: KModelLayer, where: string): void {
  switch (layer.kind) {
    case 'convolution': {
      const source = place(layer.registers.sourceLine, inputOf(layer), where);
      const destination = place(layer.registers.destinationLine, outputOf(layer), where);
      if (source.from < destination.to && destination.from < source.to) {
        throw mapsOverlap(where, rangeText(source), rangeText(destination));
      }
      return;
    }
    case 'addPadding':
      place(layer.destinationLine, paddedShape(layer.channels), where);
      return;
    case 'upload':
      place(layer.destinationLine, layer, where);
  }
}

interface LineRange {
  readonly from: number;
  /** Behind the last line. */
  readonly to: number;
}

function place(line: number, shape: MapShape, where: string): LineRange {
  const lines = linesOf(shape);
  if (!(line + lines <= KPU.lines)) throw outsideKpuRam(where, line, lines);
  return { from: line, to: line + lines };
}

function rangeText({ from, to }: LineRange): string {
  return `${from}–${to - 1}`;
}
