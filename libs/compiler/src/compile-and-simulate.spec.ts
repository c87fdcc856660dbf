import { Random } from '@graft/foundation';
import type { ConvolutionLayer } from '@graft/kmodel';
import { writeKModel } from '@graft/kmodel';
import type { Graph } from '@graft/model';
import { evaluate } from '@graft/model';
import type { QuantizedGraph } from '@graft/quantization';
import { evaluateQuantized } from '@graft/quantization';
import { loadSimulator } from '@graft/simulator';
import type { Simulator } from '@graft/simulator';

import { compile } from './compile';
import type { KpuLayer } from './kpu-program';
import type { GraphRecipe, LayerRecipe } from './random-quantized-graph.fixture';
import { quantized, randomGraph, randomPictures } from './random-quantized-graph.fixture';

const MOBILE: readonly LayerRecipe[] = [
  ['convolution', 8, 3, 2, 'relu6'],
  ['depthwise', 8, 3, 1, 'relu6'],
  ['convolution', 16, 1, 1, 'relu6'],
  ['depthwise', 16, 3, 2, 'relu6'],
  ['convolution', 24, 1, 1, 'relu6'],
];

const RECIPES: readonly (readonly [string, GraphRecipe])[] = [
  ['a small MobileNet', { layers: MOBILE, height: 32, width: 32 }],
  ['a map of three lines per row', { layers: MOBILE.slice(0, 3), height: 8, width: 136 }],
  ['wide maps, then narrow ones', { layers: MOBILE, height: 16, width: 72 }],
  ['pictures in 0 … 1', { layers: MOBILE, height: 32, width: 32, encoding: { scale: 1 / 255, offset: 0 } }],
  ['an odd zero point', { layers: MOBILE, height: 32, width: 32, encoding: { scale: 0.01, offset: -1.1234 } }],
  ['a hidden layer with ReLU', { layers: MOBILE, height: 32, width: 32, hidden: 'relu' }],
  ['a hidden layer with ReLU6', { layers: MOBILE, height: 32, width: 32, hidden: 'relu6' }],
  [
    'linear layers with zero points',
    {
      layers: [
        ['convolution', 6, 1, 1, 'linear'],
        ['convolution', 9, 3, 1, 'linear'],
        ['depthwise', 9, 3, 1, 'linear'],
      ],
    },
  ],
  [
    'ReLU without an upper end',
    {
      layers: [
        ['convolution', 6, 3, 1, 'relu'],
        ['convolution', 9, 3, 2, 'relu'],
      ],
    },
  ],
  [
    'a halving depthwise layer at the end',
    {
      layers: [
        ['convolution', 5, 3, 1, 'relu6'],
        ['depthwise', 5, 3, 2, 'relu6'],
      ],
    },
  ],
  [
    'two halving depthwise layers in a row',
    {
      layers: [
        ['convolution', 5, 1, 1, 'linear'],
        ['depthwise', 5, 3, 2, 'linear'],
        ['depthwise', 5, 3, 2, 'relu6'],
      ],
      height: 32,
      width: 32,
    },
  ],
  [
    'a halving depthwise layer before a halving 1×1',
    {
      layers: [
        ['depthwise', 3, 3, 2, 'relu6'],
        ['convolution', 7, 1, 2, 'relu6'],
      ],
      height: 32,
      width: 32,
    },
  ],
  [
    'a halving depthwise layer before a 3×3',
    {
      layers: [
        ['depthwise', 3, 3, 2, 'linear'],
        ['convolution', 7, 3, 1, 'relu6'],
      ],
    },
  ],
  [
    'sigmoid, tanh and leaky ReLU',
    {
      layers: [
        ['convolution', 8, 3, 2, { kind: 'leaky_relu', alpha: 0.1 }],
        ['depthwise', 8, 3, 1, 'tanh'],
        ['convolution', 12, 1, 1, 'sigmoid'],
        ['depthwise', 12, 3, 2, { kind: 'leaky_relu', alpha: 0.3 }],
        ['convolution', 9, 1, 1, 'linear'],
      ],
      height: 32,
      width: 32,
    },
  ],
  [
    'hard swish',
    {
      layers: [
        ['convolution', 8, 3, 2, 'hard_swish'],
        ['depthwise', 8, 3, 1, 'hard_swish'],
        ['convolution', 12, 1, 1, 'hard_swish'],
      ],
      height: 32,
      width: 32,
    },
  ],
  ['a hidden layer with a sigmoid', { layers: MOBILE.slice(0, 3), height: 32, width: 32, hidden: 'sigmoid' }],
  ['a hidden layer with tanh', { layers: MOBILE.slice(0, 3), height: 32, width: 32, hidden: 'tanh' }],
  [
    'a hidden layer with leaky ReLU',
    { layers: MOBILE.slice(0, 3), height: 32, width: 32, hidden: { kind: 'leaky_relu', alpha: 0.2 } },
  ],
  ['means and maxima', { layers: MOBILE, height: 32, width: 32, pooling: 'avg_max' }],
  [
    'means and maxima of a map with a zero point, and a hidden layer',
    { layers: [['convolution', 6, 3, 1, 'linear']], pooling: 'avg_max', hidden: 'relu' },
  ],
  ['a feature map as the answer', { layers: MOBILE, height: 32, width: 32, mapOnly: true }],
];

