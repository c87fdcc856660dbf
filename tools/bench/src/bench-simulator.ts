import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inspectKModel, readKModel, writeKModel } from '@graft/kmodel';
import type { ConvolutionLayer } from '@graft/kmodel';
import { loadSimulator } from '@graft/simulator';
// Behind the library's door: the plain definition of a convolution, which nothing but its tests and this uses.
import { referenceConvolution } from '../../../libs/simulator/src/reference-convolution';
import { measure } from './measure';
import type { Runs } from './measure';
import { noise } from './noise';
import type { Result } from './result';

const REPOSITORY = resolve(__dirname, '../../..');
const TINY = join(REPOSITORY, 'libs/kmodel/fixtures/tiny-own/tiny-own.kmodel');
/** MobileNet 0.75 at 224×224, made by another compiler; not part of the repository. */
const FOREIGN = join(REPOSITORY, '../shared/fixtures/kmodel/poke_model.kmodel');

export interface ModelFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Ours, and the foreign one where it lies beside the repository. */
export function modelFiles(): ModelFile[] {
  return [TINY, FOREIGN]
    .filter((path) => existsSync(path))
    .map((path) => ({ name: path.slice(path.lastIndexOf('/') + 1), bytes: readFileSync(path) }));
}

/** Whole pictures through the simulator; beside it, the same convolutions by their plain definition. */
export async function benchSimulator({ name, bytes }: ModelFile, runs: Runs): Promise<Result> {
  const simulator = loadSimulator(bytes);
  const { channels, height, width } = simulator.input;
  const picture = noise(channels * height * width);
  const ours = await measure(runs, () => simulator.run(picture));
  const { layers, weightBits } = readKModel(bytes);
  const convolutions = layers.filter((layer): layer is ConvolutionLayer => layer.kind === 'convolution');
  const inputs = convolutions.map(({ registers }) =>
    noise(registers.inputChannels * registers.inputHeight * registers.inputWidth),
  );
  const definition = (): void =>
    convolutions.forEach((layer, index) => referenceConvolution(inputs[index], layer, weightBits, 'A'));
  const timing = await measure(ours.median > SLOW_MS ? ONCE : runs, definition);
  const peer = { name: 'plain definition, convolutions only', timing };
  return { what: `simulate ${name}${goalOf(bytes)}`, ours, amount: 1, unit: 'ms/picture', peer };
}

/** A picture a second in one thread, for a network of half a billion products. Small ones have no goal. */
const GOAL = { products: 5e8, msPerPicture: 1000 } as const;

function goalOf(bytes: Uint8Array): string {
  return inspectKModel(bytes).macs >= GOAL.products ? ` (goal: ${GOAL.msPerPicture})` : '';
}

/** The same model with the same weights in 16 bits, which give the same bytes; beside it, in 8 bits. */
export async function benchWideWeights({ name, bytes }: ModelFile, runs: Runs): Promise<Result> {
  const [wide, narrow] = [inSixteenBits(bytes), bytes].map((file) => loadSimulator(file));
  const { channels, height, width } = narrow.input;
  const picture = noise(channels * height * width);
  const ours = await measure(runs, () => wide.run(picture));
  const peer = { name: 'the same in 8 bits', timing: await measure(runs, () => narrow.run(picture)) };
  return { what: `simulate ${name} in 16 bits`, ours, amount: 1, unit: 'ms/picture', peer };
}

function inSixteenBits(bytes: Uint8Array): Uint8Array {
  const model = readKModel(bytes);
  const layers = model.layers.map((layer) =>
    layer.kind === 'convolution'
      ? { ...layer, weights: new Uint8Array(Uint16Array.from(layer.weights).buffer) }
      : layer,
  );
  return writeKModel({ ...model, weightBits: 16, layers });
}

/** The definition takes about a hundred times as long; where that is long, one run tells enough. */
const SLOW_MS = 50;
const ONCE: Runs = { warmUp: 0, runs: 1 };
