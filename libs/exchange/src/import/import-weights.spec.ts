import fc from 'fast-check';
import { silent } from '@graft/foundation';
import { buildBackbone, evaluate, foldBatchNorm } from '@graft/model';
import type { Graph, GraphNode, MobilenetConfig, NamedWeights } from '@graft/model';
import { quantizeGraph } from '@graft/quantization';
import { readKerasWeights } from '@graft/training';

import type { ExportedFile } from '../exported-file';
import { writeOnnx } from '../onnx/write-onnx';
import { writeOnnxInt8 } from '../onnx/write-onnx-int8';
import { modelMessage } from '../onnx/onnx-schema';
import type { OnnxModel } from '../onnx/onnx-schema';
import { decode, encode } from '../protobuf/message';
import { cardFor, largestDifference, planes, randomNetwork, randomPicture } from '../random-network.fixture';
import { writeTfjs } from '../tfjs/write-tfjs';
import { importWeights } from './import-weights';

const NETWORK = randomNetwork(1);
const CONFIG: MobilenetConfig = {
  ...{
    alpha: 0.25,
    output: 'conv_pw_4_relu',
    input: { height: 32, width: 32 },
    encoding: { scale: 1 / 127.5, offset: -1 },
  },
  ...{ pooling: 'avg', head: [], classes: 3 },
};
const PICTURE = planes(randomPicture(5, NETWORK.input));

const onnx = (graph: Graph = NETWORK): ExportedFile[] => [
  { path: 'theirs.onnx', bytes: writeOnnx(graph, cardFor(graph)) },
];
const tfjs = (graph: Graph = NETWORK): readonly ExportedFile[] =>
  writeTfjs(graph, { card: cardFor(graph), shardBytes: 32 * 1024 });
const load = (files: readonly ExportedFile[], alpha = 0.25) => importWeights(files, { alpha, name: './theirs' });

/** As `train` reads what `fetch` has left. */
function weightsOf(files: readonly ExportedFile[]): NamedWeights {
  const [manifest, ...shards] = load(files).files;
  return readKerasWeights(
    Buffer.from(manifest.bytes).toString('utf8'),
    new Map(shards.map(({ path, bytes }) => [path, bytes])),
  );
}

const lastMap = (graph: Graph): Float32Array => {
  const end = graph.nodes.findIndex(({ name }) => name === CONFIG.output);
  return evaluate({ ...graph, nodes: graph.nodes.slice(0, end + 1) }, PICTURE);
};

/** The file with something changed. */
function changed(edit: (model: OnnxModel) => OnnxModel, graph: Graph = NETWORK): ExportedFile[] {
  return onnx(graph).map(({ path, bytes }) => ({
    path,
    bytes: encode(modelMessage, edit(decode(modelMessage, bytes))),
  }));
}

const withGraph = (edit: (graph: NonNullable<OnnxModel['graph']>) => Partial<NonNullable<OnnxModel['graph']>>) =>
  changed((model) => ({ ...model, ...(model.graph && { graph: { ...model.graph, ...edit(model.graph) } }) }));

const refused = (files: readonly ExportedFile[], code: string, says: RegExp, alpha?: number) =>
  expect(() => load(files, alpha)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(says) }));

test.each([
  ['ONNX, with batch norms folded', onnx(), foldBatchNorm(NETWORK)],
  ['TensorFlow.js, with batch norms', tfjs(), NETWORK],
])('a trunk that was written as %s comes back and computes the same', (_, files, expected) => {
  const back = buildBackbone(CONFIG, weightsOf(files));
  expect(largestDifference(lastMap(back), lastMap(expected))).toBe(0);
  expect(load(files).warnings).toEqual([]);
});

test('folding moves an answer by less than a millionth, relatively', () => {
  const before = lastMap(NETWORK);
  const after = lastMap(buildBackbone(CONFIG, weightsOf(onnx())));
  expect(largestDifference(after, before)).toBeLessThan(1e-6 * Math.max(1, ...before.map(Math.abs)));
});

test('names do not matter, nor what stands behind the trunk', () => {
  const renamed = Buffer.from(tfjs()[0].bytes).toString('utf8').replaceAll('conv', 'theirs');
  const [model, ...shards] = tfjs();
  const weights = weightsOf([{ ...model, bytes: Buffer.from(renamed) }, ...shards]);
  expect(weights).toEqual(weightsOf(tfjs()));
  expect([...weightsOf(onnx()).keys()].every((name) => name.startsWith('conv'))).toBe(true);
});

