import { DEVICES } from '@graft/k210';
import { writeKModel } from '@graft/kmodel';
import type { HeadShape, LayerShape, MobilenetConfig } from '@graft/model';
import { backboneWeightShapes, buildGraph, headWeightShapes, networkShape } from '@graft/model';
import { Random } from '@graft/foundation';

import type { CheckFitOptions } from './check-fit';
import { checkFit } from './check-fit';
import type { DensePolicy } from './choose-dense';
import { compile } from './compile';
import { estimateTime } from './estimate-time';
import { printFit } from './print-fit';
import { quantized } from './random-quantized-graph.fixture';

const device = DEVICES['maix-bit'];
const { full, minimum } = device.firmware;

function mobilenet(changes: Partial<MobilenetConfig> = {}): MobilenetConfig {
  const input = { height: 224, width: 224 };
  const encoding = { scale: 1 / 127.5, offset: -1 };
  return { alpha: 1, output: 'conv_pw_7_relu', input, encoding, pooling: 'avg', head: [], classes: 2, ...changes };
}

const dense = (...units: readonly number[]): HeadShape[] =>
  units.map((count) => ({ type: 'dense', units: count, activation: 'relu' }));

function fit(config: MobilenetConfig, changes: Partial<CheckFitOptions> = {}) {
  return checkFit({ layers: networkShape(config), device, firmware: full, ...changes });
}

describe('the size worked out from shapes', () => {
  test.each<[string, MobilenetConfig, DensePolicy?]>([
    ['a cut network', mobilenet({ alpha: 0.25, output: 'conv_pw_4_relu', input: { height: 32, width: 64 } })],
    [
      'hidden layers',
      mobilenet({
        alpha: 0.25,
        output: 'conv_pw_2_relu',
        input: { height: 32, width: 32 },
        head: dense(7, 3),
        classes: 5,
      }),
    ],
    [
      'activations made of several layers',
      mobilenet({
        alpha: 0.25,
        output: 'conv_pw_2_relu',
        input: { height: 32, width: 32 },
        head: [
          { type: 'dense', units: 7, activation: 'sigmoid' },
          { type: 'dense', units: 9, activation: { kind: 'leaky_relu', alpha: 0.2 } },
          { type: 'dense', units: 5, activation: 'tanh' },
        ],
      }),
    ],
    [
      'hidden layers on the KPU, one of them in two runs',
      mobilenet({
        alpha: 0.25,
        output: 'conv_pw_2_relu',
        input: { height: 32, width: 32 },
        head: dense(40, 1030),
        classes: 5,
      }),
      'kpu',
    ],
    [
      'a tanh on the KPU, then a leaky ReLU on the CPU',
      mobilenet({
        alpha: 0.25,
        output: 'conv_pw_2_relu',
        input: { height: 32, width: 32 },
        head: [{ type: 'dense', units: 7, activation: 'tanh' }],
      }),
      'kpu',
    ],
    [
      'every dense layer on the KPU',
      mobilenet({ alpha: 0.25, output: 'conv_pw_2_relu', input: { height: 32, width: 32 }, head: dense(12) }),
      'kpu-all',
    ],
    [
      'means and maxima',
      mobilenet({ alpha: 0.25, output: 'conv_pw_4_relu', input: { height: 32, width: 64 }, pooling: 'avg_max' }),
    ],
    [
      'means and maxima before hidden layers on the KPU',
      mobilenet({
        alpha: 0.25,
        output: 'conv_pw_2_relu',
        input: { height: 32, width: 32 },
        pooling: 'avg_max',
        head: dense(12, 5),
      }),
      'kpu',
    ],
    ['the first layer alone', mobilenet({ alpha: 0.5, output: 'conv1_relu', input: { height: 32, width: 32 } })],
  ])('is that of the written file, to the byte: %s', async (_, config, policy: DensePolicy = 'auto') => {
    const report = fit(config, { dense: policy });
    const denseOnKpu = { layers: report.dense.onKpu, mayFallBack: false };
    const { graph } = await quantized(buildGraph(config, randomWeights(config)), 1, {}, denseOnKpu);
    const { model, plan } = compile(graph);
    expect(report.kmodelBytes).toBe(writeKModel(model).length);
    expect(report.mainMemoryBytes).toBe(plan.mainBytes);
    expect(report.kpuPeakLines).toBe(plan.kpuPeakLines);
    expect(report.layers).toHaveLength(model.layers.length);
    expect(report.layers.map(({ bytes }) => bytes)).toEqual(bodyBytes(writeKModel(model)));
    expect(estimateTime(model)).toEqual(report.time);
  });

  test('needs what is known of alpha 1 at 224 pixels', () => {
    const report = fit(mobilenet({ output: 'conv_pw_13_relu' }));
    // 1 835 008 bytes at conv_dw_2, the peak of the whole network.
    expect(report.kpuPeakLines * 64).toBe(1835008);
    // 919 million, and 2048 of the dense layer: halving depthwise layers run at full size.
    expect(Math.round(report.macs / 1e6)).toBe(919);
    expect(report.layers.find(({ name }) => name === 'conv_pw_13')?.weightLoads).toBe(35);
    // 7·7·1024 bytes and the same as floats.
    expect(report.mainMemoryBytes).toBe(50176 + 4 * 50176);
  });
});

