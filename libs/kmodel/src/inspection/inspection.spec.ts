import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ByteError } from '@graft/foundation';
import { kpuConvolution } from '@graft/testkit';
import fc from 'fast-check';

import { arbitraryConvolutions, arbitraryKModel } from '../arbitrary-kmodel';
import type { ConvolutionLayer, KModel, KModelLayer } from '../kmodel';
import { readKModel } from '../read';
import { writeAndPlace, writeKModel } from '../write';
import { inspectKModel } from './inspection';
import type { TensorInspection } from './inspection';
import { printInspection } from './print-inspection';

const FOLDER = join(__dirname, '../../fixtures/tiny-own');
const SHARED = join(__dirname, '../../../../../shared/fixtures/kmodel');
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
const tinyOwn = read(join(FOLDER, 'tiny-own.kmodel'));

/** UPDATE_GOLDEN=1 writes the file anew; its diff is part of the review. */
function golden(name: string, text: string): string {
  const path = join(FOLDER, name);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text);
  return readFileSync(path, 'utf8');
}

describe('tiny-own', () => {
  const inspection = inspectKModel(tinyOwn);

  test('gives the data beside it', () => {
    const text = `${JSON.stringify(inspection, null, 2)}\n`;
    expect(text).toBe(golden('expected.inspection.json', text));
  });

  test('reads as the page beside it', () => {
    const page = printInspection(inspection);
    expect(page).toBe(golden('expected.inspection.txt', page));
  });

  test('its data is the same after a way through JSON', () => {
    expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection);
  });
});

/** What stands in a few lines of text about a tensor, for tables of expectations. */
const short = ({ shape, range: { interval, zeroPoint, scale, toldBy } }: TensorInspection) => {
  const ends = interval === null ? null : [interval.min, interval.max].map((end) => Number(end.toPrecision(4)));
  return { shape: shape.join('×'), ends, zeroPoint, scaleKnown: scale !== null, toldBy };
};

/** Real files, which are not part of the repository. */
function testFile(file: string, title: string, check: (bytes: Uint8Array) => void): void {
  const path = join(SHARED, file);
  if (existsSync(path)) test(`${file}: ${title}`, () => check(read(path)));
  else test.skip(`${file}: ${title} (skipped: the shared fixture is absent)`, () => undefined);
}

