import { silent } from '@graft/foundation';
import type { Graph } from '@graft/model';
import { evaluateQuantized, quantizeGraph } from '@graft/quantization';
import type { QuantizedGraph, QuantizeOptions } from '@graft/quantization';

import { decode } from '../protobuf/message';
import {
  cardFor,
  largestDifference,
  planes,
  randomNetwork,
  randomPicture,
  withActivation,
} from '../random-network.fixture';
import { describeWithRuntime } from './onnx-runtime.fixture';
import { DATA_TYPE, modelMessage } from './onnx-schema';
import { writeOnnxInt8 } from './write-onnx-int8';

const HIDDEN = { head: [{ type: 'dense', units: 6, activation: 'relu' }] } as const;
const ON_KPU = { layers: 2, mayFallBack: false };

async function quantized(graph: Graph, change: Partial<QuantizeOptions> = {}): Promise<QuantizedGraph> {
  const { graph: result } = await quantizeGraph(graph, {
    calibration: [1, 2, 3, 4].map((seed) => planes(randomPicture(seed, graph.input))),
    method: 'minmax',
    percentile: 99.99,
    biasCorrection: true,
    roundingSearch: false,
    channelScales: false,
    report: silent,
    signal: new AbortController().signal,
    ...change,
  });
  return result;
}

const write = (graph: QuantizedGraph) => writeOnnxInt8(graph, cardFor(randomNetwork(1)));

describeWithRuntime('ONNX Runtime', (answer) => {
  test.each([
    ['no hidden layer', randomNetwork(1), {}],
    ['a whole zero point of the picture', randomNetwork(2, { encoding: { scale: 1 / 255, offset: 0 } }), {}],
    ['means and maxima', randomNetwork(3, { pooling: 'avg_max' }), {}],
    ['a hidden layer in floats', randomNetwork(4, HIDDEN), {}],
    ['dense layers in bytes', randomNetwork(5, HIDDEN), { denseOnKpu: ON_KPU }],
    [
      'a hidden layer in bytes with sigmoid',
      withActivation(randomNetwork(6, HIDDEN), 'dense_1_relu', 'sigmoid'),
      { denseOnKpu: ON_KPU },
    ],
  ] as const)(
    'answers with %s as our own integers do, but for roundings',
    async (_, graph, change) => {
      const network = await quantized(graph, change);
      const pictures = [1, 2, 9].map((seed) => randomPicture(seed, graph.input));
      const found = await answer(write(network), pictures);
      pictures.forEach((picture, at) =>
        expect(largestDifference(found[at], evaluateQuantized(network, planes(picture)))).toBeLessThan(0.01),
      );
    },
    60_000,
  );
});

test('weights are int8 with a scale for each output channel, activations uint8, biases int32', async () => {
  const network = await quantized(randomNetwork(1));
  const { graph } = decode(modelMessage, write(network));
  const constants = new Map(graph?.initializer.map((tensor) => [tensor.name, tensor]));
  for (const { name, output } of network.convolutions) {
    expect(constants.get(`${name}/weights`)).toMatchObject({ dataType: DATA_TYPE.int8 });
    expect(constants.get(`${name}/weights/scale`)?.dims).toEqual([output.channels]);
    expect(constants.get(`${name}/bias`)).toMatchObject({ dataType: DATA_TYPE.int32, dims: [output.channels] });
    expect(constants.get(`${name}_bytes/zero_point`)).toMatchObject({ dataType: DATA_TYPE.uint8 });
  }
  const used = new Set(graph?.node.flatMap(({ input }) => input));
  expect([...constants.keys()].filter((name) => name === undefined || !used.has(name))).toEqual([]);
});

test('a channel without weights, and one whose bias is huge beside them, keep their bias', async () => {
  const network = await quantized(randomNetwork(1));
  const [first, ...rest] = network.convolutions;
  const weightScales = first.weightScales.map((scale, channel) => (channel === 0 ? 0 : channel === 1 ? 1e-12 : scale));
  const changed = { ...network, convolutions: [{ ...first, weightScales, bias: first.bias.map(() => 2) }, ...rest] };
  const { graph } = decode(modelMessage, write(changed));
  const constants = new Map(
    graph?.initializer.map(({ name, rawData = new Uint8Array() }) => [name, new Uint8Array(rawData).buffer]),
  );
  const steps = new Int32Array(constants.get('conv1/bias') ?? new ArrayBuffer(0));
  const scales = new Float32Array(constants.get('conv1/bias/scale') ?? new ArrayBuffer(0));
  // The picture's zero point of 127.5 moves the bias of a channel by its weights; those of the first two are as good as 0.
  for (const channel of [0, 1]) expect(steps[channel] * scales[channel]).toBeCloseTo(2, 4);
});

test('weights that do not lie around 0 are refused (E810)', async () => {
  const network = await quantized(randomNetwork(1));
  const [first, ...rest] = network.convolutions;
  const changed = { ...network, convolutions: [{ ...first, weightZeroPoint: 90 }, ...rest] };
  expect(() => write(changed)).toThrow(expect.objectContaining({ code: 'E810' }));
});

test('labels that do not fit the outputs are refused (E802)', async () => {
  const network = await quantized(randomNetwork(1, { classes: 2 }));
  expect(() => write(network)).toThrow(expect.objectContaining({ code: 'E802' }));
});
