import { evaluate } from '@graft/model';
import type { Graph } from '@graft/model';
import { silent } from '@graft/foundation';
import { evaluateQuantized, quantizeGraph } from '@graft/quantization';
import type { QuantizedNetwork, QuantizeOptions } from '@graft/quantization';

import type { ExportedFile } from '../exported-file';
import {
  cardFor,
  largestDifference,
  planes,
  randomNetwork,
  randomPicture,
  withActivation,
} from '../random-network.fixture';
import { readModel } from './read-model';
import { runModel } from './run-model.fixture';
import { CARD_NAME, writeTflite } from './write-tflite';

const HIDDEN = { head: [{ type: 'dense', units: 5, activation: 'relu' }] } as const;
const LEAKY = { kind: 'leaky_relu', alpha: 0.3 };
/** Enough of a network for what stands behind it. */
const SMALL = { output: 'conv_pw_2_relu', input: { height: 16, width: 16 } } as const;
const hidden = (activation: unknown) =>
  withActivation(randomNetwork(4, { ...SMALL, ...HIDDEN }), 'dense_1_relu', activation);

const float = (graph: Graph) => writeTflite(graph, { card: cardFor(graph), name: 'tiny', float32: true, int8: null });
const int8 = (graph: Graph, { graph: quantized, tail }: Pick<QuantizedNetwork, 'graph' | 'tail'>) =>
  writeTflite(graph, { card: cardFor(graph), name: 'tiny', float32: false, int8: { graph: quantized, ranges: tail } });

const quantize = (graph: Graph, change: Partial<QuantizeOptions> = {}) =>
  quantizeGraph(graph, {
    calibration: [1, 2, 3, 4].map((seed) => planes(randomPicture(seed, graph.input))),
    ...{ method: 'minmax', percentile: 99.99, biasCorrection: true, roundingSearch: false, channelScales: false },
    ...{ report: silent, signal: new AbortController().signal },
    ...change,
  });

/** What a file answers to a picture, as real numbers, and all that it computes on the way. */
function answer([{ bytes }]: readonly ExportedFile[], picture: Uint8Array) {
  const model = readModel(bytes);
  const tensors = runModel(model, picture);
  const { name, quantization } = model.tensors[model.outputs[0]];
  const [scale, zero] = [Number(quantization?.scales[0] ?? 1), Number(quantization?.zeroPoints[0] ?? 0)];
  const last = tensors.get(name) ?? new Float64Array();
  return { tensors, probabilities: last.map((value) => (value - zero) * scale) };
}

describe('float32', () => {
  test.each([
    ['no hidden layer', randomNetwork(1)],
    ['means and maxima', randomNetwork(2, { ...SMALL, pooling: 'avg_max' })],
    ['another normalization', randomNetwork(6, { ...SMALL, encoding: { scale: 1 / 255, offset: 0 } })],
    ['a hidden layer with relu', hidden('relu')],
    ['a hidden layer with relu6', hidden('relu6')],
    ['a hidden layer with sigmoid', hidden('sigmoid')],
    ['a hidden layer with tanh', hidden('tanh')],
    ['a hidden layer with hard swish', hidden('hard_swish')],
    ['a hidden layer with leaky relu', hidden(LEAKY)],
    ['a linear hidden layer', hidden('linear')],
  ])('a file with %s, read back, answers as the network does', (_, graph) => {
    const picture = randomPicture(1, graph.input);
    const { probabilities } = answer(float(graph), picture);
    expect(largestDifference(probabilities, evaluate(graph, planes(picture)))).toBeLessThan(1e-5);
  });

  test('a batch norm that no convolution takes is refused (E841)', () => {
    const graph = randomNetwork(1);
    const norm = graph.nodes.find(({ kind }) => kind === 'batchNorm');
    const nodes = norm === undefined ? [] : [{ ...norm, name: 'alone' } as const, ...graph.nodes];
    const three = <T extends object>(node: T): T =>
      Object.fromEntries(
        Object.entries(node).map(([key, value]) => [key, value instanceof Float32Array ? value.subarray(0, 3) : value]),
      ) as T;
    expect(() => float({ ...graph, nodes: nodes.map((node) => (node.name === 'alone' ? three(node) : node)) })).toThrow(
      expect.objectContaining({ code: 'E841' }),
    );
  });
});

