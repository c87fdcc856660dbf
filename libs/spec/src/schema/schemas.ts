import { classesSchema, datasetSchema } from './dataset-schema';
import { devicesSchema, evaluateSchema, flashSchema, requireSchema, targetSchema } from './deploy-schema';
import { exportSchema } from './export-schema';
import type { JsonSchema } from './json-schema';
import { choice, either, integer, list, section, table, text } from './kit';
import { modelSchema } from './model-schema';
import { augmentSchema, preprocessSchema } from './preprocess-schema';
import { sweepSchema } from './sweep-schema';
import { quantizeSchema, trainSchema } from './train-schema';

const DIALECT = 'http://json-schema.org/draft-07/schema#';

const version = choice({ description: 'Version of this file format, not of your experiment.', examples: [1] }, [1]);

const extended = text(
  {
    description: 'A preset of project.yaml, or the relative path of another experiment.yaml.',
    examples: ['small-data'],
  },
  { pattern: '^.+$', looks: 'the name of a preset or a relative path' },
);

const extending = either(
  {
    description: 'What this builds upon; later ones win, and what is written here wins over all.',
    default: [],
    examples: [['small-data', 'k210-safe'], ['../pokedex/experiment.yaml']],
  },
  extended,
  list({ description: 'Presets and files, in order.' }, extended, { maxItems: 100 }),
);

/** What presets and defaults may hold: everything that does not name one experiment. */
const settings = {
  seed: integer(
    {
      description: 'The only seed; every stage derives its own from it.',
      default: 42,
      examples: [7],
      wakes: ['preprocess', 'train', 'quantize', 'cross-validate'],
    },
    { minimum: 0, maximum: 2 ** 32 - 1 },
  ),
  classes: classesSchema,
  dataset: datasetSchema,
  preprocess: preprocessSchema,
  augment: augmentSchema,
  model: modelSchema,
  train: trainSchema,
  quantize: quantizeSchema,
  export: exportSchema,
  evaluate: evaluateSchema,
  require: requireSchema,
  target: targetSchema,
  flash: flashSchema,
};

/** Keys of an experiment, for whatever stands beside or below one: presets, defaults, variants. */
export const settingsSchema = section({ description: 'Keys of an experiment.' }, { extends: extending, ...settings });

/** `experiment.yaml`. Nothing but the version is required here, since the rest may come from what it extends. */
export const experimentSchema: JsonSchema = {
  $schema: DIALECT,
  title: 'Graft experiment',
  ...section(
    { description: 'One experiment: which pictures, which network, which board.' },
    {
      version,
      name: text(
        {
          description: 'Name of the experiment and of the files it makes. Default: the name of its folder.',
          examples: ['pokedex'],
          wakes: ['train', 'export-kmodel', 'evaluate', 'flash-plan'],
        },
        {
          pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
          looks: 'a name of letters, digits, dots, dashes and underscores',
        },
      ),
      description: text(
        {
          description: 'What the experiment is about, for people.',
          default: '',
          examples: ['Tell Pikachu from Charizard'],
          wakes: [],
        },
        { pattern: '', looks: 'text' },
      ),
      extends: extending,
      ...settings,
      variants: table(
        {
          description: 'Alternatives by name, each with the keys that differ: `--configuration=<name>` takes one.',
          default: {},
          examples: [{ tiny: { model: { alpha: 0.25 } } }],
          wakes: [],
        },
        { description: 'What differs in this variant.', ...reference('settings') },
      ),
      sweep: sweepSchema,
    },
    ['version'],
  ),
  definitions: { settings: settingsSchema },
};

/** `project.yaml`: what all experiments of the workspace share. */
export const projectSchema: JsonSchema = {
  $schema: DIALECT,
  title: 'Graft project',
  ...section(
    { description: 'What all experiments of this workspace share.' },
    {
      version,
      defaults: {
        description: 'Values for every experiment that does not say otherwise.',
        default: {},
        examples: [{ target: 'maix-bit' }],
        ...reference('settings'),
      },
      presets: table(
        {
          description: 'Named pieces for `extends`, of the same shape as an experiment.',
          default: {},
          examples: [{ quick: { train: { epochs: 3 } } }],
        },
        { description: 'A preset.', ...reference('settings') },
      ),
      devices: devicesSchema,
      mirrors: table(
        {
          description: 'Address prefix to the folder or address that serves it instead, for networks without internet.',
          default: {},
          examples: [{ 'https://storage.googleapis.com/': './mirror/' }],
          wakes: ['fetch'],
        },
        text(
          { description: 'A folder relative to this file, or an address.' },
          { pattern: '^.+$', looks: 'a folder or an address' },
        ),
      ),
    },
    ['version'],
  ),
  definitions: { settings: settingsSchema },
};

function reference(definition: string): JsonSchema {
  // Draft-07 ignores what stands beside $ref.
  return { anyOf: [{ $ref: `#/definitions/${definition}` }] };
}