test('a network that fits has no finding', () => {
  const report = fit(mobilenet());
  expect(report).toMatchObject({ fits: true, findings: [], availableBytes: full.freeBytes });
  expect(report.neededBytes).toBe(report.kmodelBytes + report.mainMemoryBytes + device.reservedBytes);
});

describe('the 2019 workshop network', () => {
  const head = dense(1024, 1024, 512);

  test.each([0.75, 1])('does not fit a full-firmware board at alpha %s, and the finding says what would', (alpha) => {
    const config = mobilenet({ alpha, output: 'conv_pw_13_relu', head });
    const report = fit(config);
    expect(report.fits).toBe(false);
    expect(report.findings).toHaveLength(1);
    const [{ code, keyPath, note, hint }] = report.findings;
    expect(code).toBe('E301');
    expect(keyPath).toBe(alpha === 1 ? 'model.head[0].dense' : 'model.head[1].dense');
    expect(note).toBe(`this layer needs 1.01 MiB; total ${alpha === 1 ? '6.50' : '4.85'} MiB, available 2.40 MiB`);
    expect(report.dense).toMatchObject({ onKpu: 3, reason: 'many weights', floatFits: false });
    expect(hint).toBe(
      alpha === 1
        ? 'alpha 0.5 and head [512, 512, 256] gives 2.18 MiB; model.output conv_pw_9_relu and head [256, 256, 128] gives 2.37 MiB; firmware "minimum" and head [128, 128, 64] gives 4.13 MiB'
        : 'alpha 0.5 and head [512, 512, 256] gives 2.18 MiB; model.output conv_pw_12_relu and head [256, 256, 128] gives 2.28 MiB; firmware "minimum" and head [512, 512, 256] gives 3.33 MiB',
    );
  });

  test('counts dropouts when it names the entry of the head', () => {
    const written = [{ type: 'dense' }, { type: 'dropout' }, { type: 'dense' }, { type: 'dense' }];
    const config = mobilenet({ alpha: 0.75, output: 'conv_pw_13_relu', head });
    expect(fit(config, { head: written }).findings[0].keyPath).toBe('model.head[2].dense');
  });

  test('every proposal really fits', () => {
    const shrunk = mobilenet({ alpha: 0.5, output: 'conv_pw_13_relu', head: dense(512, 512, 256) });
    expect(fit(shrunk)).toMatchObject({ fits: true });
    const cut = mobilenet({ output: 'conv_pw_9_relu', head: dense(256, 256, 128) });
    expect(fit(cut)).toMatchObject({ fits: true });
    const roomier = mobilenet({ alpha: 0.75, output: 'conv_pw_13_relu', head: dense(512, 512, 256) });
    expect(fit(roomier, { firmware: minimum })).toMatchObject({ fits: true });
  });
});

test('a backbone that is too large points at alpha, with all single changes', () => {
  const [{ keyPath, hint }] = fit(mobilenet({ output: 'conv_pw_13_relu' })).findings;
  expect(keyPath).toBe('model.alpha');
  expect(hint).toBe(
    'alpha 0.5 with this head gives 1.55 MiB; model.output conv_pw_9_relu gives 2.15 MiB; firmware "minimum" leaves 4.20 MiB',
  );
});

test('an alpha without weights is not proposed', () => {
  const [{ hint }] = fit(mobilenet({ output: 'conv_pw_13_relu' }), { alphas: [1] }).findings;
  expect(hint).not.toContain('alpha');
});

