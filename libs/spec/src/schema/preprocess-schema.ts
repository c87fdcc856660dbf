import { choice, decimal, either, integer, list, quantity, section, text } from './kit';

const side = { minimum: 32, maximum: 512 };

export const preprocessSchema = section(
  {
    description:
      'How files become pictures of one size. The same numbers are used for training, calibration, simulation and on the board.',
    wakes: ['preprocess'],
  },
  {
    image_size: either(
      {
        description: 'Side of the square that the network sees, or [height, width]; multiples of 32 waste nothing.',
        default: 224,
        examples: [128, [160, 224]],
        wakes: ['check', 'preprocess', 'flash-plan'],
      },
      integer({ description: 'Side of a square in pixels.' }, side),
      list({ description: 'Height and width in pixels.' }, integer({ description: 'Pixels.' }, side), {
        minItems: 2,
        maxItems: 2,
      }),
    ),
    resize: choice(
      {
        description: 'Cut off what does not fit the shape, add borders, or change the proportions.',
        default: 'crop',
        wakes: ['check', 'preprocess', 'flash-plan'],
      },
      ['crop', 'pad', 'squash'],
    ),
    interpolation: choice({ description: 'How pixels in between are made.', default: 'bilinear' }, [
      'nearest',
      'bilinear',
      'lanczos',
    ]),
    background: either(
      {
        description:
          'What stands behind transparent pictures: a colour, or one drawn for each picture from its content.',
        default: 'varied',
        examples: ['#808080'],
      },
      choice({ description: 'Drawn for each picture.' }, ['varied']),
      text(
        { description: 'A colour, in quotes.' },
        { pattern: '^#[0-9a-fA-F]{6}$', looks: 'a colour in quotes such as "#808080"' },
      ),
    ),
    frames: section(
      { description: 'What is taken from animations.' },
      {
        max: either(
          { description: 'Most frames taken from one animation, evenly spread.', default: 8, examples: [4, 'all'] },
          integer({ description: 'A number of frames.' }, { minimum: 1, maximum: 10_000 }),
          choice({ description: 'Every frame.' }, ['all']),
        ),
      },
    ),
    normalize: choice(
      {
        description: 'The range in which the network sees the bytes 0 to 255; pretrained weights expect -1..1.',
        default: '-1..1',
        wakes: ['train', 'flash-plan'],
      },
      ['-1..1', '0..1', '0..255'],
    ),
  },
);

const strength = (what: string, preset: string, maximum: number) =>
  quantity(
    { description: `${what}, by up to this much either way.`, default: preset, examples: ['25%', 0.25] },
    { kind: 'share', minimum: 0, maximum },
  );

const probability = (what: string, preset: string) =>
  quantity(
    { description: `Share of the copies that ${what}.`, default: preset, examples: ['50%', 0.5] },
    { kind: 'share', minimum: 0.01, maximum: 1 },
  );

const randomBlur = either(
  {
    description: 'Blur some of the copies, as a lens out of focus does.',
    default: 'none',
    examples: [{ sigma: 1, probability: '10%' }],
  },
  choice({ description: 'None is blurred.' }, ['none']),
  section(
    { description: 'How much and how often.' },
    {
      sigma: decimal(
        {
          description:
            'The strongest blur: standard deviation of the Gaussian, in pixels of the network’s input. Weaker ones are drawn as often.',
          default: 1,
          examples: [1.5],
        },
        { minimum: 0.1, maximum: 20 },
      ),
      probability: probability('are blurred', '10%'),
    },
  ),
);

const randomErasing = either(
  {
    description: 'Cover a rectangle in some of the copies with noise, so that no single part of a thing decides.',
    default: 'none',
    examples: [{ area: '15%', probability: '20%' }],
  },
  choice({ description: 'Nothing is covered.' }, ['none']),
  section(
    { description: 'How much and how often.' },
    {
      area: quantity(
        { description: 'The largest rectangle, as a share of the picture.', default: '15%', examples: ['30%', 0.3] },
        { kind: 'share', minimum: 0.02, maximum: 0.9 },
      ),
      probability: probability('lose a rectangle', '20%'),
    },
  ),
);

export const augmentSchema = section(
  {
    description:
      'Random changes to training pictures only; every copy is drawn anew. Validation and test pictures stay as they are.',
    wakes: ['train'],
  },
  {
    random_flip: choice(
      {
        description: 'Mirror half of the copies; choose none where left and right differ, as in writing.',
        default: 'horizontal',
      },
      ['horizontal', 'vertical', 'both', 'none'],
    ),
    random_rotation: quantity(
      { description: 'Turn, by up to this angle either way.', default: '10 deg', examples: ['20 deg', 20] },
      { kind: 'degrees', minimum: 0, maximum: 180 },
    ),
    random_zoom: strength('Enlarge or shrink', '15%', 0.9),
    random_translation: strength('Move, as a share of the side', '5%', 0.9),
    random_brightness: strength('Make brighter or darker', '15%', 1),
    random_contrast: strength('Raise or lower the contrast', '15%', 1),
    random_saturation: strength('Raise or lower the colourfulness', '10%', 1),
    random_blur: randomBlur,
    random_erasing: randomErasing,
    camera: choice(
      {
        description:
          'Make each copy look as if the camera of this board had taken it: lens blur, exposure that is off, sensor noise, and the 16 bits of RGB565.',
        default: 'none',
      },
      ['maix-bit', 'none'],
    ),
    composite: either(
      {
        description:
          'Put cut-outs (pictures with transparency) at random size and place over drawn backgrounds, as a camera would see them.',
        default: { scale: ['40%', '100%'] },
        examples: [{ scale: ['30%', '90%'] }, 'none'],
      },
      choice({ description: 'Cut-outs stay as preprocessed.' }, ['none']),
      section(
        { description: 'How cut-outs are placed.' },
        {
          scale: list(
            {
              description: 'Smallest and largest size of a cut-out, as a share of the picture.',
              default: ['40%', '100%'],
              examples: [['30%', '90%']],
            },
            quantity({ description: 'A share of the picture.' }, { kind: 'share', minimum: 0.05, maximum: 1 }),
            { minItems: 2, maxItems: 2 },
          ),
        },
      ),
    ),
    repeats: integer(
      {
        description:
          'Copies of each training picture, each drawn anew; 0 trains on the pictures as they are. Copies are made only while something above is random.',
        default: 4,
        examples: [0, 8],
      },
      { minimum: 0, maximum: 100 },
    ),
    redraw: choice(
      {
        description:
          'Whether every epoch sees the same copies, so that what frozen layers answer is computed once; or new ones, which takes the time of the whole network in every epoch.',
        default: 'once',
      },
      ['once', 'every_epoch'],
    ),
  },
);
