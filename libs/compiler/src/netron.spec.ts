import { writeKModel } from '@graft/kmodel';

import type { NetronNode } from '../../../tools/second-opinions/src/netron';
import { describeWithNetron, installNetron, netronModelsOf } from '../../../tools/second-opinions/src/netron';
import { brokenLinks } from '../../../tools/second-opinions/src/netron-links';
import { constant } from '../../../tools/second-opinions/src/netron-values';
import { compile } from './compile';
import type { CompiledLayerReport } from './compile';
import type { GraphRecipe } from './random-quantized-graph.fixture';
import { quantized, randomGraph } from './random-quantized-graph.fixture';

const INSTALL_LIMIT_MS = 300_000;

jest.setTimeout(60_000);

const CLASSIFIER: GraphRecipe = {
  layers: [
    ['convolution', 8, 3, 2, 'relu6'],
    ['depthwise', 8, 3, 1, 'relu6'],
    ['convolution', 16, 1, 1, 'relu6'],
    ['depthwise', 16, 3, 2, 'relu6'],
    ['convolution', 24, 1, 1, 'relu6'],
  ],
  height: 32,
  width: 48,
  hidden: 'relu',
};

describeWithNetron('netron shows of a compiled model', () => {
  let netron: string;
  beforeAll(async () => {
    netron = await installNetron();
  }, INSTALL_LIMIT_MS);

  async function shown(recipe: GraphRecipe) {
    const { graph } = await quantized(randomGraph(1, recipe));
    const { model, layers } = compile(graph);
    const [{ format, graphs }] = await netronModelsOf(netron, { 'compiled.kmodel': writeKModel(model) });
    expect(format).toBe('kmodel v3');
    expect(graphs).toHaveLength(1);
    return { graph, report: layers, model, shown: graphs[0] };
  }

  test('every run of the KPU as reported, with the weights of the quantized graph', async () => {
    const { graph, report, shown: netronGraph } = await shown(CLASSIFIER);
    const runs = netronGraph.nodes.filter(({ type }) => type === 'K210_CONV');
    expect(runs).toHaveLength(5);
    expect(runs.map(geometryOf)).toEqual(report.map(geometryMeant));
    expect(runs.map(({ inputs }) => inputs[1].values[0])).toEqual(
      graph.convolutions.map(({ kind, kernel, input, output, weights }) => {
        const channels = kind === 'depthwise' ? [output.channels] : [input.channels, output.channels];
        return constant('uint8', [...channels, kernel, kernel], weights);
      }),
    );
  });

  test('the float layers of the head, in order and linked', async () => {
    const { graph, model, shown: netronGraph } = await shown(CLASSIFIER);
    expect(brokenLinks(netronGraph)).toEqual([]);
    const head = netronGraph.nodes.slice(5);
    expect(head.map(({ type, chain }) => [type, ...chain.map((node) => node.type)].join(' '))).toEqual([
      ...['DEQUANTIZE', 'GLOBAL_AVERAGE_POOL2D', 'FULLY_CONNECTED RELU', 'FULLY_CONNECTED', 'SOFTMAX'],
    ]);
    // 32×48 halved twice.
    expect(head[0].attributes).toMatchObject({ count: 24 * 8 * 12 });
    expect(head[1].attributes).toMatchObject({ channels: 24, kernel_size: 8 * 12 });
    expect(head[4].attributes).toMatchObject({ channels: 3 });
    const dense = graph.tail.flatMap((node) => (node.kind === 'dense' ? [node] : []));
    expect(head.slice(2, 4).map(({ inputs }) => inputs.slice(1).map(({ values }) => values[0]))).toEqual(
      dense.map(({ inputs, units, weights, bias }) => [
        constant('float32', [inputs, units], weights),
        constant('float32', [units], bias),
      ]),
    );
    expect(netronGraph.outputs).toHaveLength(1);
    expect(netronGraph.outputs[0].values[0].name).toMatch(new RegExp(`^main:${model.outputs[0].address}(#|$)`));
  });

  test('the maximum of the bytes and the mean of the real values, joined for the dense layer', async () => {
    const { hidden: _, ...plain } = CLASSIFIER;
    const { model, shown: netronGraph } = await shown({ ...plain, pooling: 'avg_max' });
    const head = netronGraph.nodes.slice(5);
    expect(head.map(({ type }) => type)).toEqual([
      ...['DEQUANTIZE', 'QUANTIZED_MAX_POOL2D', 'DEQUANTIZE', 'GLOBAL_AVERAGE_POOL2D', 'CONCAT'],
      ...['FULLY_CONNECTED', 'SOFTMAX'],
    ]);
    expect(head[1].attributes).toMatchObject({ kernel: [12, 8] });
    const concat = model.layers.find((layer) => layer.kind === 'concat');
    // Netron draws no line into a concat, and lists what it joins; what it calls the end is the size.
    expect(head[4].attributes).toMatchObject({
      inputs_mem: concat?.inputs.map(({ start, size }) => ({ start, end: size })),
    });
  });

  test('the 1×1 convolution that drops pixels after a halving depthwise layer at the end', async () => {
    const { report, shown: netronGraph } = await shown({
      layers: [
        ['convolution', 5, 3, 1, 'relu6'],
        ['depthwise', 5, 3, 2, 'relu6'],
      ],
    });
    const runs = netronGraph.nodes.filter(({ type }) => type === 'K210_CONV');
    expect(runs.map(geometryOf)).toEqual(report.map(geometryMeant));
    expect(geometryOf(runs[2])).toEqual({ depthwise: 0, kernel: 0, pool: 5, in: [16, 16, 5], out: [8, 8, 5] });
  });
});

/** Sizes are width, height, channels. */
function geometryOf({ attributes, outputs }: NetronNode) {
  const { interrupt_enabe, image_size, image_channel_num, kernel_pool_type_cfg } = attributes as Readonly<
    Record<string, Readonly<Record<string, number>>>
  >;
  return {
    depthwise: interrupt_enabe.depth_wise_layer,
    kernel: kernel_pool_type_cfg.kernel_type,
    pool: kernel_pool_type_cfg.pool_type,
    in: [image_size.i_row_wid + 1, image_size.i_col_high + 1, image_channel_num.i_ch_num + 1],
    out: outputs[0].values[0].shape,
  };
}

function geometryMeant({ kind, kernel, input, output, subsample }: CompiledLayerReport) {
  return {
    depthwise: kind === 'depthwise' ? 1 : 0,
    kernel: kernel === 3 ? 1 : 0,
    // Left-top pixel of each 2×2.
    pool: subsample ? 5 : 0,
    in: [input.width, input.height, input.channels],
    out: [output.width, output.height, output.channels],
  };
}