async function compiled(seed: number, recipe: GraphRecipe) {
  const graph = randomGraph(seed, recipe);
  const { graph: bytesGraph } = await quantized(graph, seed);
  return { graph, bytesGraph, ...compiledFile(bytesGraph) };
}

function compiledFile(graph: QuantizedGraph) {
  let layers: readonly KpuLayer[] = [];
  const { model } = compile(graph, (_, program) => (layers = program.layers));
  const file = writeKModel(model);
  return {
    model,
    layers,
    halfUp: loadSimulator(file, { rounding: 'A' }),
    halfEven: loadSimulator(file, { rounding: 'B' }),
  };
}

/** The output bytes of one layer by the reference evaluator. */
function referenceBytes({ subsample, ...layer }: KpuLayer, input: Uint8Array): Uint8Array {
  let output = new Uint8Array();
  const convolution = { ...layer, stride: subsample ? (2 as const) : (1 as const) };
  const alone: QuantizedGraph = { name: layer.name, input: layer.input, convolutions: [convolution], tail: [] };
  evaluateQuantized(alone, input, (_, bytes) => (output = new Uint8Array(bytes)));
  return output;
}

/** Dense bytes of every KPU run. */
function convolutionsOf(simulator: Simulator, picture: Uint8Array): Uint8Array[] {
  const outputs: Uint8Array[] = [];
  simulator.run(picture, (_, kind, output) => {
    if (kind === 'convolution') outputs.push(Uint8Array.from(output));
  });
  return outputs;
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let distance = 0;
  for (let index = 0; index < a.length; index++) distance = Math.max(distance, Math.abs(a[index] - b[index]));
  return distance;
}

function meanDistance(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]), 0) / a.length;
}

function unseen(graph: Graph): Uint8Array[] {
  const random = Random.of(5, 'noise');
  const noise = new Uint8Array(3 * graph.input.height * graph.input.width).map(() => random.integer(256));
  return [...randomPictures(77, 1, graph.input), noise, noise.map(() => 255)];
}

describe.each(RECIPES)('%s', (_, recipe) => {
  let built: Awaited<ReturnType<typeof compiled>>;
  // Drawing tables takes a part of a second, and several where the machine is busy.
  beforeAll(async () => {
    built = await compiled(1, recipe);
  }, 60_000);

  test('every layer, given the same bytes, is simulated to within one step of the quantized graph', () => {
    for (const picture of unseen(built.graph)) {
      const outputs = convolutionsOf(built.halfUp, picture);
      expect(outputs).toHaveLength(built.layers.length);
      built.layers.forEach((layer, index) => {
        const expected = referenceBytes(layer, index === 0 ? picture : outputs[index - 1]);
        const different = expected.filter((byte, at) => byte !== outputs[index][at]).length;
        expect(furthest(outputs[index], expected)).toBeLessThanOrEqual(1);
        // A multiplier has 15 bits and more, a sum 1025 units per byte: both round a byte over in about one case of 1000.
        expect(different).toBeLessThanOrEqual(Math.max(3, expected.length * 0.005));
      });
    }
  });

  test('the answer is nearly that of the quantized graph, and of the float graph', () => {
    const { scale } = built.bytesGraph.convolutions[built.bytesGraph.convolutions.length - 1].output;
    const [limit, floatLimit] = recipe.mapOnly === true ? [6 * scale, 3 * scale] : [0.006, 0.06];
    for (const picture of unseen(built.graph).slice(0, 2)) {
      const [answer] = built.halfUp.run(picture);
      const fromBytes = evaluateQuantized(built.bytesGraph, picture);
      expect(answer).toHaveLength(fromBytes.length);
      expect(furthest(answer, fromBytes)).toBeLessThan(limit);
      expect(meanDistance(answer, evaluate(built.graph, picture))).toBeLessThan(floatLimit);
    }
  });

  test('either rounding of ties gives the same bytes', () => {
    for (const picture of unseen(built.graph)) {
      const halfEven = convolutionsOf(built.halfEven, picture);
      convolutionsOf(built.halfUp, picture).forEach((bytes, layer) =>
        expect(Buffer.compare(bytes, halfEven[layer])).toBe(0),
      );
    }
  });
});

