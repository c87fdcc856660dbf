import { buildGraph } from '@graft/model';

import { partSize } from './batch-memory';
import { initialWeights } from './initial-weights';

const config = {
  alpha: 1,
  output: 'conv_pw_13_relu',
  input: { height: 224, width: 224 },
  encoding: { scale: 1, offset: 0 },
  pooling: 'avg' as const,
  head: [],
  classes: 2,
};
const graph = buildGraph(config, initialWeights(config, null, 1));

test('a large network works a batch off in parts', () => {
  const size = partSize({ graph, frozenNodes: 0, batchSize: 32, whole: false });
  expect(size).toBeGreaterThanOrEqual(2);
  expect(size).toBeLessThan(32);
});

test('a head on pooled features takes any batch at once', () => {
  const frozenNodes = graph.nodes.findIndex((node) => node.kind === 'globalAveragePool') + 1;
  expect(partSize({ graph, frozenNodes, batchSize: 256, whole: true })).toBe(256);
});

test('a batch that must stay whole and cannot is refused before any work', () => {
  const plan = () => partSize({ graph, frozenNodes: 0, batchSize: 256, whole: true });
  expect(plan).toThrow(
    expect.objectContaining({ code: 'E617', hint: expect.stringMatching(/batch_size to \d+ or less/) }),
  );
});