describe('int8', () => {
  test.each([
    ['no hidden layer', randomNetwork(1), {}],
    ['scales of channels', randomNetwork(1, SMALL), { channelScales: true }],
    ['searched roundings', randomNetwork(3, SMALL), { roundingSearch: true }],
    ['zero point 0 of the picture', randomNetwork(6, { ...SMALL, encoding: { scale: 1 / 255, offset: 0 } }), {}],
  ] as const)(
    'every map of a file with %s is that of the quantized network to a few steps',
    async (_, graph, change) => {
      const quantized = await quantize(graph, change);
      const picture = randomPicture(9, graph.input);
      const { tensors } = answer(int8(graph, quantized), picture);
      let [values, alike] = [0, 0];
      evaluateQuantized(quantized.graph, planes(picture), ({ name, output: { channels } }, bytes) => {
        const area = bytes.length / channels;
        const steps = tensors.get(name) ?? new Float64Array();
        bytes.forEach((byte, at) => {
          const step = steps[(at % area) * channels + Math.floor(at / area)] + 128;
          values++;
          if (step === byte) alike++;
          // A layer rounds one step otherwise at ties, and those that follow see that.
          else expect(Math.abs(step - byte)).toBeLessThanOrEqual(name === 'conv1' ? 1 : 4);
        });
      });
      expect(values).toBeGreaterThan(2_000);
      expect(alike / values).toBeGreaterThan(0.9);
    },
  );

  test.each([
    ['no hidden layer', randomNetwork(1)],
    ['means and maxima', randomNetwork(2, { ...SMALL, pooling: 'avg_max' })],
    ['a hidden layer with relu', hidden('relu')],
    ['a hidden layer with relu6', hidden('relu6')],
    ['a hidden layer with sigmoid', hidden('sigmoid')],
    ['a hidden layer with tanh', hidden('tanh')],
    ['a hidden layer with hard swish', hidden('hard_swish')],
    ['a hidden layer with leaky relu', hidden(LEAKY)],
  ])('a file with %s answers nearly as the quantized network does', async (_, graph) => {
    const quantized = await quantize(graph);
    for (const seed of [1, 9]) {
      const picture = randomPicture(seed, graph.input);
      const { probabilities } = answer(int8(graph, quantized), picture);
      expect(largestDifference(probabilities, evaluateQuantized(quantized.graph, planes(picture)))).toBeLessThan(0.1);
    }
  });

  test.each(['relu', 'sigmoid'])(
    'dense layers that the KPU computes in bytes come along, with %s',
    async (activation) => {
      const graph = hidden(activation);
      const quantized = await quantize(graph, { denseOnKpu: { layers: 1, mayFallBack: false } });
      expect(quantized.graph.tail.map(({ kind }) => kind)).toContain('quantizedDense');
      const picture = randomPicture(1, graph.input);
      const { probabilities } = answer(int8(graph, quantized), picture);
      expect(largestDifference(probabilities, evaluateQuantized(quantized.graph, planes(picture)))).toBeLessThan(0.1);
    },
  );

  test('bytes go in and out, and the file says what they mean', async () => {
    const graph = randomNetwork(1, SMALL);
    const model = readModel(int8(graph, await quantize(graph))[0].bytes);
    const ends = [model.inputs[0], model.outputs[0]].map((place) => model.tensors[place]);
    expect(ends.map(({ type }) => type)).toEqual(['uint8', 'uint8']);
    expect(ends.map(({ quantization }) => quantization?.zeroPoints)).toEqual([[128], [0]]);
    expect(ends[0].quantization?.scales[0]).toBeCloseTo(1 / 127.5, 9);
    expect(ends[1].quantization?.scales).toEqual([1 / 256]);
    const maps = model.tensors.filter(({ data, type }) => data === undefined && type !== 'uint8');
    expect(new Set(maps.map(({ type }) => type))).toEqual(new Set(['int8']));
  });

  test('weights are symmetric in −127 … 127, biases have the scale of input times weights', async () => {
    const graph = randomNetwork(1, SMALL);
    const { tensors, operators } = readModel(int8(graph, await quantize(graph))[0].bytes);
    const layers = operators.filter(({ operation }) => /conv2d/i.test(operation.kind));
    expect(layers.length).toBeGreaterThan(4);
    for (const { inputs, version } of layers) {
      const [input, weights, bias] = inputs.map((place) => tensors[place]);
      const steps = new Int8Array(Uint8Array.from(weights.data ?? []).buffer);
      expect(Math.min(...steps)).toBeGreaterThanOrEqual(-127);
      expect(Array.from(weights.quantization?.zeroPoints ?? [1]).every((zero) => zero === 0)).toBe(true);
      const expected = Array.from(
        weights.quantization?.scales ?? [],
        (scale) => scale * Number(input.quantization?.scales[0]),
      );
      expect(largestDifference(bias.quantization?.scales ?? [], expected)).toBeLessThan(1e-9);
      expect(version).toBe(3);
    }
  });

  test('weights around another byte than 128 are refused (E842)', async () => {
    const graph = randomNetwork(1, SMALL);
    const quantized = await quantize(graph, { method: 'nncase-0.1' });
    expect(() => int8(graph, quantized)).toThrow(expect.objectContaining({ code: 'E842' }));
  });

  test('a convolution with a curved activation is refused (E843)', async () => {
    const graph = withActivation(randomNetwork(1, SMALL), 'conv_pw_1_relu', 'tanh');
    const quantized = await quantize(graph);
    expect(() => int8(graph, quantized)).toThrow(expect.objectContaining({ code: 'E843' }));
  });

  test('a tail without measured ranges is refused (E844)', async () => {
    const graph = randomNetwork(1, SMALL);
    const { graph: quantized } = await quantize(graph);
    expect(() => int8(graph, { graph: quantized, tail: [] })).toThrow(expect.objectContaining({ code: 'E844' }));
  });
});

