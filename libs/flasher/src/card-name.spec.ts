import fc from 'fast-check';
import { modelFileName } from './card-name';

test.each([
  ['pokedex', 'pokedex.kmodel'],
  ['Pokédex, zweiter Versuch', 'pokedex-zweiter-versuch.kmodel'],
  ['../../etc/passwd', 'etc-passwd.kmodel'],
  ['ポケモン', 'model.kmodel'],
])('%s becomes %s', (name, file) => {
  expect(modelFileName(name)).toBe(file);
});

test('any name gives lower-case ASCII below 64 characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
      expect(modelFileName(name)).toMatch(/^[a-z0-9_-]{1,56}\.kmodel$/);
    }),
  );
});