test('a last feature map that is too large points at the cut', () => {
  const [{ keyPath, note, hint }] = fit(mobilenet({ output: 'conv_pw_1_relu' })).findings;
  expect(keyPath).toBe('model.output');
  // 64·112·112 bytes and four times that.
  expect(note).toContain('need 3.83 MiB');
  expect(hint).toContain('model.output conv_pw_4_relu');
});

test('E307: a firmware that does not load kmodel v3', () => {
  const firmware = { ...full, name: 'newer', kmodelVersions: [4] };
  expect(fit(mobilenet(), { firmware }).findings).toMatchObject([{ code: 'E307', keyPath: 'target.firmware' }]);
});

describe('limits of the KPU', () => {
  const square = (channels: number, size: number) => ({ channels, height: size, width: size });
  const single = (changes: Partial<LayerShape>): LayerShape[] => {
    const base = { name: 'odd_one', kind: 'convolution', kernel: 3, stride: 1, activation: 'relu' } as const;
    return [{ ...base, input: square(3, 16), output: square(8, 16), weights: 0, biases: 0, macs: 0, ...changes }];
  };

  test.each([
    ['E302', 'model.alpha', single({ input: square(2000, 16) })],
    ['E304', 'preprocess.image_size', single({ input: square(3, 400), output: square(3, 400) })],
    ['E305', 'preprocess.image_size', single({ stride: 2, input: square(3, 15), output: square(8, 7.5) })],
    ['E306', 'preprocess.image_size', single({ input: square(64, 224), output: square(64, 224) })],
    [
      'E308',
      'model.output',
      single({ input: { channels: 1, height: 200, width: 400 }, output: { channels: 1, height: 200, width: 400 } }),
    ],
  ])('%s is found under %s', (code, keyPath, layers) => {
    const { findings, fits } = checkFit({ layers, device, firmware: minimum });
    expect(fits).toBe(false);
    expect(findings).toContainEqual(
      expect.objectContaining({ code, keyPath, note: expect.stringContaining('odd_one') }),
    );
    for (const { hint } of findings) expect(hint).not.toBe('');
  });

  test('a wide layer is counted run by run', () => {
    const [first, second, dequantize] = checkFit({
      layers: single({ input: square(512, 8), output: square(512, 8) }),
      device,
      firmware: minimum,
    }).layers;
    expect(first).toMatchObject({
      name: 'odd_one (part 1 of 2)',
      output: '384×8×8',
      inputLines: 1024,
      outputLines: 768,
      weightLoads: 64,
    });
    expect(second).toMatchObject({
      name: 'odd_one (part 2 of 2)',
      output: '128×8×8',
      outputLines: 256,
      weightLoads: 22,
    });
    expect(first.macs + second.macs).toBe(512 * 512 * 9 * 64);
    expect(dequantize.name).toBe('odd_one_dequantize');
  });

  test('a MobileNet whose picture is too high is told the size that works', () => {
    const { findings } = fit(mobilenet({ alpha: 0.25, input: { height: 288, width: 288 } }));
    expect(findings[0]).toMatchObject({ code: 'E304', keyPath: 'preprocess.image_size' });
    expect(findings[0].hint).toContain('preprocess.image_size 256');
  });
});

test('the report prints as a table with sums and findings', () => {
  const text = printFit(fit(mobilenet({ output: 'conv_pw_13_relu' })));
  expect(text).toMatch(
    /^conv_dw_2 +64×112×112 +14336 \+ 14336 +0\.88 MiB \+ 0\.88 MiB +1 +7\.23 +1\.5 KiB +0\.\d{3}$/m,
  );
  expect(text).toContain('needed           3.98 MiB of 2.40 MiB on maix-bit with firmware "MaixPy full"');
  expect(text).toContain('It does not fit.');
  expect(text).toContain('error[E301]');
  expect(printFit(fit(mobilenet()))).toContain('It fits.');
});

function randomWeights(config: MobilenetConfig) {
  const random = Random.of(1);
  const shapes = [...backboneWeightShapes(config), ...headWeightShapes(config)];
  return new Map(
    shapes.map(({ name, shape }) => {
      const size = shape.reduce((product, side) => product * side, 1);
      const data = new Float32Array(size).map(() => (name.endsWith('variance') ? 1 : 0.5 * random.normal()));
      return [name, { shape, data }];
    }),
  );
}

/** What the table of a kmodel v3 with one output says of its bodies. */
function bodyBytes(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return Array.from({ length: view.getUint32(12, true) }, (_, index) => view.getUint32(36 + 8 * index + 4, true));
}