test('an appended identity hands on every kept pixel unchanged', async () => {
  const { graph, halfUp, model } = await compiled(4, {
    layers: [
      ['convolution', 5, 3, 1, 'linear'],
      ['depthwise', 5, 3, 2, 'linear'],
    ],
  });
  const identity = model.layers[2] as ConvolutionLayer;
  expect(identity.registers).toMatchObject({ kernel: 1, poolType: 5, depthwise: false });
  for (const picture of unseen(graph)) {
    const [, full, kept] = convolutionsOf(halfUp, picture);
    const expected = kept.map(
      (_, at) => full[Math.floor(at / 64) * 256 + 2 * (Math.floor(at / 8) % 8) * 16 + 2 * (at % 8)],
    );
    expect(kept).toEqual(expected);
  }
});

test('weights with a half zero point give the same bytes', async () => {
  const { graph, bytesGraph } = await compiled(6, { layers: MOBILE.slice(0, 3) });
  // The same byte weights around 127.5: the reference evaluator takes them as they are.
  const halved = {
    ...bytesGraph,
    convolutions: bytesGraph.convolutions.map((layer) => ({ ...layer, weightZeroPoint: 127.5 })),
  };
  const { model, layers, halfUp } = compiledFile(halved);
  expect((model.layers[0] as ConvolutionLayer).registers).toMatchObject({ argX: -255, shiftX: 1 });
  for (const picture of unseen(graph)) {
    const outputs = convolutionsOf(halfUp, picture);
    layers.forEach((layer, index) => {
      const expected = referenceBytes(layer, index === 0 ? picture : outputs[index - 1]);
      expect(furthest(outputs[index], expected)).toBeLessThanOrEqual(1);
    });
  }
});

test('searched weights between maps whose channels have scales of their own give the same bytes', async () => {
  const graph = randomGraph(8, { layers: MOBILE, height: 32, width: 32 });
  const { graph: bytesGraph } = await quantized(graph, 8, { roundingSearch: true, channelScales: true });
  const { layers, halfUp } = compiledFile(bytesGraph);
  for (const picture of unseen(graph)) {
    const outputs = convolutionsOf(halfUp, picture);
    layers.forEach((layer, index) => {
      const expected = referenceBytes(layer, index === 0 ? picture : outputs[index - 1]);
      expect(furthest(outputs[index], expected)).toBeLessThanOrEqual(1);
    });
  }
  const [picture] = unseen(graph);
  expect(meanDistance(halfUp.run(picture)[0], evaluate(graph, picture))).toBeLessThan(0.06);
});

test('asymmetric weights, one whole zero point a layer, give the same bytes', async () => {
  const graph = randomGraph(7, { layers: MOBILE, height: 32, width: 32 });
  const { graph: bytesGraph } = await quantized(graph, 7, { method: 'nncase-0.1' });
  const { model, layers, halfUp } = compiledFile(bytesGraph);
  const zeroPoints = bytesGraph.convolutions.map(({ weightZeroPoint }) => weightZeroPoint);
  expect(zeroPoints.some((zeroPoint) => zeroPoint !== 128)).toBe(true);
  zeroPoints.forEach((zeroPoint, index) =>
    expect((model.layers[index] as ConvolutionLayer).registers).toMatchObject({ argX: -zeroPoint, shiftX: 0 }),
  );
  for (const picture of unseen(graph)) {
    const outputs = convolutionsOf(halfUp, picture);
    layers.forEach((layer, index) => {
      const expected = referenceBytes(layer, index === 0 ? picture : outputs[index - 1]);
      expect(furthest(outputs[index], expected)).toBeLessThanOrEqual(1);
    });
  }
});
