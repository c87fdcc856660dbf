import type { Ingredient, Settings } from './bench-ingredients';

const PLAIN = 'probe after block 7';
const COPIES = 'probe after block 7 with 4 copies';
const MANY_COPIES = 'probe after block 7 with 8 copies';
const JUDGED = 'the same, from three folds while one judges';

/** How the ways with steps take them, whatever the experiment does. */
const STEPS = {
  optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  batchSize: 16,
  learningRate: 0.003,
  weightDecay: 1,
} as const;

/** What is taken from here on, to add to. */
const copies = probe(COPIES, PLAIN, 'conv_pw_7_relu', 4);

/** What the photographs are learned with, one thing after another. An epoch shows each picture in all its copies once. */
export const INGREDIENTS: readonly Ingredient[] = [
  probe(PLAIN, null, 'conv_pw_7_relu', 0),
  copies,
  probe(MANY_COPIES, COPIES, 'conv_pw_7_relu', 8),
  {
    name: 'hidden layer of 64 with 4 copies',
    against: COPIES,
    change: (settings) =>
      changed(copies.change(settings), {
        model: {
          head: [
            { type: 'dense', units: 64, activation: 'relu' },
            { type: 'dropout', rate: 0.3 },
          ],
        },
        train: { learningRate: 0.001 },
      }),
  },
  {
    name: 'fine-tuned from block 7 with 4 copies',
    against: COPIES,
    change: (settings) =>
      changed(copies.change(settings), {
        train: { fineTune: { unfreezeFrom: 'conv_dw_7', epochs: 6, learningRate: 0.0002 } },
      }),
  },
  probe('probe after block 5', PLAIN, 'conv_pw_5_relu', 0),
  probe('probe after block 6', PLAIN, 'conv_pw_6_relu', 0),
  probe('probe after block 8', PLAIN, 'conv_pw_8_relu', 0),
  pooled(6, 'avg'),
  pooled(6, 'avg_max'),
  pooled(7, 'avg_max'),
  pooled(8, 'avg'),
  pooled(8, 'avg_max'),
  solved(7, 4),
  solved(7, 8),
  solved(8, 8),
  probe('probe after block 10', PLAIN, 'conv_pw_10_relu', 0),
  probe('probe after block 13', PLAIN, 'conv_pw_13_relu', 0),
  // A fold that judges is not learned from: with and without 8-bit training from the same networks.
  { name: JUDGED, against: COPIES, change: copies.change, watched: true },
  aware('trained in 8 bits, the head', null),
  aware('trained in 8 bits, from block 7', 'conv_dw_7'),
];

function aware(name: string, unfreezeFrom: string | null): Ingredient {
  const awareTraining = { epochs: 5, learningRate: 0.0003, unfreezeFrom };
  const change = (settings: Settings) => ({
    ...copies.change(settings),
    quantize: { ...settings.quantize, awareTraining },
  });
  return { name, against: JUDGED, change, watched: true };
}

/** Another cut, and the maxima of its map beside the means. */
function pooled(block: number, pooling: Settings['model']['pooling']): Ingredient {
  const cut = probe(`probe after block ${block} with 8 copies`, MANY_COPIES, `conv_pw_${block}_relu`, 8);
  if (pooling === 'avg') return cut;
  const change = (settings: Settings) => changed(cut.change(settings), { model: { pooling } });
  return { name: `${cut.name} and maxima`, against: cut.name, change };
}

/** The last layer in closed form. */
function solved(block: number, repeats: number): Ingredient {
  const name = `after block ${block} with ${repeats} copies`;
  const stepped = probe(`probe ${name}`, null, `conv_pw_${block}_relu`, repeats);
  const train = { optimizer: { name: 'ridge', penalty: 0.1 } } as const;
  return {
    name: `ridge ${name}`,
    against: stepped.name,
    change: (settings) => changed(stepped.change(settings), { train }),
  };
}

/** With fewer copies, more epochs: the same number of steps. */
function probe(name: string, against: string | null, output: string, repeats: number): Ingredient {
  return {
    name,
    against,
    change: (settings) =>
      changed(settings, {
        augment: { repeats },
        output,
        model: { head: [] },
        train: { ...STEPS, epochs: Math.round(80 / Math.max(1, repeats)) },
      }),
  };
}

interface Changes {
  readonly output?: string;
  readonly augment?: Partial<Settings['augment']>;
  readonly model?: Partial<Settings['model']>;
  readonly train?: Partial<Settings['train']>;
}

function changed(settings: Settings, { output, augment, model, train }: Changes): Settings {
  return {
    ...settings,
    cut: output === undefined ? settings.cut : { output, search: null },
    augment: { ...settings.augment, ...augment },
    model: { ...settings.model, ...model },
    train: { ...settings.train, ...train },
  };
}
