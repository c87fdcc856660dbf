import { evaluatePredictions } from './evaluate';
import { renderMetrics } from './render-metrics';
import { renderReport } from './render-report';
import { summaryLines } from './summary';

const CLASSES = ['pika|chu', 'Mr. *Mime* <b>'];
const FACTS = {
  name: 'pokedex',
  kmodelBytes: 1_964_232,
  kpuRamBytes: 2_097_152,
  mainMemoryBytes: 188_160,
  speed: { estimatedMs: 35, lowMs: 25, highMs: 49 },
};
const predictions = [
  { id: 'a', path: 'set/one|two.png', label: 0, float: [0.9, 0.1], device: [0.2, 0.8] },
  { id: 'b', path: 'set/b.png', label: 1, float: [0.1, 0.9], device: [0.1, 0.9] },
  { id: 'c', path: 'set/c.png', label: 1, float: [0.3, 0.7], device: [0.3, 0.7] },
];
const metrics = evaluatePredictions(predictions, { classes: CLASSES, confidence: 0.95 });

describe('renderReport', () => {
  const report = renderReport(metrics, FACTS);

  test('names the figures a reader looks for', () => {
    expect(report).toContain('| float accuracy | 100.00 % (3 of 3) |');
    expect(report).toContain('| device accuracy | 66.67 % (2 of 3) |');
    expect(report).toContain('| kmodel | 1.87 MiB (1,964,232 bytes) |');
    expect(report).toContain('| KPU RAM | 2.00 MiB (2,097,152 bytes) |');
    expect(report).toContain('| main memory | 183.75 KiB (188,160 bytes) |');
    expect(report).toContain(
      '| speed (estimated, not measured) | about 28.6 pictures a second: 35 ms each (25 ms to 49 ms) |',
    );
  });

  test('shows the confusion of the chip before that of the float net', () => {
    expect(report.indexOf('as the chip will answer')).toBeLessThan(report.indexOf('of the float net'));
    expect(report).toContain('| pika\\|chu | **0** | 1 |');
  });

  test('a name cannot break a table or become markup', () => {
    const rows = report.split('\n').filter((line) => line.startsWith('|'));
    const tables = report
      .trimEnd()
      .split('\n\n')
      .filter((block) => block.startsWith('|'));
    expect(rows.length).toBeGreaterThan(10);
    for (const block of tables) {
      const widths = block.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length);
      expect(new Set(widths).size).toBe(1);
    }
    expect(report).not.toContain('<b>');
    expect(report).not.toContain('*Mime*');
  });

  test('lists the worst pictures by path', () => {
    expect(report).toContain(
      '| set/one\\|two.png | pika\\|chu | Mr. \\*Mime\\* &lt;b> (80.00 %) | pika\\|chu (90.00 %) |',
    );
  });

  test('shows the memory map as a picture that is described, where the plan is known', () => {
    const block = { name: 'picture', start: 0, size: 16384, firstLayer: 0, lastLayer: 0 };
    const memory = {
      layers: ['conv_1'],
      kpuLines: 32768,
      lineBytes: 64,
      kpuMaps: [block],
      mainBytes: 8,
      mainBuffers: [],
    };
    expect(renderReport(metrics, { ...FACTS, memory })).toContain(
      '![1 layer. KPU RAM is fullest at conv\\_1: 1024 KiB, 50 % of it. Main memory: 8 B.](memory-map.svg)',
    );
    expect(report).not.toContain('memory-map.svg');
  });

  test('shows the training as a picture that is described, where it is known', () => {
    const epoch = { epoch: 1, phase: 'training', learningRate: 0.001, loss: 0.5, accuracy: 0.75 };
    const training = { history: [{ ...epoch, valLoss: null, valAccuracy: null }], bestEpoch: 1 };
    expect(renderReport(metrics, { ...FACTS, training })).toMatch(
      /^!\[Phases: training, 1 epoch\..*\]\(training-curves\.svg\)$/m,
    );
    expect(report).not.toContain('training-curves.svg');
  });

  test('says so when there are no bad pictures', () => {
    const good = evaluatePredictions(predictions.slice(1), { classes: CLASSES, confidence: 0.95 });
    expect(renderReport(good, FACTS)).toContain('The chip answers every picture right.');
    expect(renderReport(good, FACTS)).toContain('| pika\\|chu | 0 | – | – | – | – |');
  });
});

