import { silent } from '@graft/foundation';
import type { Graph } from '@graft/model';
import { quantizeGraph, writeQuantizedGraph } from '@graft/quantization';
import { withQuantizeThreads } from './quantize-threads';

const graph: Graph = {
  name: 'small',
  input: { channels: 3, height: 8, width: 8, encoding: { scale: 1 / 127.5, offset: -1 } },
  nodes: [
    {
      kind: 'convolution',
      name: 'only',
      inputChannels: 3,
      outputChannels: 4,
      kernel: 3,
      stride: 1,
      weights: Float32Array.from({ length: 108 }, (_, index) => Math.sin(index)),
      bias: Float32Array.of(0.1, -0.2, 0.3, 0),
    },
    { kind: 'activation', name: 'relu', activation: 'relu' },
  ],
};
const calibration = Array.from({ length: 7 }, (_, picture) =>
  Uint8Array.from({ length: 192 }, (__, at) => 128 + 100 * Math.sin(at * (picture + 1))),
);
const options = {
  calibration,
  method: 'nncase-0.1',
  percentile: 100,
  biasCorrection: true,
  roundingSearch: false,
  channelScales: 'auto',
  report: silent,
  signal: new AbortController().signal,
} as const;

test('any number of threads gives the bytes that no thread gives', async () => {
  const alone = await quantizeGraph(graph, options);
  for (const count of [1, 3]) {
    const spread = await withQuantizeThreads((tasks) => quantizeGraph(graph, { ...options, tasks }), count);
    expect(writeQuantizedGraph(spread.graph)).toEqual(writeQuantizedGraph(alone.graph));
    expect(spread.layers).toEqual(alone.layers);
  }
});

test('an error in a thread arrives with its code and hint', async () => {
  const { graph: quantized } = await quantizeGraph(graph, options);
  const task = { kind: 'answer', graph: quantized, pictures: [new Uint8Array(5)] } as const;
  const work = withQuantizeThreads((tasks) => tasks.run(task), 1);
  await expect(work).rejects.toMatchObject({ code: 'E322', hint: expect.stringContaining('planar') });
});