test('batch norms of another epsilon, as PyTorch has, become those of Keras', () => {
  const other = (nodes: readonly GraphNode[]): GraphNode[] =>
    nodes.map((node) => (node.kind === 'batchNorm' ? { ...node, epsilon: 1e-5 } : node));
  const graph = { ...NETWORK, nodes: other(NETWORK.nodes) };
  const files = withNorms(graph);
  expect(largestDifference(lastMap(buildBackbone(CONFIG, weightsOf(files))), lastMap(graph))).toBeLessThan(1e-5);
});

/** An ONNX file that keeps its batch norms. */
function withNorms(graph: Graph): ExportedFile[] {
  // A batch norm is folded into the convolution before it; an activation between them and back keeps it.
  const parted = graph.nodes.flatMap((node): GraphNode[] =>
    node.kind === 'batchNorm'
      ? [{ kind: 'activation', name: `${node.name}_apart`, activation: 'linear' }, node]
      : [node],
  );
  return onnx({ ...graph, nodes: parted });
}

test('the int8 file gives the weights of the 8-bit network', async () => {
  const { graph: network } = await quantizeGraph(NETWORK, {
    ...{ calibration: [PICTURE], method: 'minmax', percentile: 99.99, biasCorrection: false, roundingSearch: false },
    ...{ channelScales: false, report: silent, signal: new AbortController().signal },
  });
  // The first bias makes up for the zero point of the picture, so the file has another first bias than the network.
  const weights = weightsOf([{ path: 'int8.onnx', bytes: writeOnnxInt8(network, cardFor(NETWORK)) }].map(withClips));
  const { weights: bytes, weightScales } = network.convolutions[1];
  const kernel = weights.get('conv_dw_1/depthwise_kernel');
  expect(kernel?.data[0]).toBeCloseTo((bytes[0] - 128) * weightScales[0], 6);
});

/** The clamp of a range is no node there. */
function withClips({ path, bytes }: ExportedFile): ExportedFile {
  const model = decode(modelMessage, bytes);
  const node = model.graph?.node.flatMap((found) => {
    if (found.opType !== 'Conv') return [found];
    const sum = `${found.output[0]}_sum`;
    const clip = { ...found, opType: 'Clip', name: `${found.name}_clip`, attribute: [], input: [sum, 'zero', 'six'] };
    return [{ ...found, output: [sum] }, clip];
  });
  const limit = (name: string, value: number) => ({
    ...decode(modelMessage, onnx()[0].bytes).graph?.initializer.find((tensor) => tensor.name === 'zero'),
    ...{ name, rawData: new Uint8Array(Float32Array.of(value).buffer) },
  });
  const initializer = [...(model.graph?.initializer ?? []), limit('zero', 0), limit('six', 6)];
  const graph = { ...model.graph, node, initializer } as OnnxModel['graph'];
  return { path, bytes: encode(modelMessage, { ...model, graph }) };
}

test('another alpha is refused with the one that fits (E831)', () => {
  refused(onnx(), 'E831', /alpha 0\.25; the experiment has alpha 0\.5/, 0.5);
  refused(tfjs(), 'E831', /alpha 0\.25/, 1);
});

const edited = (name: string, change: Partial<GraphNode>): Graph => ({
  ...NETWORK,
  nodes: NETWORK.nodes.map((node) => (node.name === name ? ({ ...node, ...change } as GraphNode) : node)),
});
const without = (name: string): Graph => ({ ...NETWORK, nodes: NETWORK.nodes.filter((node) => node.name !== name) });

test.each([
  [
    'another activation',
    edited('conv_dw_2_relu', { activation: 'relu' }),
    /"conv_dw_2_relu": it is [Rr]elu.*ReLU6 is expected behind conv_dw_2/,
  ],
  ['no activation', without('conv_pw_1_relu'), /ReLU6 is expected behind conv_pw_1/],
  [
    'a layer less',
    { ...NETWORK, nodes: NETWORK.nodes.filter(({ name }) => !name.startsWith('conv_dw_3')) },
    /it is a 1×1 convolution .*conv_dw_3 is a 3×3 depthwise/,
  ],
  ['another stride', edited('conv_dw_2', { stride: 1 }), /conv_dw_2.*stride 1.*stride 2/],
])('a network with %s is refused at the layer where it departs (E832)', (_, graph, says) => {
  refused(onnx(graph), 'E832', says);
  refused(tfjs(graph), 'E832', says);
});

