import { choice, either, flag, integer, list, plainName, quantity, section, table, text } from './kit';
import type { JsonSchema } from './json-schema';

const GLOB = { pattern: '^.+$', looks: 'a glob such as "**/*.png"' };
export const A_PATH = { pattern: '^[^\\\\]+$', looks: 'a path with forward slashes' };
const AN_ADDRESS = {
  pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/@]+(?:/\\S*)?$',
  looks: 'an address that begins with https:// and holds no password',
};
const A_DIGEST = { pattern: '^[0-9a-f]{64}$', looks: '64 digits 0–9, a–f, as sha256sum prints them' };
const ANY_TEXT = { pattern: '^.+$', looks: 'text' };
export const PICTURE_GLOBS = ['**/*.{jpg,jpeg,png,webp,gif,svg,bmp,avif,tif,tiff}'];

const globs = (description: string, about: { default?: unknown; examples: readonly unknown[] }): JsonSchema =>
  list({ description, ...about }, text({ description: 'A glob on the path inside the source.' }, GLOB));

const use = {
  description:
    'What the pictures are for: all shares them out as dataset.split says, test keeps them for the final score. Where a source says test, the score is measured on such sources alone, and the test share of the others is left out.',
  default: 'all',
  wakes: ['fetch', 'check', 'preprocess', 'cross-validate'],
} as const;

const sourceKeys = {
  use: choice(
    {
      ...use,
      description: `${use.description} unknown takes every picture as one of none of the classes, for evaluate.unknown; nothing is learned from it.`,
      wakes: [...use.wakes, 'threshold'],
    },
    ['all', 'test', 'unknown'],
  ),
  include: globs('Globs of the pictures to take from this source; without it those of dataset.include.', {
    default: null,
    examples: [['images/**/*.png']],
  }),
  exclude: globs('Globs of pictures to leave out, besides those of dataset.exclude.', {
    default: [],
    examples: [['**/back/**']],
  }),
  license: text(
    {
      description: 'Licence of the pictures, as an SPDX identifier; it goes into the lock file.',
      default: null,
      examples: ['CC-BY-4.0'],
    },
    ANY_TEXT,
  ),
  attribution: text(
    {
      description: 'Whom to credit for the pictures; it goes into the lock file.',
      default: null,
      examples: ['Photographs by the class of 2019'],
    },
    ANY_TEXT,
  ),
};

const directorySource = section(
  {
    description:
      'A folder of pictures with one sub-folder per class, at any depth; the innermost folder that belongs to a class decides.',
  },
  {
    type: { description: 'Pictures from a folder.', const: 'directory' },
    path: text(
      {
        description:
          'The folder, relative to the experiment file it is written in (in project.yaml: to the experiment that uses it).',
        examples: ['./images'],
      },
      A_PATH,
    ),
    on_missing: choice(
      {
        description: 'What happens where the folder does not exist: the build stops, or goes on without it.',
        default: 'error',
      },
      ['error', 'skip'],
    ),
    ...sourceKeys,
  },
  ['type', 'path'],
);

export const packageKeys = {
  name: text(
    { description: 'Name of an npm package.', examples: ['pokesprite-images'] },
    { pattern: '^(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*$', looks: 'the name of an npm package' },
  ),
  version: text(
    { description: 'Exact version of the package; a range would let the bytes change.', examples: ['2.7.0'] },
    { pattern: '^\\d+\\.\\d+\\.\\d+(?:-[0-9A-Za-z.-]+)?$', looks: 'one exact version such as 2.7.0, not a range' },
  ),
  integrity: text(
    {
      description: 'Subresource integrity of the tarball, as `npm view <package>@<version> dist.integrity` prints it.',
      examples: ['sha512-LQuzyaEDl4ow75fPzrVuJB0cIRmxVq4XBecDFajA0WrZI1xHCmXn5OSBul44D+24tA1kMT7GSROmct5FRg8dtQ=='],
    },
    {
      pattern: '^sha512-[A-Za-z0-9+/]{86}==$',
      looks: '"sha512-" and 88 characters, as `npm view <package>@<version> dist.integrity` prints it',
    },
  ),
};