describe('around the network', () => {
  test('the card stands in the file and beside it, with the encodings of each file; labels are lines', async () => {
    const graph = randomNetwork(1, SMALL);
    const { graph: quantized, tail } = await quantize(graph);
    const options = { card: cardFor(graph), name: 'tiny', float32: true, int8: { graph: quantized, ranges: tail } };
    const files = writeTflite(graph, options);
    expect(files.map(({ path }) => path)).toEqual([
      'tiny-float32.tflite',
      'tiny-int8.tflite',
      'labels.txt',
      'tiny.json',
    ]);
    const texts = files.map(({ bytes }) => Buffer.from(bytes).toString('utf8'));
    for (const { bytes } of files.slice(0, 2))
      expect(JSON.parse(Buffer.from(readModel(bytes).metadata[CARD_NAME]).toString('utf8'))).toEqual(cardFor(graph));
    expect(texts[2]).toBe('blue\nred\ngrün\n');
    expect(JSON.parse(texts[3])).toMatchObject({
      ...cardFor(graph),
      files: {
        'tiny-float32.tflite': { input: { name: 'image', type: 'float32' } },
        'tiny-int8.tflite': { input: { type: 'uint8', zeroPoint: 128 }, output: { scale: 1 / 256, zeroPoint: 0 } },
      },
    });
  });

  test('the file is marked TFL3 and every constant lies at a multiple of 16 bytes', () => {
    const [{ bytes }] = float(randomNetwork(1, SMALL));
    expect(Buffer.from(bytes.subarray(4, 8)).toString('latin1')).toBe('TFL3');
    const constants = readModel(bytes).tensors.flatMap(({ data }) => data ?? []);
    expect(constants.length).toBeGreaterThan(10);
    expect(constants.filter(({ byteOffset }) => (byteOffset - bytes.byteOffset) % 16 !== 0)).toEqual([]);
  });

  test('equal networks give equal bytes', async () => {
    const graph = randomNetwork(1, SMALL);
    const quantized = await quantize(graph);
    expect(int8(graph, quantized)).toEqual(int8(graph, quantized));
    expect(float(graph)).toEqual(float(graph));
  });

  test('labels that do not fit the outputs are refused (E802)', () => {
    expect(() => float(randomNetwork(1, { ...SMALL, classes: 2 }))).toThrow(expect.objectContaining({ code: 'E802' }));
  });
});
