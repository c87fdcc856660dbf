import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { GraftError } from '@graft/foundation';
import { readKModel, validateKModel, writeKModel } from '@graft/kmodel';
import type { LayerKind } from '@graft/kmodel';
import { sizeOf } from '@graft/tensor';

// Behind the library's door: damage for tests only.
import { damaged } from '../../kmodel/src/hostile-files';
import type { HostileFile, Original } from '../../kmodel/src/hostile-files';
import { everyLayer } from './every-layer';
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

test('what many layers need to work is held once, not once a layer', () => {
  // 150 runs over maps of 480 KiB, in a file of 120 kB: held by each, their borders and sums would take 220 MB.
  const [first] = everyLayer.layers;
  if (first.kind !== 'convolution') throw new Error('the model begins with a convolution');
  const size = { inputHeight: 240, inputWidth: 512, outputHeight: 240, outputWidth: 512 };
  const wide = { ...first.registers, ...size, kernel: 3 as const, inputChannels: 4, outputChannels: 4 };
  const layers = Array.from({ length: 150 }, (_, index) => ({
    ...first,
    flags: 0,
    registers: { ...wide, sourceLine: index % 2 === 0 ? 0 : 16384, destinationLine: index % 2 === 0 ? 16384 : 0 },
    weights: new Uint8Array(36).fill(1),
  }));
  const bytes = writeKModel({ ...everyLayer, outputs: [], layers });
  const before = process.memoryUsage().arrayBuffers;
  const simulator = loadSimulator(bytes);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * bytes.length);
  expect(simulator.input).toEqual({ channels: 4, height: 240, width: 512 });
});
