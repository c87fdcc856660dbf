import { evaluate } from '@graft/model';
import type { Graph } from '@graft/model';

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
import { modelMessage } from './onnx-schema';
import { writeOnnx } from './write-onnx';

const HIDDEN = { head: [{ type: 'dense', units: 5, activation: 'relu' }] } as const;
const write = (graph: Graph) => writeOnnx(graph, cardFor(graph));
const hidden = (seed: number, activation: unknown) =>
  withActivation(randomNetwork(seed, HIDDEN), 'dense_1_relu', activation);

describeWithRuntime('ONNX Runtime', (answer) => {
  test.each([
    ['no hidden layer', randomNetwork(1)],
    ['means and maxima', randomNetwork(2, { pooling: 'avg_max' })],
    ['a hidden layer with relu', randomNetwork(3, HIDDEN)],
    ['a hidden layer with leaky relu', hidden(4, { kind: 'leaky_relu', alpha: 0.3 })],
    ['a hidden layer with sigmoid', hidden(5, 'sigmoid')],
    ['a hidden layer with tanh', hidden(6, 'tanh')],
    ['a hidden layer with hard swish', hidden(7, 'hard_swish')],
    ['another normalization', randomNetwork(8, { encoding: { scale: 1 / 255, offset: 0 } })],
    ['batch norms that stand alone', normFirst(randomNetwork(9))],
  ])(
    'answers as we do with %s',
    async (_, graph) => {
      const pictures = [1, 2].map((seed) => randomPicture(seed, graph.input));
      const found = await answer(write(graph), pictures);
      pictures.forEach((picture, at) =>
        expect(largestDifference(found[at], evaluate(graph, planes(picture)))).toBeLessThan(1e-5),
      );
    },
    30_000,
  );

  test('refuses a file that was cut (E806)', async () => {
    const cut = write(randomNetwork(1)).subarray(0, 1000);
    await expect(answer(cut, [])).rejects.toMatchObject({ code: 'E806' });
  });
});

/** A batch norm with no convolution before it. */
function normFirst(graph: Graph): Graph {
  const vector = (value: number) => Float32Array.of(value, value, value);
  const norm = { gamma: vector(1.5), beta: vector(0.1), mean: vector(0.2), variance: vector(0.8), epsilon: 0.001 };
  return { ...graph, nodes: [{ kind: 'batchNorm', name: 'first_bn', ...norm }, ...graph.nodes] };
}

test('the file says opset, what goes in and what comes out, and carries the card', () => {
  const graph = randomNetwork(1);
  const { irVersion, opsetImport, graph: found, metadataProps } = decode(modelMessage, write(graph));
  expect({ irVersion, opsetImport }).toEqual({ irVersion: 7, opsetImport: [{ domain: '', version: 13 }] });
  expect(found?.input.map(({ name, type }) => [name, type?.tensorType?.elemType])).toEqual([['image', 1]]);
  expect(found?.output.map(({ name }) => name)).toEqual(['probabilities']);
  const props = new Map(metadataProps.map(({ key, value }) => [key, JSON.parse(value ?? '')]));
  expect(props.get('graft.card')).toEqual(cardFor(graph));
  expect(props.get('labels')).toEqual(['blue', 'red', 'grün']);
});

test('equal networks give equal bytes', () => {
  expect(write(randomNetwork(1))).toEqual(write(randomNetwork(1)));
});

test('labels that do not fit the outputs are refused (E802)', () => {
  expect(() => write(randomNetwork(1, { classes: 2 }))).toThrow(expect.objectContaining({ code: 'E802' }));
});
