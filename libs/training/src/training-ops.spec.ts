import { Random } from '@graft/foundation';
import * as tf from '@tensorflow/tfjs-core';

import { openBackend } from './backend';
import type { BackendName } from './backend-identity';
import {
  adamReference,
  biasReference,
  channelSumReference,
  clampReference,
  convolutionReference,
  crossEntropyReference,
  denseReference,
  maxPoolReference,
  normReference,
  poolReference,
  type MapShape,
  type Reference,
} from './float64-ops.fixture';
import { globalMaxPool, globalMaxPoolGradient } from './global-pool';
import { Parameter } from './layer';
import { crossEntropy } from './loss';
import { lookForNative } from './native/find-native';
import { trainingOps } from './running-ops';

/** Every window and stride many times; a few with as many channels as kernels for wide registers take at a time. */
const SHAPES: readonly MapShape[] = Array.from({ length: 208 }, (_, index) => {
  const random = Random.of(7, 'shapes', index);
  const side = () => 2 * (1 + random.integer(4));
  const channels = () => (index % 16 === 5 ? 16 + random.integer(9) : 1 + random.integer(7));
  return {
    pictures: 1 + random.integer(3),
    height: side(),
    width: side(),
    inputs: channels(),
    outputs: channels(),
    kernel: index % 3 === 0 ? 1 : 3,
    stride: index % 2 === 0 ? 1 : 2,
  } as const;
});
const WINDOWS = SHAPES.filter(({ kernel }) => kernel === 3);
const EPSILON = 1e-3;
/** Of the sum of the absolute terms: float32 rounds each of them by up to 6e-8. */
const TOLERANCE = 1e-6;

function draw(length: number, ...names: (string | number)[]): Float32Array {
  const random = Random.of(11, ...names);
  return Float32Array.from({ length }, () => random.between(-1, 1));
}

/** The largest error of each kind over all shapes seen, in parts of the sum of absolute terms. */
class Worst {
  private readonly errors = new Map<string, { error: number; at: string }>();

  see(kind: string, shape: object, actual: tf.Tensor | Float32Array, { values, magnitude }: Reference): void {
    const numbers = actual instanceof tf.Tensor ? actual.dataSync() : actual;
    expect(numbers.length).toBe(values.length);
    values.forEach((value, at) => {
      const error = Math.abs(numbers[at] - value) / (magnitude[at] + 1e-30);
      if (!(error <= (this.errors.get(kind)?.error ?? -1))) this.errors.set(kind, { error, at: JSON.stringify(shape) });
    });
  }

  expectBelow(tolerance = TOLERANCE): void {
    expect(this.errors.size).toBeGreaterThan(0);
    expect([...this.errors].filter(([, { error }]) => !(error <= tolerance))).toEqual([]);
  }
}

/** Runs the check on each shape and clears its tensors. */
function overShapes(shapes: readonly MapShape[], check: (shape: MapShape, worst: Worst) => void, tolerance?: number) {
  const worst = new Worst();
  for (const shape of shapes) tf.tidy(() => check(shape, worst));
  worst.expectBelow(tolerance);
}

const inputShape = ({ pictures, height, width, inputs }: MapShape) =>
  [pictures, height, width, inputs] satisfies number[] as [number, number, number, number];

function operands(shape: MapShape, perChannel: boolean) {
  const { pictures, height, width, inputs, outputs, kernel, stride } = shape;
  const answers = perChannel ? inputs : outputs;
  const name = JSON.stringify(shape);
  const [rows, columns] = [height / stride, width / stride];
  const arrays = {
    x: draw(pictures * height * width * inputs, 'x', name),
    w: draw(kernel ** 2 * inputs * (perChannel ? 1 : outputs), 'w', name),
    dy: draw(pictures * rows * columns * answers, 'dy', name),
  };
  return {
    arrays,
    x: tf.tensor4d(arrays.x, inputShape(shape)),
    w: tf.tensor4d(arrays.w, [kernel, kernel, inputs, perChannel ? 1 : outputs]),
    dy: tf.tensor4d(arrays.dy, [pictures, rows, columns, answers]),
  };
}