const pictureGlobs = (container: string): JsonSchema =>
  table(
    {
      description: `Class name or key to the globs of its pictures inside the ${container}; without it folder names decide.`,
      default: null,
      examples: [{ pikachu: ['sprites/**/25.gif'] }],
    },
    either(
      { description: 'One glob or several.' },
      text({ description: `A glob inside the ${container}.` }, GLOB),
      list(
        { description: `Globs inside the ${container}.` },
        text({ description: `A glob inside the ${container}.` }, GLOB),
        { minItems: 1 },
      ),
    ),
  );

const npmSource = section(
  { description: 'Pictures inside an npm package, fetched by exact version and checked against its digest.' },
  {
    type: { description: 'Pictures from an npm package.', const: 'npm' },
    package: packageKeys.name,
    version: packageKeys.version,
    integrity: packageKeys.integrity,
    pictures: pictureGlobs('package'),
    ...sourceKeys,
  },
  ['type', 'package', 'version', 'integrity'],
);

const allowPrivate = flag({
  description:
    'Whether addresses of the own network, such as 192.168.0.10 or localhost, may be downloaded from; redirects to them count.',
  default: false,
});

const archiveSource = section(
  {
    description:
      'Pictures inside a zip, tar, tar.gz or tar.xz file, from the disk or from an address; the tarball that a git host makes of a commit is one.',
  },
  {
    type: { description: 'Pictures from an archive.', const: 'archive' },
    path: text(
      {
        description: 'The file, relative to the experiment file it is written in. Either this or url.',
        default: null,
        examples: ['./downloads/extra.zip'],
      },
      A_PATH,
    ),
    url: text(
      {
        description: 'Where the file is downloaded from. Needs sha256.',
        default: null,
        examples: ['https://pictures.example.org/extra.tar.gz'],
      },
      AN_ADDRESS,
    ),
    sha256: text(
      {
        description: 'SHA-256 of the whole file; a file from the disk is checked only where this is given.',
        default: null,
        examples: ['5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'],
      },
      A_DIGEST,
    ),
    strip_components: integer(
      { description: 'Number of leading folders to drop from every path inside.', default: 0, examples: [1] },
      { minimum: 0, maximum: 32 },
    ),
    pictures: pictureGlobs('archive'),
    allow_private: allowPrivate,
    ...sourceKeys,
  },
  ['type'],
);

const { exclude, license, attribution } = sourceKeys;

const httpItem = section(
  { description: 'One picture by its address.' },
  {
    url: text(
      { description: 'Address of the picture.', examples: ['https://pictures.example.org/p/25.jpg'] },
      AN_ADDRESS,
    ),
    sha256: text(
      {
        description: 'SHA-256 of the picture; a picture that has changed is not taken.',
        examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
      },
      A_DIGEST,
    ),
    label: plainName({ description: 'Class name or key.', examples: ['pikachu'] }),
    license: text(
      {
        description: 'Licence of this picture; without it that of the source.',
        default: null,
        examples: ['CC-BY-4.0'],
      },
      ANY_TEXT,
    ),
    attribution: text(
      {
        description: 'Whom to credit for this picture; without it the credit of the source.',
        default: null,
        examples: ['A. Person'],
      },
      ANY_TEXT,
    ),
    group: text(
      {
        description:
          'Where dataset.split.group_by is column: what stays on one side of the split has the same text here.',
        default: null,
        examples: ['session-3'],
      },
      ANY_TEXT,
    ),
  },
  ['url', 'sha256', 'label'],
);

const httpSource = section(
  { description: 'Pictures by their addresses, each with its digest.' },
  {
    type: { description: 'Pictures from addresses.', const: 'http' },
    items: list(
      {
        description: 'A few pictures, written here.',
        default: [],
        examples: [
          [
            {
              url: 'https://pictures.example.org/p/25.jpg',
              sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
              label: 'pikachu',
            },
          ],
        ],
      },
      httpItem,
    ),
    list: text(
      {
        description:
          'Many pictures: a CSV file with the columns url, sha256, label, license, attribution and group (the last three may be missing), or a .jsonl file with an object of these keys on each line; relative to the experiment file.',
        default: null,
        examples: ['./urls.csv'],
      },
      A_PATH,
    ),
    on_missing: choice(
      {
        description:
          'What happens to a picture that its server no longer has, or has changed: the build stops, or goes on without it. What is skipped is recorded in the lock file.',
        default: 'error',
      },
      ['error', 'skip'],
    ),
    allow_private: allowPrivate,
    use: choice(use, ['all', 'test']),
    exclude,
    license,
    attribution,
  },
  ['type'],
);

