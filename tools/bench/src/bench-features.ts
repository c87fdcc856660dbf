import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { buildBackbone, evaluate } from '@graft/model';
import type { MobilenetConfig } from '@graft/model';
import { initialWeights, openRunner } from '@graft/training';
import { measure } from './measure';
import type { Runs } from './measure';
import { noise } from './noise';
import type { Result } from './result';

export interface FeatureBench {
  readonly alpha: number;
  /** Last layer that runs. */
  readonly output: string;
  /** Rows and columns of a picture. */
  readonly side: number;
  /** Pictures in one run. */
  readonly pictures: number;
}

/** As the stage `train` does it for the frozen part of the default experiment. */
export const TRUNK: FeatureBench = { alpha: 1, output: 'conv_pw_7_relu', side: 224, pictures: 16 };

/** Features in WebAssembly, in one thread; beside it the same network by its plain definition, for one picture. */
export async function benchFeatures({ alpha, output, side, pictures }: FeatureBench, runs: Runs): Promise<Result> {
  const config: MobilenetConfig = {
    alpha,
    output,
    input: { height: side, width: side },
    encoding: { scale: 1 / 127.5, offset: -1 },
    pooling: 'avg',
    head: [],
    classes: 2,
  };
  const graph = buildBackbone(config, backboneWeights(config));
  const block = Array.from({ length: pictures }, () => noise(side * side * 3));
  const runner = await openRunner(graph, { backend: 'wasm' });
  try {
    const ours = await measure(runs, () => runner.predict(block));
    const one = await measure({ warmUp: Math.min(1, runs.warmUp), runs: Math.min(3, runs.runs) }, () =>
      evaluate(graph, block[0]),
    );
    const timing = { ...one, ...scaled(one, pictures) };
    const peer = { name: 'plain definition', timing };
    return { what: `features alpha ${alpha} ${output} ${side}`, ours, amount: pictures, unit: 'pictures/s', peer };
  } finally {
    runner.dispose();
  }
}

/** Without the head, which the backbone does not take. */
function backboneWeights(config: MobilenetConfig) {
  return new Map([...initialWeights(config, null, 1)].filter(([name]) => !name.startsWith('predictions')));
}

function scaled({ median, fastest, slowest }: Record<'median' | 'fastest' | 'slowest', number>, factor: number) {
  return { median: median * factor, fastest: fastest * factor, slowest: slowest * factor };
}

/** One 1×1 convolution on the back end that trains, beside the same on the back end in plain JavaScript. */
export async function benchLayer(side: number, channels: number, runs: Runs): Promise<Result> {
  const values = (length: number): Float32Array => Float32Array.from(noise(length), (byte) => byte / 255 - 0.5);
  const input = values(side * side * channels);
  const weights = values(channels * channels);
  const time = async (backend: 'wasm' | 'cpu') => {
    await tf.setBackend(backend);
    const x = tf.tensor4d(input, [1, side, side, channels]);
    const filter = tf.tensor4d(weights, [1, 1, channels, channels]);
    const timing = await measure(runs, () => {
      const y = tf.conv2d(x, filter, 1, 'valid');
      y.dataSync();
      y.dispose();
    });
    tf.dispose([x, filter]);
    return timing;
  };
  // Else the back end advises to install another one.
  tf.env().set('PROD', true);
  const timing = await time('cpu');
  const ours = await time('wasm');
  const what = `1×1 convolution ${side}×${side}, ${channels} → ${channels}`;
  return { what, ours, amount: 1, unit: 'ms/picture', peer: { name: 'tfjs-backend-cpu', timing } };
}
