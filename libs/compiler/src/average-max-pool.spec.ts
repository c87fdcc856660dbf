import fc from 'fast-check';

import { Random } from '@graft/foundation';
import { readKModel, validateKModel, writeKModel } from '@graft/kmodel';
import type { QuantizedGraph, TailNode } from '@graft/quantization';
import { evaluateQuantized } from '@graft/quantization';
import { loadSimulator } from '@graft/simulator';

import { compile } from './compile';
import { memoryOverLayers } from './memory-over-layers';
import { randomBytes, randomQuantizedLayers } from './random-quantized-layers.fixture';

interface Recipe {
  readonly seed: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** One convolution, means and maxima of its map, and a dense layer over both. */
function classifier({ seed, channels, height, width }: Recipe): QuantizedGraph {
  const outline = { kind: 'convolution', outputs: channels, kernel: 1, stride: 1 } as const;
  const front = randomQuantizedLayers(seed, { channels: 3, height, width }, [outline]);
  const random = Random.of(seed, 'scores');
  const draw = (count: number) => new Float32Array(count).map(() => random.normal());
  const inputs = 2 * channels;
  const tail: TailNode[] = [
    { kind: 'globalAverageMaxPool', name: 'pool' },
    { kind: 'dense', name: 'scores', inputs, units: 3, weights: draw(3 * inputs), bias: draw(3), activation: 'linear' },
    { kind: 'softmax', name: 'softmax' },
  ];
  return { ...front, tail };
}

const recipes = fc.record({
  seed: fc.nat({ max: 1e6 }),
  channels: fc.integer({ min: 1, max: 70 }),
  height: fc.integer({ min: 4, max: 13 }),
  width: fc.integer({ min: 4, max: 40 }),
});

test('random maps are pooled by the simulator to the very floats of the quantized graph', () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      const graph = classifier(recipe);
      const file = writeKModel(compile(graph).model);
      expect(validateKModel(file).filter(({ severity }) => severity === 'error')).toEqual([]);
      let bytes: Uint8Array = new Uint8Array();
      let pooled: Float32Array = new Float32Array();
      const picture = randomBytes(recipe.seed, 3 * recipe.height * recipe.width);
      const [answer] = loadSimulator(file, { rounding: 'A' }).run(picture, (_, kind, values) => {
        if (kind === 'convolution') bytes = Uint8Array.from(values);
        if (kind === 'concat') pooled = new Float32Array(Uint8Array.from(values).buffer);
      });
      const { output } = graph.convolutions[0];
      const real = Array.from({ length: recipe.channels }, (_, channel) => {
        const area = recipe.height * recipe.width;
        const largest = Math.max(...bytes.subarray(channel * area, (channel + 1) * area));
        // Exact up to float32's last bits; which ones they are is the evaluator's affair, below.
        return (largest - output.zeroPoint) * output.scale;
      });
      pooled.subarray(recipe.channels).forEach((value, channel) => expect(value).toBeCloseTo(real[channel], 4));
      const alone = { name: 'tail', input: output, convolutions: [] };
      expect(pooled).toEqual(evaluateQuantized({ ...alone, tail: graph.tail.slice(0, 1) }, bytes));
      expect(answer).toEqual(evaluateQuantized({ ...alone, tail: graph.tail }, bytes));
    }),
    { numRuns: 60 },
  );
});

const SMALL = classifier({ seed: 3, channels: 6, height: 5, width: 7 });

test('the layers of the file are those of the firmware, the maxima taken of the bytes', () => {
  const { model, plan } = compile(SMALL);
  expect(model.layers.map(({ kind }) => kind)).toEqual([
    ...['convolution', 'dequantize', 'quantizedMaxPool', 'dequantize', 'globalAveragePool', 'concat'],
    ...['fullyConnected', 'softmax'],
  ]);
  const [bytes, floats] = plan.mainBuffers;
  expect(model.layers[2]).toMatchObject({
    ...{ input: bytes.address, inputWidth: 7, inputHeight: 5, inputChannels: 6 },
    ...{ outputWidth: 1, outputHeight: 1, outputChannels: 6, kernelWidth: 7, kernelHeight: 5 },
  });
  expect(model.layers[4]).toMatchObject({ input: floats.address, kernelSize: 35, channels: 6 });
  expect(readKModel(writeKModel(model))).toEqual(model);
});

test('over the layers, no two blocks of main memory lie over each other', () => {
  const compilation = compile(SMALL);
  const { layers, mainBuffers } = memoryOverLayers(compilation);
  expect(layers).toHaveLength(compilation.model.layers.length);
  mainBuffers.forEach((a, index) =>
    mainBuffers.slice(index + 1).forEach((b) => {
      const together = a.firstLayer <= b.lastLayer && b.firstLayer <= a.lastLayer;
      expect(together && a.start < b.start + b.size && b.start < a.start + a.size).toBe(false);
    }),
  );
});
