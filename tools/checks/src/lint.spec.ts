import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import boundaries from '../../nx/boundaries.json';
import { list, REPOSITORY } from './repository';

const IMPORTS = '@typescript-eslint/no-restricted-imports';

interface Row {
  /** As in "a dataset module that …". */
  readonly says: string;
  readonly path: string;
  readonly text: string;
  /** The rule that must be broken, or null. */
  readonly breaks: string | null;
}

const value = (name: string): string => `import { thing } from '${name}';\n\nexport const copy = thing;\n`;
const type = (name: string): string => `import type { Thing } from '${name}';\n\nexport type Copy = Thing;\n`;
const inLibrary = (library: string): string => `libs/${library}/src/example.ts`;

const ROWS: readonly Row[] = [
  row('the simulator may not import the compiler', 'simulator', value('@graft/compiler'), IMPORTS),
  row('the simulator may not import even types of the quantizer', 'simulator', type('@graft/quantization'), IMPORTS),
  row('the simulator may import kmodel', 'simulator', value('@graft/kmodel'), null),
  row('the dataset may not import image', 'dataset', value('@graft/image'), IMPORTS),
  row('image may import types of dataset', 'image', type('@graft/dataset'), null),
  row('image may import no code of dataset', 'image', value('@graft/dataset'), IMPORTS),
  row('foundation may import no library', 'foundation', value('@graft/tensor'), IMPORTS),
  row('a library may not import Nx', 'compiler', value('nx'), IMPORTS),
  row('a library may not import parts of Nx', 'compiler', value('nx/src/devkit-exports'), IMPORTS),
  row('a library may not import the plugin kit of Nx', 'pipeline', type('@nx/devkit'), IMPORTS),
  row('a library may not import our Nx plugin', 'pipeline', value('@graft/nx'), IMPORTS),
  row('a library is not imported past its door', 'compiler', value('@graft/kmodel/src/write'), IMPORTS),
  row('a library is not imported by path', 'compiler', value('../../../libs/kmodel/src/write'), IMPORTS),
  row('a library imports its own files', 'compiler', value('./errors'), null),
  row('a library does not need what is made for its tests', 'compiler', value('./tiny.fixture'), IMPORTS),
  row('a library imports modules of Node', 'dataset', value('node:path'), null),
  row('sharp has its home in image', 'image', value('sharp'), null),
  row('sharp has no home in dataset', 'dataset', value('sharp'), IMPORTS),
  row('TensorFlow.js has no home in quantization', 'quantization', value('@tensorflow/tfjs-core'), IMPORTS),
  row('a library prints nothing', 'flasher', `console.log('done');\n`, 'no-console'),
  row('any has no place', 'model', 'export const id = (x: any): unknown => x;\n', '@typescript-eslint/no-explicit-any'),
  row(
    'a promise of presence has no place',
    'model',
    'export const first = (list: number[]): number => list.at(0)!;\n',
    '@typescript-eslint/no-non-null-assertion',
  ),
  {
    says: 'an executor may import libraries and Nx',
    path: 'tools/nx/src/shared/example.ts',
    text: value('@graft/image') + value('@nx/devkit').replaceAll('thing', 'other').replace('copy', 'second'),
    breaks: null,
  },
];

function row(says: string, library: string, text: string, breaks: string | null): Row {
  return { says, path: inLibrary(library), text, breaks };
}

let broken: readonly (readonly string[])[] = [];

beforeAll(() => {
  const script = join(__dirname, '../lint-texts.mjs');
  const input = JSON.stringify(ROWS.map(({ path, text }) => ({ path: join(REPOSITORY, path), text })));
  broken = JSON.parse(execFileSync(process.execPath, [script, REPOSITORY], { input, encoding: 'utf8' }));
}, 60_000);

test.each(ROWS.map((one, index) => ({ ...one, index })))('lint: $says', ({ breaks, index }) => {
  if (breaks === null) expect(broken[index]).toEqual([]);
  else expect(new Set(broken[index].map((message) => message.split(': ')[0]))).toEqual(new Set([breaks]));
});

test('every library has its borders, and no border is drawn for a library that is not there', () => {
  expect(Object.keys(boundaries).sort()).toEqual(list('libs'));
});

test('borders lead one way: no library reaches itself', () => {
  const borders: Readonly<Record<string, { imports: string[]; types: string[] }>> = boundaries;
  const reached = (library: string, path: readonly string[]): string[] => {
    if (path.includes(library)) return [[...path, library].join(' → ')];
    const { imports, types } = borders[library];
    return [...imports, ...types].flatMap((next) => reached(next, [...path, library]));
  };
  expect(Object.keys(borders).flatMap((library) => reached(library, []))).toEqual([]);
});
