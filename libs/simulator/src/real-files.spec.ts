import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sha256 } from '@graft/foundation';
import { readKModel, writeKModel } from '@graft/kmodel';
import { sizeOf } from '@graft/tensor';

import { loadSimulator } from './simulator';
import type { Simulator } from './simulator';

const FOLDER = join(__dirname, '../../../../shared/fixtures/kmodel');
const read = (file: string) => new Uint8Array(readFileSync(join(FOLDER, file)));
const readJson = (file: string): unknown => JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));

/** Real models and the answers of simulators of other makers, which are not part of the repository. */
function describeWith(files: readonly string[], title: string, body: () => void): void {
  if (files.every((file) => existsSync(join(FOLDER, file)))) describe(title, body);
  else test.skip(`${title} (skipped: the shared fixtures are absent)`, () => undefined);
}

function runHashed(simulator: Simulator, picture: Uint8Array) {
  const hashes: string[] = [];
  const outputs = simulator.run(picture, (_, kind, output) => {
    if (kind === 'convolution') hashes.push(sha256(new Uint8Array(output)));
  });
  return { hashes, outputs };
}

function expectClose(outputs: readonly Float32Array[], expected: readonly (readonly number[])[]): void {
  expect(outputs.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  const distances = outputs.flatMap((output, index) =>
    [...output].map((value, at) => Math.abs(value - expected[index][at])),
  );
  expect(Math.max(...distances)).toBeLessThan(1e-6);
}

interface Golden {
  readonly inputSha256: string;
  readonly convOutputSha256: readonly string[];
  readonly output: readonly (readonly number[])[];
}

/** Value of a pixel by channel, row and column. */
type Pixel = (c: number, y: number, x: number) => number;

function pictureOf({ input }: Simulator, pixel: Pixel): Uint8Array {
  const values: number[] = [];
  for (let c = 0; c < input.channels; c++) {
    for (let y = 0; y < input.height; y++) for (let x = 0; x < input.width; x++) values.push(pixel(c, y, x) & 255);
  }
  return Uint8Array.from(values);
}

/** s ← 1664525·s + 1013904223 mod 2³², from 1 on; the byte is s >> 24. */
function noise({ input }: Simulator): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: sizeOf(input) }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

describeWith(['poke_model.kmodel', 'poke_model.golden.json'], 'MobileNet 0.75 at 224×224 with 37 layers', () => {
  test.each<[string, (simulator: Simulator) => Uint8Array]>([
    ['constant-128', (simulator) => pictureOf(simulator, () => 128)],
    ['ramp', (simulator) => pictureOf(simulator, (c, y, x) => 85 * c + 3 * y + 7 * x)],
    ['lcg-1', noise],
  ])('gives the recorded bytes of all 30 convolutions for the picture %s', (name, pictureFor) => {
    const golden = (readJson('poke_model.golden.json') as Readonly<Record<string, Golden>>)[name];
    const simulator = loadSimulator(read('poke_model.kmodel'));
    const picture = pictureFor(simulator);
    expect(sha256(picture)).toBe(golden.inputSha256);
    const { hashes, outputs } = runHashed(simulator, picture);
    expect(hashes).toEqual(golden.convOutputSha256);
    expectClose(outputs, golden.output);
  });
});

interface WholeModel {
  readonly inputSha256: string;
  readonly halfUp: WholeModelAnswer;
  readonly halfEven: WholeModelAnswer;
}

interface WholeModelAnswer {
  readonly convLayers: readonly { readonly sha256: string }[];
  readonly outputs: readonly (readonly number[])[];
}

describeWith(
  ['poke_model.kmodel', 'mnist.kmodel', 'vectors/whole-model.json'],
  'whole models in both roundings',
  () => {
    test.each([
      ['poke_model.kmodel', 'poke-mobilenet-v3', 'A', 'halfUp'],
      ['poke_model.kmodel', 'poke-mobilenet-v3', 'B', 'halfEven'],
      ['mnist.kmodel', 'mnist-v3', 'A', 'halfUp'],
      ['mnist.kmodel', 'mnist-v3', 'B', 'halfEven'],
    ] as const)('%s (%s) in rounding %s gives the recorded bytes', (file, name, rounding, variant) => {
      const { models } = readJson('vectors/whole-model.json') as { models: Readonly<Record<string, WholeModel>> };
      const simulator = loadSimulator(read(file), { rounding });
      const picture = pictureOf(simulator, (c, y, x) => x * (3 + c) + y * (5 - c) + Math.floor((x * y) / 16) * (c + 1));
      expect(sha256(picture)).toBe(models[name].inputSha256);
      const { hashes, outputs } = runHashed(simulator, picture);
      expect(hashes).toEqual(models[name][variant].convLayers.map((layer) => layer.sha256));
      expectClose(outputs, models[name][variant].outputs);
    });
  },
);

describeWith(['poke_model.kmodel', 'mnist.kmodel'], 'weights in 16 bits', () => {
  test.each(['poke_model.kmodel', 'mnist.kmodel'])('%s gives the same bytes when they are written so', (file) => {
    const model = readKModel(read(file));
    const layers = model.layers.map((layer) =>
      layer.kind === 'convolution'
        ? { ...layer, weights: new Uint8Array(Uint16Array.from(layer.weights).buffer) }
        : layer,
    );
    const [narrow, wide] = [read(file), writeKModel({ ...model, weightBits: 16, layers })].map((bytes) => {
      const simulator = loadSimulator(bytes);
      return runHashed(simulator, noise(simulator));
    });
    expect(wide).toEqual(narrow);
  });
});
