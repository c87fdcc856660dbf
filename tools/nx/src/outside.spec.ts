import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { isOutside, shellWord } from './outside';

test.each([
  ['../pictures', true],
  ['..', true],
  ['/pictures', true],
  ['C:/pictures', true],
  ['apps/pokedex/images', false],
  ['..pictures', false],
])('%s lies outside the workspace: %s', (path, outside) => {
  expect(isOutside(path)).toBe(outside);
});

test('a usual folder stays readable', () => {
  expect(shellWord('apps/my-cats_2')).toBe('apps/my-cats_2');
});

test('a shell passes any name on as one word, and it can be read back', () => {
  const name = 'apps/a b;$(touch x)`\'"&|<>*?#~é\n!';
  const seen = execFileSync('sh', ['-c', `printf %s ${shellWord(name)}`], { encoding: 'utf8' });
  expect(decodeURIComponent(seen)).toBe(name);
});

test('every name can be read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      expect(decodeURIComponent(shellWord(name))).toBe(name);
    }),
  );
});
