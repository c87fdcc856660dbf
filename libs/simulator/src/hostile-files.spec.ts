import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { GraftError } from '@graft/foundation';
import { readKModel, validateKModel, writeKModel } from '@graft/kmodel';
import type { LayerKind } from '@graft/kmodel';
import { sizeOf } from '@graft/tensor';

// Behind the library's door: damage for tests only.
import { damaged } from '../../kmodel/src/hostile-files';
import type { HostileFile, Original } from '../../kmodel/src/hostile-files';
import { everyLayer } from './every-layer.fixture';
import { Scratch } from './scratch';
import { loadSimulator } from './simulator';
import { workOf } from './work';

/** GRAFT_SEED=… looks at other damage; a failure names the seed and the case. */
const SEED = Number(process.env['GRAFT_SEED'] ?? 4);

const SHARED = join(__dirname, '../../../../shared/fixtures/kmodel');
const TINY_OWN = join(__dirname, '../../kmodel/fixtures/tiny-own/tiny-own.kmodel');
const open = (name: string, path: string): Original => ({ name, bytes: new Uint8Array(readFileSync(path)) });
const every = { name: 'every layer', bytes: writeKModel(everyLayer) };
const foreign = ['iris', 'mnist']
  .map((name) => ({ name, path: join(SHARED, `${name}.kmodel`) }))
  .filter(({ path }) => existsSync(path));

describe('a model with every kind of layer', () => {
  /** The compiler complains when a kind is missing. */
  const KINDS: Readonly<Record<LayerKind, true>> = {
    ...{ add: true, addPadding: true, averagePool: true, channelwiseDequantize: true, concat: true, convolution: true },
    ...{ dequantize: true, flatten: true, fullyConnected: true, globalAveragePool: true, l2Normalization: true },
    ...{ logistic: true, quantize: true, quantizedAdd: true, quantizedConcat: true, quantizedMaxPool: true },
    ...{ quantizedResizeNearest: true, removePadding: true, requantize: true, resizeNearest: true, softmax: true },
    upload: true,
  };

  test('breaks no rule of the format', () => {
    expect(validateKModel(every.bytes).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('runs every one of them, to shares that add up to 1', () => {
    const seen = new Set<LayerKind>();
    const picture = Uint8Array.from({ length: 64 }, (_, index) => (index * 37) & 255);
    const [shares] = loadSimulator(every.bytes).run(picture, (_index, kind) => seen.add(kind));
    expect([...seen].sort()).toEqual(Object.keys(KINDS).sort());
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
    expect(new Set(shares).size).toBeGreaterThan(3);
  });
});

/** Beyond, a damaged model is loaded and not run: the test would take long. */
const MOST_WORK = 2e6;

/** A typed error, or a model that runs to its end or to a typed error. Anything else is thrown. */
function loadAndRun(bytes: Uint8Array): 'refused' | 'loaded' | 'ran' {
  try {
    const simulator = loadSimulator(bytes);
    if (readKModel(bytes).layers.reduce((sum, layer) => sum + workOf(layer), 0) > MOST_WORK) return 'loaded';
    const size = sizeOf(simulator.input);
    simulator.run(simulator.inputType === 'bytes' ? new Uint8Array(size).fill(77) : new Float32Array(size).fill(0.3));
    return 'ran';
  } catch (error) {
    if (error instanceof GraftError && /^E3(5[0-4]|6[1-5])$/.test(error.code)) return 'refused';
    throw error;
  }
}

function tryAll(files: Iterable<HostileFile>): { refused: number; loaded: number; ran: number } {
  const counts = { refused: 0, loaded: 0, ran: 0 };
  for (const { what, bytes } of files) {
    try {
      counts[loadAndRun(bytes)]++;
    } catch (cause) {
      throw new Error(`seed ${SEED}, ${what}: ${String(cause)}`, { cause });
    }
  }
  return counts;
}

test('a damaged model is refused, or runs', () => {
  const tiny = tryAll(damaged(open('tiny-own', TINY_OWN), 600, SEED));
  expect(tiny.refused).toBeGreaterThan(100);
  expect(tiny.ran).toBeGreaterThan(50);
  const all = tryAll(damaged(every, 1200, SEED));
  expect(all.refused).toBeGreaterThan(100);
  expect(all.ran).toBeGreaterThan(100);
  for (const { name, path } of foreign) tryAll(damaged(open(name, path), name === 'iris' ? 300 : 15, SEED));
});

describe('a model of very many layers', () => {
  const [first] = everyLayer.layers;
  if (first.kind !== 'convolution') throw new Error('the model begins with a convolution');
  const { registers } = first;
  /** 3×3 layers over maps of 4 channels, back and forth between two places. */
  const modelOf = (count: number, inputHeight: number, inputWidth: number): Uint8Array => {
    const size = { inputHeight, inputWidth, outputHeight: inputHeight, outputWidth: inputWidth, kernel: 3 as const };
    const layers = Array.from({ length: count }, (_, index) => {
      const [sourceLine, destinationLine] = index % 2 === 0 ? [0, 16384] : [16384, 0];
      const place = { ...registers, ...size, sourceLine, destinationLine };
      return { ...first, flags: 0, registers: place, weights: new Uint8Array(36).fill(1) };
    });
    return writeKModel({ ...everyLayer, outputs: [], layers });
  };

  test('takes no more memory to load than its file', () => {
    // 150 layers over maps of 480 KiB, in a file of 120 kB: held by each, their borders and sums would take 220 MB.
    const bytes = modelOf(150, 240, 512);
    const before = process.memoryUsage().arrayBuffers;
    const simulator = loadSimulator(bytes);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * bytes.length);
    expect(simulator.input).toEqual({ channels: 4, height: 240, width: 512 });
  });

  test('runs in work memory that all of its layers share', () => {
    const spies = [jest.spyOn(Scratch.prototype, 'float64'), jest.spyOn(Scratch.prototype, 'uint8')];
    loadSimulator(modelOf(30, 4, 4)).run(new Uint8Array(64));
    const handedOut = spies.flatMap((spy) => spy.mock.results.map(({ value }) => value));
    spies.forEach((spy) => spy.mockRestore());
    // The sums and the border, by each layer.
    expect(handedOut).toHaveLength(60);
    expect(new Set(handedOut).size).toBe(2);
  });
});