/** A map, a gradient of the same shape, and two numbers for each channel. */
function mapOperands(shape: MapShape, spread = 1) {
  const name = JSON.stringify(shape);
  const length = inputShape(shape).reduce((a, b) => a * b);
  const arrays = {
    x: draw(length, 'x', name).map((value) => value * spread),
    dy: draw(length, 'dy', name),
    gamma: draw(shape.inputs, 'gamma', name),
    beta: draw(shape.inputs, 'beta', name),
  };
  return {
    arrays,
    x: tf.tensor4d(arrays.x, inputShape(shape)),
    dy: tf.tensor4d(arrays.dy, inputShape(shape)),
    numbers: { gamma: tf.tensor1d(arrays.gamma), beta: tf.tensor1d(arrays.beta), epsilon: EPSILON },
  };
}

const nativePlaces = lookForNative();
const missing = nativePlaces.every(({ place }) => place === null);
const BACKENDS: readonly BackendName[] = missing ? ['wasm'] : ['wasm', 'tfjs-node'];

if (missing)
  test.skip(`the operations on tfjs-node (${nativePlaces.map(({ found }) => found).join('; ')})`, () => undefined);

describe.each(BACKENDS)(`over ${SHAPES.length} shapes on %s`, (backend) => {
  beforeAll(() => openBackend(backend));

  test('a convolution answers what the graph defines, and its gradients', () => {
    overShapes(SHAPES, (shape, worst) => {
      const { arrays, x, w, dy } = operands(shape, false);
      const expected = convolutionReference(shape, false, arrays);
      worst.see('output', shape, trainingOps().convolution(x, w, shape), expected.output);
      worst.see('by input', shape, trainingOps().convolutionInputGradient(dy, w, shape), expected.input);
      worst.see('by kernel', shape, trainingOps().convolutionKernelGradient(x, dy, shape), expected.kernel);
    });
  });

  test('a depthwise convolution answers what the graph defines, and its gradients', () => {
    overShapes(WINDOWS, (shape, worst) => {
      const { arrays, x, w, dy } = operands(shape, true);
      const { stride } = shape;
      const expected = convolutionReference(shape, true, arrays);
      worst.see('output', shape, trainingOps().depthwise(x, w, stride), expected.output);
      worst.see('by input', shape, trainingOps().depthwiseInputGradient(dy, w, stride), expected.input);
      worst.see('by kernel', shape, trainingOps().depthwiseKernelGradient(x, dy, stride), expected.kernel);
    });
  });

  test.each(['linear', 'relu', 'relu6'] as const)(
    'a convolution adds its bias and clips (%s) in one go',
    (activation) => {
      overShapes(SHAPES.slice(0, 48), (shape, worst) => {
        const perChannel = shape.kernel === 3 && shape.inputs % 2 === 0;
        const { arrays, x, w } = operands(shape, perChannel);
        const biases = draw(perChannel ? shape.inputs : shape.outputs, 'bias');
        const merged = { bias: tf.tensor1d(biases), activation };
        const actual = perChannel
          ? trainingOps().depthwise(x, w, shape.stride, merged)
          : trainingOps().convolution(x, w, shape, merged);
        const { values, magnitude } = convolutionReference(shape, perChannel, arrays).output;
        const sums = values.map((value, at) => value + biases[at % biases.length]);
        const [low, high] = activation === 'linear' ? [-Infinity, Infinity] : [0, activation === 'relu' ? Infinity : 6];
        const clipped = sums.map((value) => Math.min(high, Math.max(low, value)));
        worst.see('output', shape, actual, { values: clipped, magnitude: magnitude.map((value) => value + 1) });
      });
    },
  );

  test('a bias is added to its channel, and its gradient is the channel’s sum', () => {
    overShapes(SHAPES, (shape, worst) => {
      const { arrays, x, dy, numbers } = mapOperands(shape);
      worst.see('output', shape, trainingOps().addBias(x, numbers.beta), biasReference(arrays.x, arrays.beta));
      worst.see('by bias', shape, trainingOps().biasGradient(dy), channelSumReference(arrays.dy, shape.inputs));
    });
  });

  test.each([
    ['relu', Infinity],
    ['relu6', 6],
  ] as const)('%s clips, and passes gradients where it does not', (bounds, limit) => {
    overShapes(SHAPES, (shape, worst) => {
      const { arrays, x, dy } = mapOperands(shape, 8);
      const expected = clampReference(arrays.x, arrays.dy, limit);
      const output = trainingOps().clamp(x, bounds);
      worst.see('output', shape, output, expected.output);
      worst.see('by input', shape, trainingOps().clampGradient(dy, output, bounds), expected.input);
    });
  });

  test('a batch norm by the batch answers its definition, with its moments and gradients', () => {
    overShapes(SHAPES, (shape, worst) => {
      const { arrays, x, dy, numbers } = mapOperands(shape);
      const expected = normReference(arrays, EPSILON, null);
      const { output, saved, batch } = trainingOps().normalizeByBatch(x, numbers);
      const back = trainingOps().normalizeGradient(dy, saved, numbers, 'batch');
      worst.see('output', shape, output, expected.output);
      worst.see('mean', shape, batch.mean, expected.mean);
      worst.see('variance', shape, batch.variance, expected.variance);
      worst.see('by input', shape, back.input, expected.input);
      worst.see('by gamma', shape, back.gamma, expected.gamma);
      worst.see('by beta', shape, back.beta, expected.beta);
    });
  });

  test('a batch norm by averages answers its definition and its gradients, and leaves the averages alone', () => {
    overShapes(SHAPES, (shape, worst) => {
      const { arrays, x, dy, numbers } = mapOperands(shape);
      const averages = {
        mean: draw(shape.inputs, 'mean'),
        variance: draw(shape.inputs, 'variance').map((value) => value ** 2 + 0.01),
      };
      const before = [averages.mean.slice(), averages.variance.slice()];
      const expected = normReference(arrays, EPSILON, averages);
      const { output, saved } = trainingOps().normalizeByAverages(x, numbers, averages);
      const back = trainingOps().normalizeGradient(dy, saved, numbers, 'averages');
      worst.see('output', shape, output, expected.output);
      worst.see('by input', shape, back.input, expected.input);
      worst.see('by gamma', shape, back.gamma, expected.gamma);
      worst.see('by beta', shape, back.beta, expected.beta);
      expect([averages.mean, averages.variance]).toEqual(before);
    });
  });

  test('pooling is the mean over the map, and its gradient spreads evenly', () => {
    overShapes(SHAPES, (shape, worst) => {
      const { arrays, x } = mapOperands(shape);
      const dy = draw(shape.pictures * shape.inputs, 'pooled');
      const expected = poolReference(shape, arrays.x, dy);
      const gradient = tf.tensor2d(dy, [shape.pictures, shape.inputs]);
      worst.see('output', shape, trainingOps().globalAveragePool(x), expected.output);
      const back = trainingOps().globalAveragePoolGradient(gradient, x.shape);
      expect(back.shape).toEqual(x.shape);
      worst.see('by input', shape, back, expected.input);
    });
  });

  test.each([
    ['of numbers that differ', (value: number) => value],
    ['of numbers that are often alike', (value: number) => Math.round(2 * value)],
  ])('the maximum over the map %s, and its gradient shared by all that reach it', (_, drawn) => {
    overShapes(SHAPES, (shape, worst) => {
      const values = mapOperands(shape).arrays.x.map(drawn);
      const dy = draw(shape.pictures * shape.inputs, 'pooled');
      const expected = maxPoolReference(shape, values, dy);
      const [x, gradient] = [tf.tensor4d(values, inputShape(shape)), tf.tensor2d(dy, [shape.pictures, shape.inputs])];
      worst.see('output', shape, globalMaxPool(x), expected.output);
      worst.see('by input', shape, globalMaxPoolGradient(gradient, x), expected.input);
    });
  });

  test('a dense layer answers its definition and its gradients', () => {
    overShapes(SHAPES, (shape, worst) => {
      const [rows, inputs, units] = [shape.pictures * 3, shape.height * shape.inputs, shape.outputs];
      const arrays = {
        x: draw(rows * inputs, 'rows'),
        w: draw(inputs * units, 'weights'),
        dy: draw(rows * units, 'slopes'),
        bias: draw(units, 'bias'),
      };
      const expected = denseReference(arrays, inputs);
      const [x, w] = [tf.tensor2d(arrays.x, [rows, inputs]), tf.tensor2d(arrays.w, [inputs, units])];
      const dy = tf.tensor2d(arrays.dy, [rows, units]);
      worst.see('output', shape, trainingOps().dense(x, w, tf.tensor1d(arrays.bias)), expected.output);
      worst.see('by input', shape, trainingOps().denseInputGradient(dy, w), expected.input);
      worst.see('by weights', shape, trainingOps().denseWeightsGradient(x, dy), expected.weights);
      worst.see('by bias', shape, trainingOps().denseBiasGradient(dy), channelSumReference(arrays.dy, units));
    });
  });

  test('eight steps of Adam with weight decay follow their definition', () => {
    const settings = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.1 };
    const steps = Array.from({ length: 8 }, (_, step) => step);
    overShapes(SHAPES, (shape, worst) => {
      const size = shape.inputs * shape.outputs;
      const start = draw(size, 'start', JSON.stringify(shape));
      const gradients = steps.map((step) => draw(size, 'gradient', step));
      const parameter = new Parameter('p', [shape.inputs, shape.outputs], start.slice(), true);
      const optimizer = trainingOps().optimizer({ optimizer: { name: 'adam', ...settings }, weightDecay: 0.1 });
      for (const gradient of gradients) {
        // In two parts, as micro-batches give them.
        for (const share of [0.25, 0.75])
          optimizer.add(
            parameter,
            tf.tensor2d(
              gradient.map((value) => value * share),
              [shape.inputs, shape.outputs],
            ),
          );
        optimizer.step(settings.rate);
      }
      const expected = Array.from(start, (value, at) =>
        adamReference(
          value,
          gradients.map((gradient) => gradient[at]),
          settings,
        ),
      );
      const reference = (pick: (number: (typeof expected)[0]) => number, magnitude: number): Reference => ({
        values: Float64Array.from(expected, pick),
        magnitude: new Float64Array(size).fill(magnitude),
      });
      const [mean, square] = optimizer.memory(parameter);
      worst.see(
        'value',
        shape,
        parameter.values,
        reference(({ value }) => value, 1),
      );
      worst.see(
        'mean',
        shape,
        mean,
        reference((number) => number.mean, 1),
      );
      worst.see(
        'square',
        shape,
        square,
        reference((number) => number.square, 1),
      );
      optimizer.dispose();
      parameter.refresh();
    });
  });

  test.each([false, true])('momentum (nesterov: %s) is the same on every back end', (nesterov) => {
    const parameter = new Parameter('p', [1], Float32Array.of(1), true);
    const optimizer = trainingOps().optimizer({ optimizer: { name: 'sgd', momentum: 0.5, nesterov }, weightDecay: 0 });
    const values = [1, 2].map(() => {
      optimizer.add(parameter, tf.tensor1d([1]));
      optimizer.step(0.1);
      return parameter.values[0];
    });
    const expected = nesterov ? [0.85, 0.675] : [0.9, 0.75];
    values.forEach((value, step) => expect(value).toBeCloseTo(expected[step], 6));
    optimizer.dispose();
    parameter.refresh();
  });

  test('leave no tensor behind that a tidy does not clear', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const { x, w, dy } = operands(WINDOWS[0], true);
      const ops = trainingOps();
      ops.depthwiseKernelGradient(x, dy, WINDOWS[0].stride);
      ops.depthwiseInputGradient(dy, w, WINDOWS[0].stride);
      const { numbers } = mapOperands(WINDOWS[0]);
      const { saved } = ops.normalizeByBatch(x, numbers);
      ops.normalizeGradient(x, saved, numbers, 'batch');
      ops.clamp(x, 'relu6');
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('softmax and cross-entropy follow their definition over 200 rows of scores', () => {
  for (let row = 0; row < 200; row++) {
    const random = Random.of(5, 'scores', row);
    const classes = 2 + random.integer(12);
    const scores = Float32Array.from({ length: classes }, () => random.between(-12, 12));
    const [label, labelSmoothing] = [random.integer(classes), random.between(0, 0.4)];
    const targets = Array.from(scores, (_, at) => labelSmoothing / classes + (at === label ? 1 - labelSmoothing : 0));
    const expected = crossEntropyReference([...scores], targets);
    const { loss, gradient } = crossEntropy(scores, [label], null, { classes, labelSmoothing });
    expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-6 * Math.max(1, expected.loss));
    expected.gradient.forEach((value, at) => expect(Math.abs(gradient[at] - value)).toBeLessThan(1e-6));
  }
});