describe('files of other tools', () => {
  testFile('poke_model.kmodel', 'is a MobileNet 0.75 whose scales are known where floats begin and end', (bytes) => {
    const inspection = inspectKModel(bytes);
    expect(inspection).toMatchObject({
      fileBytes: 1_964_232,
      weightBits: 8,
      mainMemoryBytes: 188_160,
      kpuRam: { statedFirstLine: 0, firstLine: 0, lastLine: 32767, peakBytes: 1_376_256 },
      outputs: [{ address: 188_144, size: 8 }],
    });
    const { layers } = inspection;
    expect(layers.filter(({ convolution }) => convolution?.depthwise === true)).toHaveLength(13);
    // 30 convolutions: each reads what the layer before it wrote, the first one the picture.
    for (const { index, kind, inputs } of layers) {
      expect({ index, writtenBy: inputs.map((input) => input.writtenBy) }).toEqual({ index, writtenBy: [[index - 1]] });
      expect(kind === 'convolution').toBe(inputs[0].place.memory === 'kpu');
    }
    // Pixel (2i, 2j) of the first convolution and of pointwise 2, 4, 6 and 12.
    const subsampled = layers.filter(({ convolution }) => convolution?.pool.code === 5).map(({ index }) => index);
    expect(subsampled).toEqual([0, 4, 8, 12, 24]);
    // 768 outputs of 384 bytes, 80 of them in a load.
    expect(layers[24].convolution?.weights).toMatchObject({ bytes: 294_912, loads: 10, bytesPerLoad: 30_720 });
    expect(short(layers[0].inputs[0])).toMatchObject({ zeroPoint: 0, scaleKnown: false, toldBy: 0 });
    expect(short(layers[13].inputs[0])).toEqual({ shape: '384×14×14', ends: null, zeroPoint: 0, scaleKnown: false, toldBy: 13 }); // prettier-ignore
    expect(short(layers[26].outputs[0])).toEqual({ shape: '768×7×7', ends: [0, 6], zeroPoint: 0, scaleKnown: true, toldBy: 27 }); // prettier-ignore
    // From quantize through the padding into the dense layer on the KPU; back from dequantize through remove padding.
    expect(short(layers[31].inputs[0])).toMatchObject({ ends: [0, 4.107], scaleKnown: true, toldBy: 29 });
    expect(short(layers[33].outputs[0])).toMatchObject({ ends: [-3.26, 2.245], scaleKnown: true, toldBy: 35 });
    expect(inspection.findings.map(({ rule }) => rule)).toEqual(Array(30).fill('activation-even'));
    expect(printInspection(inspection)).toContain('… and 27 more of activation-even');
  });

  testFile('mnist.kmodel', 'has two max-pooled convolutions and dense layers on both sides', (bytes) => {
    const { layers, macs, weightBytes } = inspectKModel(bytes);
    const pools = layers.flatMap(({ convolution }) => (convolution === null ? [] : [convolution.pool.name]));
    expect(pools).toEqual(['max 2×2', 'max 2×2', 'none']);
    // 1·16·9·28² + 16·32·9·14² + 32·10·4²; 1·16·9 + 16·32·9 + 32·10
    expect([macs, weightBytes]).toEqual([112_896 + 903_168 + 5_120, 144 + 4_608 + 320]);
    const [, , , , dense, quantize] = layers;
    expect(short(dense.outputs[0]).ends).toEqual([0, 272.3]);
    expect(quantize.settings).toEqual({ scale: expect.closeTo(0.04375, 4), bias: 0 });
    expect(layers[4].outputs[0].place).toEqual({ memory: 'main', address: 7712, bytes: 128 });
  });

  testFile('iris.kmodel', 'begins with floats of which nothing is known', (bytes) => {
    const inspection = inspectKModel(bytes);
    expect(inspection.kpuRam).toEqual({ statedFirstLine: 32768, firstLine: null, lastLine: null, peakBytes: 0 });
    expect(inspection.layers.map(({ inputs }) => inputs[0].writtenBy)).toEqual([[-1], [0]]);
    expect(inspection.layers.map(({ outputs }) => short(outputs[0]).ends)).toEqual([null, null]);
    expect(inspection.findings.map(({ rule }) => rule)).toEqual(['trailing-shortfall']);
    expect(printInspection(inspection)).toMatch(/KPU RAM +not in use/);
  });
});

const convolution = (changes: Partial<ConvolutionLayer['registers']>, flags = 0, mainOut = 0): ConvolutionLayer => {
  const registers = { depthwise: false, destinationLine: 100, inputChannels: 4, outputChannels: 4, ...changes };
  const layer = kpuConvolution(registers);
  return { ...layer, flags, mainOut, weights: layer.weights.map((_, index) => index) };
};

const modelOf = (...layers: KModelLayer[]): KModel => ({
  weightBits: 8,
  maxStartAddress: 0,
  mainMemoryBytes: 1024,
  outputs: [],
  layers,
});

const inspected = (...layers: KModelLayer[]) => inspectKModel(writeKModel(modelOf(...layers))).layers;

describe('what a tensor means', () => {
  const dequantize = { kind: 'dequantize', flags: 1, count: 64, scale: 0.5, bias: -8 } as const;

  test('a map that two runs wrote side by side is read as what both of them wrote', () => {
    const layers = inspected(
      convolution({ destinationLine: 100 }),
      convolution({ destinationLine: 104 }),
      convolution({ sourceLine: 100, destinationLine: 200, inputChannels: 8, argW: -7, shiftW: 1 }),
    );
    expect(layers[2].inputs[0]).toMatchObject({ shape: [8, 4, 4], writtenBy: [0, 1] });
    for (const { outputs } of layers.slice(0, 2)) {
      expect(outputs[0].range).toEqual({ interval: null, zeroPoint: 3.5, scale: null, toldBy: 2 });
    }
  });

  test('a scale is believed over a zero point, for the copy in KPU RAM as well', () => {
    const layers = inspected(
      convolution({}, 1, 512),
      { ...dequantize, input: 512, output: 0 },
      convolution({ sourceLine: 100, destinationLine: 200, argW: -15 }),
    );
    const known = { interval: { min: -8, max: 119.5 }, zeroPoint: 16, scale: 0.5, toldBy: 1 };
    expect(layers[0].outputs.map(({ range }) => range)).toEqual([known, known]);
    expect(layers[2].inputs[0].range).toEqual(known);
  });

  test('what was overwritten is not taken for what it was', () => {
    const layers = inspected(
      convolution({}, 1, 512),
      convolution({ destinationLine: 102 }),
      convolution({ sourceLine: 100, destinationLine: 200 }),
    );
    expect(layers[2].inputs[0]).toMatchObject({ writtenBy: [], range: { zeroPoint: null, toldBy: null } });
  });

  test('a layer that reads what nobody wrote is shown with a question mark', () => {
    const bytes = writeKModel(
      modelOf(convolution({}), { kind: 'add', flags: 0, inputA: 0, inputB: 64, output: 128, count: 4 }),
    );
    expect(printInspection(inspectKModel(bytes))).toMatch(/^1 +add +\? \+ \? +\?$/m);
  });

  test.each([Number.NaN, 0, Infinity])('a scale of %d tells nothing', (scale) => {
    const layers = inspected(convolution({}, 1, 512), { ...dequantize, scale, input: 512, output: 0 });
    expect(layers[0].outputs[0].range.scale).toBeNull();
    expect(JSON.stringify(layers)).not.toContain('NaN');
  });
});