const source: JsonSchema = {
  ...either(
    { description: 'One place that pictures come from.' },
    directorySource,
    npmSource,
    archiveSource,
    httpSource,
  ),
  defaultSnippets: [
    { label: 'a folder of pictures', body: { type: 'directory', path: './${1:images}' } },
    { label: 'an npm package', body: { type: 'npm', package: '$1', version: '$2', integrity: '$3' } },
    { label: 'an archive', body: { type: 'archive', url: 'https://$1', sha256: '$2', license: '$3' } },
    { label: 'a list of addresses', body: { type: 'http', list: './${1:urls.csv}', license: '$2' } },
  ],
};

const action = (description: string, preset: string): JsonSchema =>
  choice({ description, default: preset }, ['error', 'warn', 'drop', 'ignore']);

export const checks = section(
  {
    description:
      'What to do about bad pictures: stop, warn, leave them out, or nothing. The target check shows what was found.',
    wakes: ['check', 'preprocess'],
  },
  {
    unreadable: action(
      'Files that are no picture, end early, cannot be decoded, or have so many pixels that they are not decoded.',
      'error',
    ),
    wrong_extension: action(
      'Pictures whose bytes are of another format than their name says, such as a WebP called .jpg.',
      'warn',
    ),
    exact_duplicate: action('Pictures of one class with identical bytes; drop keeps one of them.', 'drop'),
    near_duplicate: action(
      'Pictures of one class that show the same: resized, saved again, slightly cropped, brighter, mirrored; drop keeps the largest.',
      'warn',
    ),
    label_conflict: action('The same bytes under two classes; drop leaves out all of them.', 'error'),
    near_label_conflict: action(
      'Pictures under two classes that show the same, though their bytes differ; drop leaves out all of them.',
      'warn',
    ),
    name_mentions_other_class: action('Pictures whose file name mentions another class than theirs.', 'warn'),
    too_small: action(
      'Opaque pictures with fewer rows or columns than preprocess.image_size, which have to be enlarged.',
      'warn',
    ),
    extreme_aspect_ratio: action('Pictures more than three times as long as wide, or as wide as long.', 'warn'),
    blank: action('Pictures of one colour all over.', 'warn'),
    blurred: action('Pictures that are still out of focus at the size of the network’s input.', 'warn'),
    four_components: action(
      'Pictures in the four colours of printing (CMYK); they are converted, but their colours are a guess.',
      'warn',
    ),
    exif_rotated: action(
      'Pictures that a camera stored turned or mirrored; they are put upright in any case.',
      'ignore',
    ),
    likely_label_error: action(
      'Pictures that look like another class than theirs, as a small classifier says that did not learn from them.',
      'warn',
    ),
    unknown_license: action('Pictures for which neither their source nor a list states a licence.', 'warn'),
    class_imbalance: action(
      'A class with more than three times as many pictures as the smallest; drop leaves out its surplus.',
      'warn',
    ),
  },
);

const part = (description: string, share: string): JsonSchema =>
  quantity({ description, default: share, examples: ['60%', 0.2] }, { kind: 'share', minimum: 0, maximum: 1 });

const groupBy = either(
  {
    description:
      'What stays on one side. none or file: each file by itself, with all its frames; name: all files with the same base name in any folder; near_duplicate: pictures that look alike; column: what lists of addresses say in their column group; or what the paths say. A picture that is in no such group is by itself.',
    default: 'file',
    examples: ['near_duplicate', { glob: '**/session-*' }, { pattern: '(session-[0-9]+)' }],
  },
  choice({ description: 'A rule by name.' }, ['none', 'file', 'name', 'near_duplicate', 'column']),
  section(
    { description: 'By folders.' },
    {
      glob: text(
        {
          description:
            'A glob of folders, on the path inside a source: all pictures below one folder that it matches are a group. Of folders inside each other the outermost counts.',
          examples: ['**/session-*', '*/*'],
        },
        ANY_TEXT,
      ),
    },
    ['glob'],
  ),
  section(
    { description: 'By a regular expression.' },
    {
      pattern: text(
        {
          description:
            'A regular expression on the path inside a source: pictures for which its parentheses catch the same are a group.',
          examples: ['(session-[0-9]+)', '([^/]*)_[0-9]+[.]jpg$'],
        },
        ANY_TEXT,
      ),
    },
    ['pattern'],
  ),
);

