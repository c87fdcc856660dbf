import { activated, activationName, type Activation } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import { activationLayer } from './activation-layer';
import { openBackend } from './backend';

const ACTIVATIONS: readonly Activation[] = [
  'linear',
  'relu',
  'relu6',
  'sigmoid',
  'tanh',
  'hard_swish',
  { kind: 'leaky_relu', alpha: 0.1 },
];

/** From −8 to 8, with no corner of any function (−3, 0, 3, 6) among them. */
const VALUES = Float32Array.from({ length: 321 }, (_, index) => (index - 160) / 20 + 0.013);

beforeAll(() => openBackend('wasm'));

describe.each(ACTIVATIONS.map((activation) => [activationName(activation), activation] as const))(
  '%s',
  (_, activation) => {
    const layer = activationLayer({ kind: 'activation', name: 'a', activation });

    test('answers what the graph defines', () => {
      tf.tidy(() => {
        const answers = layer.forward(tf.tensor1d(VALUES), true).output.dataSync();
        VALUES.forEach((value, at) => expect(answers[at]).toBeCloseTo(activated(value, activation), 5));
      });
    });

    test('passes a gradient back by the slope of its definition', () => {
      tf.tidy(() => {
        const { saved } = layer.forward(tf.tensor1d(VALUES), true);
        const gradients = layer.backward(tf.fill([VALUES.length], 2), saved, true).input?.dataSync() ?? [];
        const step = 1e-5;
        VALUES.forEach((value, at) => {
          const slope = (activated(value + step, activation) - activated(value - step, activation)) / (2 * step);
          expect(gradients[at]).toBeCloseTo(2 * slope, 4);
        });
      });
    });
  },
);
