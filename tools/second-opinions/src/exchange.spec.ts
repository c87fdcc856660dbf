import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { modelCard, writeKeras, writeTflite } from '@graft/exchange';
import type { ExportedFile } from '@graft/exchange';
import { Random, silent } from '@graft/foundation';
import { backboneWeightShapes, buildGraph, evaluate, headWeightShapes } from '@graft/model';
import type { Activation, Graph, MobilenetConfig } from '@graft/model';
import { evaluateQuantized, quantizeGraph } from '@graft/quantization';

import { KERAS } from './keras';
import { LITERT } from './litert';
import { installPeer, SCRIPTS } from './python-environment';
import type { PythonPeer } from './python-environment';

const asked = process.env['GRAFT_EXCHANGE'] === '1';
if (!asked) {
  process.stderr.write(
    '"LiteRT and Keras answer …" is skipped: GRAFT_EXCHANGE=1 npm test -- exchange.spec (needs Python 3.12 with pip)\n',
  );
}

const SIDE = 32;
const LIMIT_MS = 900_000;

function network(activation: Activation, pooling: MobilenetConfig['pooling']): Graph {
  const config: MobilenetConfig = {
    ...{ alpha: 0.25, output: 'conv_pw_4_relu', input: { height: SIDE, width: SIDE }, pooling, classes: 3 },
    ...{ encoding: { scale: 1 / 127.5, offset: -1 }, head: [{ type: 'dense', units: 8, activation }] },
  };
  const random = Random.of(7, 'network');
  const shapes = [...backboneWeightShapes(config), ...headWeightShapes(config)];
  const weights = shapes.map(({ name, shape }) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const inputs = size / (shape.at(name.includes('depthwise') ? -2 : -1) ?? 1);
    const [mean, deviation] = /kernel$/.test(name)
      ? [0, Math.sqrt(2 / inputs)]
      : /gamma|variance/.test(name)
        ? [1, 0.1]
        : [0.1, 0.2];
    return [name, { shape, data: new Float32Array(size).map(() => mean + deviation * random.normal()) }] as const;
  });
  return buildGraph(config, new Map(weights));
}

const pictures = [1, 2, 3, 4].map((seed) => {
  const random = Random.of(seed, 'picture');
  return new Uint8Array(3 * SIDE * SIDE).map(() => random.integer(256));
});
const planes = (picture: Uint8Array): Uint8Array =>
  picture.map((_, at) => picture[(at % SIDE ** 2) * 3 + Math.floor(at / SIDE ** 2)]);

(asked ? describe : describe.skip)('LiteRT and Keras answer', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'graft-exchange-'));
    writeFileSync(join(folder, 'pictures.bin'), Buffer.concat(pictures));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function answers(peer: PythonPeer, [{ path, bytes }]: readonly ExportedFile[]): Promise<number[][]> {
    writeFileSync(join(folder, path), bytes);
    const python = await installPeer(peer);
    const args = [join(SCRIPTS, 'exchange-run.py'), peer.name, join(folder, path), join(folder, 'pictures.bin')];
    const env = { ...process.env, KERAS_BACKEND: 'tensorflow', TF_CPP_MIN_LOG_LEVEL: '3' };
    const { stdout } = await promisify(execFile)(python, args, { env });
    return JSON.parse(stdout.slice(stdout.indexOf('[[')));
  }

  function expectClose(found: number[][], expected: (picture: Uint8Array) => Float32Array, limit: number): void {
    pictures.forEach((picture, at) => {
      const own = expected(planes(picture));
      expect(Math.max(...own.map((value, index) => Math.abs(value - found[at][index])))).toBeLessThan(limit);
    });
  }

  const card = (graph: Graph) => modelCard(graph, { experiment: 'tiny', labels: ['a', 'b', 'c'] });
  const leaky = { kind: 'leaky_relu', alpha: 0.3 } as const;
  const heads = ['linear', 'relu', 'relu6', 'sigmoid', 'tanh', 'hard_swish', leaky] as const;

  test.each(heads)(
    'to TFLite files with a head of %j as the networks do',
    async (activation) => {
      const graph = network(activation, activation === 'relu' ? 'avg_max' : 'avg');
      const { graph: quantized, tail } = await quantizeGraph(graph, {
        calibration: pictures.map(planes),
        ...{ method: 'minmax', percentile: 99.99, biasCorrection: true, roundingSearch: false, channelScales: false },
        ...{ report: silent, signal: new AbortController().signal },
      });
      const options = { card: card(graph), name: 'tiny' };
      const float = writeTflite(graph, { ...options, float32: true, int8: null });
      expectClose(await answers(LITERT, float), (picture) => evaluate(graph, picture), 1e-5);
      const int8 = writeTflite(graph, { ...options, float32: false, int8: { graph: quantized, ranges: tail } });
      expectClose(await answers(LITERT, int8), (picture) => evaluateQuantized(quantized, picture), 0.1);
    },
    LIMIT_MS,
  );

  test.each(heads.filter((one) => one !== 'hard_swish'))(
    'to Keras files with a head of %j as the networks do',
    async (activation) => {
      const graph = network(activation, activation === 'relu' ? 'avg_max' : 'avg');
      const files = await writeKeras(graph, { card: card(graph), name: 'tiny' });
      expectClose(await answers(KERAS, files), (picture) => evaluate(graph, picture), 1e-5);
    },
    LIMIT_MS,
  );
});
