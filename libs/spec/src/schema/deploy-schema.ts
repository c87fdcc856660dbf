import { DEVICES } from '@graft/k210';
import type { StrictGate } from '../experiment';
import { choice, either, flag, integer, list, quantity, section, table, text } from './kit';
import type { About } from './kit';
import type { QuantityKind, QuantityRange } from './quantities';
import type { JsonSchema } from './json-schema';

const KIBIBYTE = 1024;

const unknown = section(
  { description: 'A threshold for "none of these".' },
  {
    false_accept: quantity(
      {
        description:
          'At most this share is accepted wrongly: of the pictures of sources with use: unknown, or, where there are none, of the validation pictures, those that are answered wrongly.',
        default: '5%',
        examples: ['2%', 0.02],
      },
      { kind: 'share', minimum: 0, maximum: 0.5 },
    ),
  },
);

export const evaluateSchema = section(
  { description: 'How the result is measured.', wakes: ['export-kmodel', 'evaluate', 'cross-validate'] },
  {
    confidence_interval: quantity(
      { description: 'How sure the intervals around accuracies are.', default: '95%', examples: ['99%', 0.9] },
      { kind: 'share', minimum: 0.5, maximum: 0.9999 },
    ),
    cross_validation: integer(
      {
        description:
          'Number of parts for cross-validation, which trains once for each; only the cross-validate target does so.',
        default: 5,
        examples: [10],
        wakes: ['cross-validate'],
      },
      { minimum: 2, maximum: 50 },
    ),
    worst_images: integer(
      {
        description:
          'How many pictures the report shows at most: of those that the chip answers wrongly, and of those that it answers otherwise than the float network.',
        default: 24,
        examples: [60],
        wakes: ['evaluate'],
      },
      { minimum: 0, maximum: 500 },
    ),
    unknown: either(
      {
        description:
          'Choose a threshold of the largest probability, below which the answer is "none of these", in the arithmetic of the chip and never on test pictures. The board script, predict and the report take it.',
        default: 'none',
        examples: [{ false_accept: '2%' }],
        wakes: ['threshold', 'flash-plan'],
      },
      choice({ description: 'No threshold is chosen.' }, ['none']),
      unknown,
    ),
  },
);

const limit = (
  description: string,
  kind: QuantityKind,
  example: string,
  range: Omit<QuantityRange, 'kind'>,
): JsonSchema =>
  either(
    { description, default: 'none', examples: [example] },
    choice({ description: 'Not required.' }, ['none']),
    quantity({ description: 'The limit, in quotes.' }, { kind, ...range }),
  );

export const STRICT_GATES = [
  'device_accuracy',
  'accuracy_drop',
  'agreement',
  'latency',
] as const satisfies StrictGate[];

const SHARES = { minimum: 0, maximum: 1 };

export const requireSchema = section(
  { description: 'The build fails when one of these is not met.', wakes: ['export-kmodel'] },
  {
    device_accuracy: limit(
      'Accuracy on the test pictures in the arithmetic of the chip.',
      'at-least-share',
      '>= 90%',
      SHARES,
    ),
    accuracy_drop: limit('Float accuracy minus device accuracy.', 'at-most-share', '<= 2%', SHARES),
    agreement: limit(
      'Share of test pictures with the same answer in float and on the device.',
      'at-least-share',
      '>= 98%',
      SHARES,
    ),
    kmodel_size: limit('Size of the model file.', 'at-most-bytes', '<= 2 MiB', { minimum: 1 }),
    latency: limit(
      'Time for one picture on the chip, as estimated from published figures; the error of the estimate is not added. Checked before anything is fetched, and again on the finished file.',
      'at-most-milliseconds',
      '<= 60 ms',
      { minimum: 0 },
    ),
    strict: either(
      {
        description:
          'Holds limits against the worse end of the interval that evaluate.confidence_interval asks for, and the latency against the slower end of its band: so many pictures must show it. For all limits, or for those that are listed.',
        default: false,
        examples: [true, ['device_accuracy']],
      },
      flag({ description: 'For all, or for none.' }),
      list({ description: 'For these.' }, choice({ description: 'A limit of this section.' }, STRICT_GATES), {
        minItems: 1,
      }),
    ),
  },
);

const FIRMWARE = [...new Set(Object.values(DEVICES).flatMap(({ firmware }) => Object.keys(firmware)))];

const PROFILES = Object.keys(DEVICES);

const device = (about: Pick<About, 'default'> = {}): JsonSchema =>
  text(
    {
      description: `The board: ${PROFILES.join(', ')}, or one of the bench, under devices of project.yaml.`,
      examples: PROFILES,
      ...about,
    },
    { pattern: '^.+$', looks: 'the name of a board' },
  );