describe('bounds of a convolution', () => {
  test('are met by the pictures that are worst for them, and by no picture exceeded', () => {
    const weight = fc.integer({ min: 0, max: 255 });
    const numbers = fc.record({
      argX: fc.integer({ min: -300, max: 300 }),
      argW: fc.integer({ min: -300, max: 300 }),
      argAdd: fc.integer({ min: -(2 ** 20), max: 2 ** 20 }),
      shiftX: fc.integer({ min: 0, max: 2 }),
      shiftW: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.tuple(weight, weight, weight), numbers, (weights, registers) => {
        const { argX, argW, argAdd, shiftX, shiftW } = registers;
        const layer = convolution({ ...registers, inputChannels: 3, outputChannels: 1 });
        const [{ convolution: found }] = inspected({ ...layer, weights: Uint8Array.from(weights) });
        const constant = Math.floor((argW * (weights[0] + weights[1] + weights[2])) / 2 ** shiftW) + 3 * argAdd;
        // The sum is linear in each byte: the ends lie at bytes of 0 and 255.
        const sums = Array.from({ length: 8 }, (_, bits) => {
          const x = weights.map((_weight, tap) => ((bits >> tap) & 1) * 255);
          const products = weights.reduce((sum, one, tap) => sum + one * x[tap], 0);
          return products + Math.floor((argX * (x[0] + x[1] + x[2])) / 2 ** shiftX) + constant;
        });
        const { min = NaN, max = NaN } = found?.sums ?? {};
        expect(min).toBeLessThanOrEqual(Math.min(...sums));
        expect(max).toBeGreaterThanOrEqual(Math.max(...sums));
        // Loose by what the shift drops.
        expect(Math.min(...sums) - min).toBeLessThanOrEqual(2);
        expect(max - Math.max(...sums)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('that need more than 36 bits are told with their bits', () => {
    const [{ convolution: found }] = inspected(convolution({ argAdd: 2 ** 34 }));
    expect(found?.sums.bits).toBe(38);
  });
});

describe('any model', () => {
  test('is inspected and printed, and its bodies are where the writer put them', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryKModel, arbitraryConvolutions), (model) => {
        const { bytes, bodies } = writeAndPlace(model);
        const inspection = inspectKModel(bytes);
        expect(inspection.layers.map(({ body }) => body)).toEqual(bodies);
        expect(inspection.layers.map(({ kind }) => kind)).toEqual(readKModel(bytes).layers.map(({ kind }) => kind));
        const page = printInspection(inspection);
        expect(page).not.toMatch(/undefined|NaN|\[object/);
        expect(page.endsWith('\n')).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('of nothing but tiny layers costs no more than its size', () => {
    const tiny = Array.from({ length: 20_000 }, (_, index): KModelLayer => {
      return { kind: 'softmax', flags: 0, input: 16 * index, output: 16 * index + 8, channels: 1 };
    });
    expect(inspected(convolution({}), ...tiny)).toHaveLength(20_001);
  });

  test('of another version is refused with E351', () => {
    const later = tinyOwn.slice();
    later.set([0x4c, 0x44, 0x4d, 0x4b, 5, 0, 0, 0]);
    expect(() => inspectKModel(later)).toThrow(ByteError);
    expect(() => inspectKModel(later)).toThrow(expect.objectContaining({ code: 'E351', offset: 4 }));
  });
});
