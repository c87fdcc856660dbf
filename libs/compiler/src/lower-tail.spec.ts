import { Random } from '@graft/foundation';
import type { Activation, LayerShape } from '@graft/model';
import type { FloatTailNode, QuantizedGraph } from '@graft/quantization';
import { evaluateQuantized } from '@graft/quantization';

import { lowerTail } from './lower-tail';
import { lowerTailShapes } from './lower-tail-shapes';

const random = Random.of(4, 'tail');
const draw = (length: number) => Float32Array.from({ length }, () => random.between(-1, 1));

function dense(name: string, inputs: number, units: number, activation: Activation): FloatTailNode {
  return { kind: 'dense', name, inputs, units, weights: draw(inputs * units), bias: draw(units), activation };
}

const LEAKY = { kind: 'leaky_relu', alpha: 0.3 } as const;
const POOL: FloatTailNode = { kind: 'globalAveragePool', name: 'pool' };
const SOFTMAX: FloatTailNode = { kind: 'softmax', name: 'softmax' };

/** What the tail answers to four channels of one pixel. */
function answer(tail: QuantizedGraph['tail'], bytes: Uint8Array): Float32Array {
  const input = { channels: 4, height: 1, width: 1, scale: 0.02, zeroPoint: 128 };
  return evaluateQuantized({ name: 'tail', input, convolutions: [], tail }, bytes);
}

/** Logistic layers as dense ones with weight 1, so that the evaluator can run what the firmware runs. */
function runnable(tail: ReturnType<typeof lowerTail>): FloatTailNode[] {
  let values = 4;
  return tail.map((node) => {
    if (node.kind === 'kpuDense') throw new Error('unexpected');
    if (node.kind === 'dense') values = node.units;
    if (node.kind !== 'logistic') return node;
    const weights = Float32Array.from({ length: values ** 2 }, (_, at) => (at % (values + 1) === 0 ? 1 : 0));
    const bias = new Float32Array(values);
    return { kind: 'dense', name: node.name, inputs: values, units: values, weights, bias, activation: 'sigmoid' };
  });
}

test.each<[string, readonly Activation[]]>([
  ['sigmoid', ['sigmoid', 'linear']],
  ['tanh', ['tanh', 'linear']],
  ['leaky ReLU', [LEAKY, 'relu']],
  ['all after each other', ['tanh', LEAKY, LEAKY, 'sigmoid', 'tanh', 'tanh', 'relu6', 'linear']],
])('%s is exactly what the layers of the firmware give', (_, activations) => {
  const widths = [4, 7, 5, 6, 3, 8, 4, 5, 3];
  const denses = activations.map((activation, at) => dense(`dense_${at}`, widths[at], widths[at + 1], activation));
  const tail = [POOL, ...denses, SOFTMAX];
  const lowered = lowerTail(tail);
  for (const node of lowered) if (node.kind === 'dense') expect(['linear', 'relu', 'relu6']).toContain(node.activation);
  for (const bytes of [Uint8Array.of(0, 255, 30, 200), Uint8Array.of(128, 100, 150, 7)]) {
    const expected = answer(tail, bytes);
    answer(runnable(lowered), bytes).forEach((value, at) => expect(value).toBeCloseTo(expected[at], 5));
  }
});

test('a tail of what the firmware has stays as it is', () => {
  const tail = [POOL, dense('a', 4, 3, 'relu6'), dense('b', 3, 2, 'linear'), SOFTMAX];
  expect(lowerTail(tail)).toEqual(tail);
});

test('shapes become what the layers become', () => {
  const activations: readonly Activation[] = ['tanh', LEAKY, 'sigmoid', 'relu', 'linear'];
  const widths = [4, 7, 5, 6, 3, 2];
  const lowered = lowerTail(
    activations.map((activation, at) => dense(`dense_${at}`, widths[at], widths[at + 1], activation)),
  );
  const map = (channels: number) => ({ channels, height: 1, width: 1 });
  const shapes = activations.map((activation, at): LayerShape => {
    const [inputs, units] = [widths[at], widths[at + 1]];
    const plain = { kind: 'dense', kernel: 1, stride: 1, biases: units } as const;
    const macs = inputs * units;
    return { ...plain, name: `dense_${at}`, activation, input: map(inputs), output: map(units), weights: macs, macs };
  });
  expect(
    lowerTailShapes(shapes).map((shape) => {
      if (shape.kind === 'kpuDense') throw new Error('unexpected');
      const { kind, name, input, output, macs } = shape;
      return kind === 'dense' ? [name, input.channels, output.channels, macs] : [name, kind];
    }),
  ).toEqual(
    lowered.map((node) =>
      node.kind === 'dense' ? [node.name, node.inputs, node.units, node.weights.length] : [node.name, node.kind],
    ),
  );
});

test('a hard swish, and a tanh or leaky ReLU that no dense layer follows, are E314', () => {
  const refused: readonly (readonly FloatTailNode[])[] = [
    [dense('a', 4, 3, 'hard_swish'), dense('b', 3, 2, 'linear')],
    [dense('a', 4, 3, 'tanh'), SOFTMAX],
    [dense('a', 4, 3, LEAKY)],
  ];
  for (const tail of refused)
    expect(() => lowerTail(tail)).toThrow(
      expect.objectContaining({ code: 'E314', message: expect.stringContaining('"a"') }),
    );
});
