import fc from 'fast-check';
import { canonicalJson } from './json';

test('keys are sorted at every depth, lists keep their order, absent members are left out', () => {
  expect(canonicalJson({ b: [2, { d: 1, c: undefined }, 1], a: null })).toBe(
    '{\n  "a": null,\n  "b": [\n    2,\n    {\n      "d": 1\n    },\n    1\n  ]\n}\n',
  );
});

test('equal values give equal text, whatever the order they were built in', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 8 }), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
    }),
  );
});

test('it reads back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