export const targetSchema = either(
  {
    description: 'The board, by name or with its firmware; the fit check and the board script follow it.',
    default: 'maix-bit',
    examples: ['maix-dock', { device: 'maix-bit', firmware: 'minimum' }],
    wakes: ['flash-plan'],
  },
  device(),
  section(
    { description: 'A board with its firmware.' },
    {
      device: device({ default: 'maix-bit' }),
      firmware: choice(
        {
          description:
            'Which build runs on it; a smaller one leaves more memory for the model. auto: what the board usually has.',
          default: 'auto',
        },
        ['auto', ...FIRMWARE],
      ),
    },
  ),
);

/** `devices` of project.yaml. Who reads it is no cached stage. */
export const devicesSchema = table(
  {
    description:
      'Boards on your bench by a name of your own, which `target` may name in place of a built-in board. What an option of flash or verify-device says wins.',
    default: {},
    examples: [{ 'desk-bit': { profile: 'maix-bit', serial: 'A9007K2x' } }],
    wakes: ['flash', 'verify-device'],
  },
  section(
    { description: 'A board, and how it is reached.' },
    {
      profile: choice({ description: 'Which board it is.', wakes: ['flash-plan'] }, PROFILES),
      port: text(
        {
          description: 'The serial port as the system names it; auto: the one that can be such a board.',
          default: 'auto',
          examples: ['/dev/ttyUSB0', 'COM5'],
        },
        { pattern: '^.+$', looks: 'the name of a port' },
      ),
      serial: text(
        {
          description: 'Serial number of its USB adapter, to tell it from another one. Not every adapter has one.',
          examples: ['A9007K2x'],
        },
        { pattern: '^.+$', looks: 'a serial number, in quotes' },
      ),
      baud_rate: either(
        {
          description: 'Bits a second to begin with; a noisy line goes down from there. auto: 1500000.',
          default: 'auto',
          examples: [921600],
          wakes: ['flash'],
        },
        choice({ description: 'What boards of this kind usually take.' }, ['auto']),
        integer({ description: 'A rate.' }, { minimum: 9600, maximum: 4_500_000 }),
      ),
      engine: choice(
        {
          description:
            'Who writes its flash chip over the serial port: builtin (flash.engine: isp) or an installed kflash; auto leaves it to flash.engine.',
          default: 'auto',
          wakes: ['flash'],
        },
        ['auto', 'builtin', 'kflash'],
      ),
    },
    ['profile'],
  ),
);

export const flashSchema = section(
  { description: 'How the model gets onto the board, and what its script does.', wakes: ['flash-plan'] },
  {
    engine: choice(
      {
        description:
          'dry-run only writes down what would be done. sd fills a card folder. kfpkg packs the model for flashing tools, isp writes it over the serial port, kflash lets an installed kflash do that; these three need model_from: flash. repl sends the script, and with model_from: sd the model, to a board that runs MaixPy.',
        default: 'dry-run',
      },
      ['dry-run', 'sd', 'kfpkg', 'isp', 'kflash', 'repl'],
    ),
    model_from: choice({ description: 'Where the board loads the model from.', default: 'sd' }, ['sd', 'flash']),
    address: quantity(
      {
        description: 'Flash address of the model, a multiple of 0x1000.',
        default: '0x300000',
        examples: ['0x400000', 0x500000],
      },
      { kind: 'address', minimum: 0, maximum: 0xfff000 },
    ),
    allow_filesystem: flag({
      description:
        'Whether the model may reach beyond 0xD00000, where the board keeps its own scripts and settings, which are lost then.',
      default: false,
    }),
    threshold: either(
      {
        description:
          'Below this probability the board shows "?". auto: the one that evaluate.unknown asks for; 60% where it asks for none.',
        default: 'auto',
        examples: ['80%', 0.8],
      },
      choice({ description: 'As evaluate.unknown says.' }, ['auto']),
      quantity({ description: 'A probability.' }, { kind: 'share', minimum: 0, maximum: 1 }),
    ),
    screen: section(
      { description: "The board's screen." },
      {
        rotate: integer(
          { description: 'Quarter turns of the picture on the screen.', default: 0, examples: [2] },
          { minimum: 0, maximum: 3 },
        ),
      },
    ),
    camera: section(
      { description: "The board's camera; what it mirrors the model sees mirrored, too." },
      {
        vflip: flag({ description: 'Whether the picture is turned upside down.', default: true }),
        hmirror: flag({ description: 'Whether left and right are swapped.', default: false }),
      },
    ),
    gc_heap: either(
      {
        description:
          "Memory for the script's interpreter: 0 keeps what is set on the board; 128 KiB to 1 MiB in steps of 1 KiB is set anew. Less leaves more for the model.",
        default: 0,
        examples: ['256 KiB', 262144],
      },
      choice({ description: 'As set on the board.' }, [0]),
      quantity({ description: 'A size.' }, { kind: 'bytes', minimum: 128 * KIBIBYTE, maximum: KIBIBYTE ** 2 }),
    ),
    self_test: integer(
      {
        description:
          'How many test pictures go to the board with what the chip must answer to them; verify-device lets the board compute them and compares. 0: none.',
        default: 0,
        examples: [8],
        wakes: ['self-test', 'flash-plan'],
      },
      { minimum: 0, maximum: 64 },
    ),
  },
);