const split = section(
  {
    description: 'Parts for learning, for choosing the best epoch, and for the final score; they add up to 100%.',
    wakes: ['check', 'preprocess'],
  },
  {
    train: quantity(
      { description: 'Share of the pictures to learn from.', default: '70%', examples: ['60%', 0.6] },
      { kind: 'share', minimum: 0.01, maximum: 1 },
    ),
    validation: part('Share that decides when to stop and which epoch is the best.', '15%'),
    test: part('Share that is looked at once, for the final score.', '15%'),
    group_by: groupBy,
    method: choice(
      {
        description:
          'Who decides: a hash of the group, so that adding pictures never moves others; or folders called train, validation (or val) and test, whose shares are what lies in them. Without a validation folder the share of validation is taken from train by hash.',
        default: 'stable_hash',
      },
      ['stable_hash', 'folders'],
    ),
  },
);

export const datasetSchema = section(
  { description: 'Where the pictures come from, what is checked and how they are split.', wakes: ['fetch'] },
  {
    sources: list(
      {
        description: 'Places that pictures come from, in order.',
        examples: [[{ type: 'directory', path: './images' }]],
      },
      source,
      { minItems: 1 },
    ),
    include: globs('Globs of the files that count as pictures, on the path inside a source.', {
      default: PICTURE_GLOBS,
      examples: [['**/*.{jpg,png}']],
    }),
    exclude: globs('Globs of files to leave out, in every source.', { default: [], examples: [['**/thumbs/**']] }),
    limits: section(
      { description: 'Upper limits that keep a large source manageable.' },
      {
        max_per_class: either(
          {
            description: 'Most pictures of one class; which ones are taken does not depend on their order.',
            default: 'none',
            examples: [400],
          },
          integer({ description: 'A number of pictures.' }, { minimum: 1, maximum: 1_000_000 }),
          choice({ description: 'No limit.' }, ['none']),
        ),
        max_file_size: quantity(
          { description: 'Larger files are not read.', default: '20 MiB', examples: ['5 MB', 5000000] },
          { kind: 'bytes', minimum: 1, maximum: 1024 ** 3 },
        ),
      },
    ),
    lock: choice(
      {
        description:
          'experiment.lock.json lists every picture with its digest: checked where there is one (auto), demanded, or never looked at.',
        default: 'auto',
      },
      ['auto', 'required', 'none'],
    ),
    checks,
    split,
  },
);

const className = plainName({
  description: 'Name of a class, shown in labels, reports and on the board.',
  examples: ['pikachu'],
});

export const classesSchema = list(
  {
    description:
      'The classes; their order is the output index everywhere. Renaming one (with its folders kept) changes labels only, reordering retrains.',
    examples: [
      ['charizard', 'pikachu'],
      [{ name: 'charizard', folders: ['charizard', 'mega-charizard'] }, { name: 'pikachu' }],
    ],
    wakes: ['fetch', 'check', 'preprocess', 'train', 'compile', 'evaluate', 'flash-plan'],
  },
  either(
    { description: 'A class: its name, or its name with the folders that mean it.' },
    className,
    section(
      { description: 'A class with the folders that mean it.' },
      {
        name: className,
        folders: list(
          {
            description:
              'Folder names that mean this class; the first one is its key and stays when the class is renamed. Default: the name.',
            examples: [['charizard', 'mega-charizard']],
          },
          plainName({ description: 'Name of a folder.' }),
          { minItems: 1 },
        ),
      },
      ['name'],
    ),
  ),
  { minItems: 2, maxItems: 1000 },
);