describe('what quantization cost', () => {
  const layer = {
    name: 'conv_1',
    kind: 'convolution' as const,
    observed: { min: 0, max: 5.5 },
    histogram: [0.64, 0.16, 0, 0.04],
    range: { min: 0, max: 5 },
    saturatedShare: 0.00123,
    weightScales: { smallest: 0.001, largest: 0.02, deadChannels: 3 },
    biasCorrection: { mean: 0.25, largest: 4 },
    snrDb: 33.26,
  };
  const tried = { name: 'minmax, rounding search', pictures: 24, floatAccuracy: 1, deviceAccuracy: 0.75 };
  const candidates = [{ ...tried, logitError: 0.1188, chosen: true }];
  const quantization = {
    layers: [layer, { ...layer, name: 'last', snrDb: null }],
    candidates,
    dense: null,
    awareTraining: null,
  };
  const dense = {
    layers: ['hidden_1'],
    pictures: 24,
    cpu: { accuracy: 1, logitError: 0.05, flips: 0 },
    kpu: { accuracy: 0.75, logitError: 0.125, flips: 6 },
    difference: 0.0625,
    chosen: 'cpu' as const,
  };

  test('is a row for each layer, its values as bars', () => {
    const report = renderReport(metrics, { ...FACTS, quantization });
    expect(report).toContain(
      '| conv\\_1 | 33.3 dB | `█▄ ▂` | 0.00 … 5.50 | 0.00 … 5.00 | 0.123 % | 1.0e-3 … 2.0e-2 | 3 | 0.25 (largest 4.0) |',
    );
    expect(report).toContain('| last | exact |');
    expect(report).toContain('| **minmax, rounding search** | 100.00 % | 75.00 % | 0.1188 | 24 |');
    expect(renderReport(metrics, { ...FACTS, quantization: { ...quantization, candidates: [] } })).not.toContain(
      'Recipes that were tried',
    );
  });

  test('shows both forms of dense layers, where any were meant for the KPU', () => {
    const report = renderReport(metrics, { ...FACTS, quantization: { ...quantization, dense } });
    expect(report).toContain('## Dense layers in 8 bits and as floats\n\nhidden\\_1, behind');
    expect(report).toContain('differ by 6.25 % of the spread');
    expect(report).toContain('| KPU, 8 bits | 75.00 % | 0.1250 | 6 of 24 |');
    expect(report).toContain('| **CPU, float32** | 100.00 % | 0.0500 | 0 of 24 |');
    expect(renderReport(metrics, { ...FACTS, quantization })).not.toContain('Dense layers');
  });

  test('has a row for each epoch of training in 8 bits, and says which one was kept', () => {
    const epochs = [
      { epoch: 1, loss: 2.5, deviceAccuracy: 0.75 },
      { epoch: 2, loss: 1.25, deviceAccuracy: 0.875 },
    ];
    const awareTraining = { pictures: 64, validationPictures: 8, before: 0.75, epochs, kept: 2 };
    const report = renderReport(metrics, { ...FACTS, quantization: { ...quantization, awareTraining } });
    expect(report).toContain('On 64 calibration pictures, judged by 8 of validation. Epoch 2 is kept.');
    expect(report).toContain('| before | 75.00 % |');
    expect(report).toContain('| 1 | 75.00 % | 2.5000 |');
    expect(report).toContain('| **2** | 87.50 % | 1.2500 |');
    const given = { ...quantization, awareTraining: { ...awareTraining, kept: null } };
    expect(renderReport(metrics, { ...FACTS, quantization: given })).toContain('No epoch was better');
    expect(renderReport(metrics, { ...FACTS, quantization })).not.toContain('Training in 8 bits');
  });

  test('stands in metrics.json as well', () => {
    const read = JSON.parse(renderMetrics(metrics, { ...FACTS, quantization })) as {
      quantization: typeof quantization;
    };
    expect(read.quantization).toEqual(quantization);
  });
});

test('metrics.json is rounded, sorted and reads back', () => {
  const text = renderMetrics(metrics, FACTS);
  const read = JSON.parse(text) as { deviceAccuracy: { value: number }; count: number; speed: unknown };
  expect(read.speed).toEqual(FACTS.speed);
  expect(read.deviceAccuracy.value).toBe(0.666667);
  expect(read.count).toBe(3);
  expect(text.indexOf('"accuracyDrop"')).toBeLessThan(text.indexOf('"agreement"'));
  expect(
    renderMetrics(evaluatePredictions([...predictions].reverse(), { classes: CLASSES, confidence: 0.95 }), FACTS),
  ).toBe(text);
});

test('a negative drop that rounds to nothing is written as 0', () => {
  expect(renderMetrics({ ...metrics, accuracyDrop: -1e-9 }, FACTS)).toContain('"accuracyDrop": 0,');
});

test('the terminal gets seven lines in columns', () => {
  expect(summaryLines(metrics, FACTS)).toEqual([
    'float accuracy   100.00 %  (3 of 3; 95 % interval 43.85 % to 100.00 %)',
    'device accuracy  66.67 %  (2 of 3; 95 % interval 20.77 % to 93.85 %)',
    'agreement        66.67 %  (2 of 3; 95 % interval 20.77 % to 93.85 %)',
    'file size        1.87 MiB (1,964,232 bytes)',
    'KPU RAM          2.00 MiB (2,097,152 bytes)',
    'main memory      183.75 KiB (188,160 bytes)',
    'speed (estimate) about 28.6 pictures a second: 35 ms each (25 ms to 49 ms)',
  ]);
});
