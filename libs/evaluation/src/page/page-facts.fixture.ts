import { evaluatePredictions } from '../evaluate';
import type { Metrics } from '../metrics';
import type { Prediction } from '../prediction';
import type { PageFacts } from './page-facts';

export interface PageCase {
  readonly classes: readonly string[];
  /** Of each class. */
  readonly pictures: number;
  /** Every how many-th picture the chip answers wrongly; 0: none. */
  readonly wrongEvery: number;
  readonly name: string;
  /** Below which pictures lie. */
  readonly folder: string;
  readonly thumbnail?: Uint8Array;
}

/** What an evaluation of made-up answers would show. */
export function pageOf(one: PageCase): { metrics: Metrics; facts: PageFacts } {
  const predictions = one.classes.flatMap((_, label) =>
    Array.from({ length: one.pictures }, (_unused, index) => prediction(one, label, index)),
  );
  const metrics = evaluatePredictions(predictions, { classes: one.classes, confidence: 0.95 });
  const shown = one.thumbnail;
  const thumbnails = new Map(
    shown === undefined ? [] : [...metrics.worst, ...metrics.flips].map(({ id }) => [id, shown]),
  );
  return { metrics, facts: { ...FACTS, name: one.name, health: healthOf(one), split: splitOf(one), thumbnails } };
}

function prediction({ classes, wrongEvery, folder, pictures }: PageCase, label: number, index: number): Prediction {
  const number = label * pictures + index;
  const isWrong = wrongEvery > 0 && number % wrongEvery === 0;
  const answer = isWrong ? (label + 1) % classes.length : label;
  const sure = 0.55 + (number % 9) * 0.05;
  const spread = (winner: number) => classes.map((_, at) => (at === winner ? sure : (1 - sure) / (classes.length - 1)));
  const id = String(number).padStart(6, '0');
  // Every other of the wrong answers is one of the chip alone.
  return {
    id,
    path: `${folder}/${id}.png`,
    label,
    float: spread(number % 2 === 0 ? answer : label),
    device: spread(answer),
  };
}

const healthOf = ({ classes, folder }: PageCase): PageFacts['health'] => ({
  classes: classes.map((label) => ({ label, fetched: 12, kept: 10 })),
  checks: [
    { check: 'exact_duplicate', action: 'drop', findings: [{ pictures: [folder, folder], surplus: [folder] }] },
    { check: 'blurred', action: 'warn', findings: [] },
  ],
  straddlingGroups: 2,
});

const splitOf = ({ classes }: PageCase): PageFacts['split'] =>
  classes.map((label) => ({ label, train: 6, validation: 2, test: 2 }));

const layer = (name: string, snrDb: number | null): PageFacts['quantization']['layers'][number] => ({
  name,
  kind: 'convolution',
  observed: { min: 0, max: 6 },
  histogram: [0.5, 0.3, 0.1, 0.1],
  range: { min: 0, max: 5.5 },
  saturatedShare: 0.001,
  weightScales: { smallest: 0.001, largest: 0.02, deadChannels: 1 },
  biasCorrection: { mean: 0.2, largest: 3 },
  snrDb,
});

const FACTS: PageFacts = {
  name: '',
  kmodelBytes: 696_840,
  kpuRamBytes: 2_097_152,
  mainMemoryBytes: 501_760,
  speed: { estimatedMs: 35.4, lowMs: 25.3, highMs: 49.6 },
  memory: {
    layers: ['conv1', 'conv_dw_1', 'softmax'],
    kpuLines: 32_768,
    lineBytes: 64,
    kpuMaps: [{ name: 'picture', start: 0, size: 12_544, firstLayer: 0, lastLayer: 1 }],
    mainBytes: 1_000,
    mainBuffers: [{ name: 'softmax', start: 0, size: 8, firstLayer: 2, lastLayer: 2 }],
  },
  quantization: {
    layers: [layer('conv1', 41.2), layer('a_layer_whose_name_is_rather_long_and_has_no_spaces_at_all', null)],
    candidates: [
      { name: 'minmax', pictures: 24, floatAccuracy: 1, deviceAccuracy: 0.95, logitError: 0.1, chosen: true },
      { name: 'kl', pictures: 24, floatAccuracy: 1, deviceAccuracy: 0.9, logitError: 0.2, chosen: false },
    ],
    dense: {
      layers: ['hidden_1'],
      pictures: 24,
      cpu: { accuracy: 1, logitError: 0.05, flips: 0 },
      kpu: { accuracy: 0.9, logitError: 0.1, flips: 2 },
      difference: 0.06,
      chosen: 'cpu',
    },
    awareTraining: {
      pictures: 64,
      validationPictures: 8,
      before: 0.75,
      epochs: [{ epoch: 1, loss: 2.5, deviceAccuracy: 0.8 }],
      kept: 1,
    },
  },
  cuts: {
    cuts: [
      {
        output: 'conv_pw_5_relu',
        accuracy: 0.9,
        low: 0.88,
        high: 0.92,
        kmodelBytes: 300_000,
        estimatedMs: 20,
        chosen: true,
      },
      {
        output: 'conv_pw_7_relu',
        accuracy: 0.91,
        low: 0.89,
        high: 0.93,
        kmodelBytes: 700_000,
        estimatedMs: 35,
        chosen: false,
      },
    ],
    pictures: 200,
    trials: 80,
  },
  training: {
    history: [1, 2, 3].map((epoch) => ({
      epoch,
      phase: 'training',
      learningRate: 0.001,
      loss: 1 / epoch,
      accuracy: 1 - 0.3 / epoch,
      valLoss: 1.2 / epoch,
      valAccuracy: 1 - 0.4 / epoch,
    })),
    bestEpoch: 3,
  },
  unknown: null,
  gates: [
    { name: 'device_accuracy', limit: 0.99, measured: 0.9, interval: [0.8, 0.95], strict: true, met: false },
    { name: 'kmodel_size', limit: 2_097_152, measured: 696_840, interval: null, strict: false, met: true },
  ],
  health: { classes: [], checks: [], straddlingGroups: 0 },
  split: [],
  provenance: {
    model: { bytes: 696_840, sha256: 'a'.repeat(64) },
    settingsSha256: 'b'.repeat(64),
    lockSha256: 'c'.repeat(64),
    tools: { graft: '0.1.0', sharp: '0.35.3' },
  },
  config: 'version: 1\nname: "</code></pre><script>alert(1)</script>"\n',
  thumbnails: new Map(),
};