test('a trunk that branches inside a block is refused (E832)', () => {
  const files = withGraph(({ node }) => ({
    node: node.flatMap((found) =>
      found.name === 'conv_pw_2' ? [found, { ...found, name: 'twin', output: ['twin'] }] : [found],
    ),
  }));
  refused(files, 'E832', /"conv_dw_2_relu" \(branch to 2 nodes\)/);
});

test('padding at the right and bottom is accepted with a warning (W830)', () => {
  const files = withGraph(({ node }) => ({
    node: node.map((found) => {
      const halves = found.attribute.some(({ name, ints }) => name === 'strides' && ints[0] === 2);
      const attribute = found.attribute.map((one) =>
        one.name === 'pads' && halves ? { ...one, ints: [0, 0, 1, 1] } : one,
      );
      return { ...found, attribute };
    }),
  }));
  expect(load(files).warnings).toEqual([
    expect.objectContaining({ code: 'W830', details: ['"conv1", "conv_dw_2", "conv_dw_4"'] }),
  ]);
});

test('other padding is refused (E832)', () => {
  const files = withGraph(({ node }) => ({
    node: node.map((found) => ({
      ...found,
      attribute: found.attribute.map((one) => (one.name === 'pads' ? { ...one, ints: [0, 0, 0, 0] } : one)),
    })),
  }));
  refused(files, 'E832', /"conv1": pads in another way/);
});

test('numbers in another file are refused, wherever it lies (E833)', () => {
  const files = withGraph(({ initializer }) => ({
    initializer: initializer.map((tensor) => ({
      ...tensor,
      ...{ dataLocation: 1, externalData: [{ key: 'location', value: '../../secret' }], rawData: undefined },
    })),
  }));
  refused(files, 'E833', /another file/);
});

test.each([
  ['a shape that is too large', { dims: [2 ** 40, 2 ** 40, 3, 3] }],
  ['a negative side', { dims: [-1, 3, 3, 3] }],
  ['fewer numbers than its shape', { rawData: new Uint8Array(8) }],
  ['numbers of an unknown type', { dataType: 10 }],
])('a tensor with %s is refused (E830)', (_, change) => {
  const files = withGraph(({ initializer }) => ({
    initializer: initializer.map((tensor) => (tensor.name === 'conv1/weights' ? { ...tensor, ...change } : tensor)),
  }));
  refused(files, 'E830', /"conv1\/weights"/);
});

test('a file that was cut or changed anywhere is refused or read, never more (E830 – E833)', () => {
  const [{ path, bytes }] = onnx();
  const accepted = (damaged: Uint8Array): void => {
    try {
      load([{ path, bytes: damaged }]);
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^E83[0-3]$/) });
    }
  };
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(4000), fc.integer({ min: 0, max: 255 }), (end, at, byte) => {
      accepted(bytes.subarray(0, end));
      const flipped = Uint8Array.from(bytes);
      flipped[at] = byte;
      accepted(flipped);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test.each([
  ['nothing', []],
  ['an empty file', [{ path: 'a.onnx', bytes: new Uint8Array() }]],
  ['a picture', [{ path: 'a.onnx', bytes: Buffer.from('\x89PNG\r\n\x1a\n and so on') }]],
  ['a TFLite file', [{ path: 'a.tflite', bytes: Buffer.from('\x1c\0\0\0TFL3 and so on') }]],
  ['JSON of something else', [{ path: 'model.json', bytes: Buffer.from('{"modelTopology":{}}') }]],
  ['no JSON', [{ path: 'model.json', bytes: Buffer.from('{') }]],
  [
    'a graph model',
    [{ path: 'model.json', bytes: Buffer.from('{"format":"graph-model","modelTopology":{"node":[]}}') }],
  ],
])('%s is refused (E830)', (_, files) => {
  refused(files, 'E830', /theirs cannot be read as weights/);
});
