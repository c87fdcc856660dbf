import { reachesMainMemory, readKModel } from '@graft/kmodel';
import type { ConvolutionLayer, KModel, KModelLayer, LayerKind } from '@graft/kmodel';
import { sizeOf } from '@graft/tensor';
import type { MapShape } from '@graft/tensor';

import type { Rounding } from './activation';
import { checkModel, inputOf, nameOf, outputOf, paddedShape } from './check';
import { runCpuLayer } from './cpu-layers';
import { wrongInput } from './errors';
import { createFastConvolution } from './fast-convolution';
import type { Convolution } from './fast-convolution';
import { KpuRam, MainMemory } from './memory';
import { Scratch } from './scratch';

export interface SimulatorOptions {
  /** How the activation rounds a tie: `A` up (default), `B` to even. The two reference simulators differ in it. */
  readonly rounding?: Rounding;
}

/**
 * Hears of every layer after it ran. A convolution's output is dense (channel, row, column), after pooling; the array
 * is valid during the call only.
 */
export type LayerObserver = (layerIndex: number, kind: LayerKind, output: Uint8Array | Float32Array) => void;

export interface Simulator {
  readonly input: MapShape;
  /** `bytes` for a picture; `floats` where the first layer is fully connected. */
  readonly inputType: 'bytes' | 'floats';
  /**
   * Runs the model on one input (channel, row, column). Runs do not see each other: memory is all zeros at the start.
   * @returns one array per output of the model. @throws GraftError E360, E362, E364
   */
  run(planes: Uint8Array | Float32Array, observe?: LayerObserver): Float32Array[];
}

/**
 * Gets a kmodel ready to run. What the KPU would answer, to the byte; the CPU layers in single precision.
 * @throws ByteError E350 … E354 for bytes that are no kmodel; GraftError E361 … E363, E365 for a model no board could run.
 */
export function loadSimulator(bytes: Uint8Array, options: SimulatorOptions = {}): Simulator {
  const model = readKModel(bytes);
  checkModel(model);
  const rounding = options.rounding ?? 'A';
  const scratch = new Scratch();
  const convolutions = model.layers.map((layer) =>
    layer.kind === 'convolution' ? createFastConvolution(layer, model.weightBits, rounding, scratch) : undefined,
  );
  const { shape, type } = inputPort(model.layers[0]);
  return {
    input: shape,
    inputType: type,
    run(planes, observe = ignore) {
      checkInput(planes, shape, type);
      return new Run(model, convolutions, observe).start(planes);
    },
  };
}

const ignore: LayerObserver = () => undefined;

/** `checkModel` lets only these two kinds be first. */
function inputPort(first: KModelLayer): { readonly shape: MapShape; readonly type: 'bytes' | 'floats' } {
  switch (first.kind) {
    case 'convolution':
      return { shape: inputOf(first), type: 'bytes' };
    case 'fullyConnected':
      return { shape: { channels: first.inputChannels, height: 1, width: 1 }, type: 'floats' };
    default:
      throw new Error(`internal: ${first.kind} takes no input`);
  }
}

function checkInput(planes: Uint8Array | Float32Array, shape: MapShape, type: 'bytes' | 'floats'): void {
  const given = planes instanceof Float32Array ? 'floats' : 'bytes';
  if (given === type && planes.length === sizeOf(shape)) return;
  const { channels, height, width } = shape;
  throw wrongInput(`${sizeOf(shape)} ${type} (${channels}×${height}×${width})`, `${planes.length} ${given}`);
}

/** One pass through the layers, with memory of its own. */
class Run {
  private readonly ram = new KpuRam();
  private readonly memory: MainMemory;

  constructor(
    private readonly model: KModel,
    private readonly convolutions: readonly (Convolution | undefined)[],
    private readonly observe: LayerObserver,
  ) {
    this.memory = new MainMemory(model.mainMemoryBytes);
  }

  start(planes: Uint8Array | Float32Array): Float32Array[] {
    const { layers, outputs } = this.model;
    this.feed(layers[0], planes);
    layers.forEach((layer, index) => this.observe(index, layer.kind, this.runLayer(layer, index)));
    return outputs.map(({ address, size }, index) =>
      this.memory.floats(`output ${index}`, address, Math.floor(size / 4)).slice(),
    );
  }

  /** Puts the input where the first layer reads it, as the runtime does. */
  private feed(first: KModelLayer, planes: Uint8Array | Float32Array): void {
    if (first.kind === 'convolution' && planes instanceof Uint8Array) {
      this.ram.store(first.registers.sourceLine, inputOf(first), planes);
    } else if (first.kind === 'fullyConnected') {
      this.memory.floats(nameOf(first, 0), first.input, first.inputChannels).set(planes);
    }
  }

  private runLayer(layer: KModelLayer, index: number): Uint8Array | Float32Array {
    const where = nameOf(layer, index);
    switch (layer.kind) {
      case 'convolution':
        return this.convolve(layer, index, where);
      case 'upload': {
        const bytes = this.memory.bytes(where, layer.input, sizeOf(layer));
        this.ram.store(layer.destinationLine, layer, bytes);
        return bytes;
      }
      case 'addPadding': {
        const pixels = this.memory.bytes(where, layer.input, layer.channels);
        this.ram.storePixels(layer.destinationLine, paddedShape(layer.channels), pixels);
        return pixels;
      }
      default:
        return runCpuLayer(layer, this.memory, where);
    }
  }

  private convolve(layer: ConvolutionLayer, index: number, where: string): Uint8Array {
    const convolution = this.convolutions[index];
    if (convolution === undefined) throw new Error(`internal: ${where} was not prepared`);
    const output = convolution(this.ram.load(layer.registers.sourceLine, inputOf(layer)));
    this.ram.store(layer.registers.destinationLine, outputOf(layer), output);
    if (reachesMainMemory(layer)) {
      // The transfer goes in units of 8 bytes; what follows the map in the last one is not specified, here zeros.
      const target = this.memory.bytes(where, layer.mainOut, Math.ceil(output.length / 8) * 8);
      target.fill(0);
      target.set(output);
    }
    return output;
  }
}
