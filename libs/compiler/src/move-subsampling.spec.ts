import type { KpuGeometry } from './kpu-program';
import { identityGeometry, moveSubsampling } from './move-subsampling';

const square = (size: number) => ({ channels: 4, height: size, width: size });

function layer(name: string, kind: KpuGeometry['kind'], kernel: 1 | 3, from: number, to: number): KpuGeometry {
  return { name, kind, kernel, input: square(from), output: square(to), subsample: from !== to };
}

/** "name 16→8 halves" */
function outline(layers: readonly KpuGeometry[]): string[] {
  return moveSubsampling(layers, identityGeometry).map(
    ({ name, input, output, subsample }) => `${name} ${input.height}→${output.height}${subsample ? ' halves' : ''}`,
  );
}

test('the 1×1 convolution after a halving depthwise layer drops the pixels', () => {
  const layers = [
    layer('dw', 'depthwise', 3, 16, 8),
    layer('pw', 'convolution', 1, 8, 8),
    layer('next', 'depthwise', 3, 8, 8),
  ];
  expect(outline(layers)).toEqual(['dw 16→16', 'pw 16→8 halves', 'next 8→8']);
});

test('ordinary convolutions halve by themselves', () => {
  expect(outline([layer('conv', 'convolution', 3, 16, 8)])).toEqual(['conv 16→8 halves']);
});

test.each([
  ['nothing', []],
  ['a 3×3 convolution', [layer('next', 'convolution', 3, 8, 8)]],
  ['another depthwise layer', [layer('next', 'depthwise', 3, 8, 8)]],
])('an identity is put behind a halving depthwise layer that is followed by %s', (_, following) => {
  const rest = following.map(({ name }) => `${name} 8→8`);
  expect(outline([layer('dw', 'depthwise', 3, 16, 8), ...following])).toEqual([
    'dw 16→16',
    'dw_subsample 16→8 halves',
    ...rest,
  ]);
});

test('a 1×1 convolution that halves already keeps its own', () => {
  expect(outline([layer('dw', 'depthwise', 3, 16, 8), layer('pw', 'convolution', 1, 8, 4)])).toEqual([
    'dw 16→16',
    'dw_subsample 16→8 halves',
    'pw 8→4 halves',
  ]);
});

test('each of two halving depthwise layers in a row is followed by its own subsample', () => {
  const layers = [
    layer('a', 'depthwise', 3, 16, 8),
    layer('b', 'depthwise', 3, 8, 4),
    layer('pw', 'convolution', 1, 4, 4),
  ];
  expect(outline(layers)).toEqual(['a 16→16', 'a_subsample 16→8 halves', 'b 8→8', 'pw 8→4 halves']);
});
