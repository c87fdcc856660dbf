import { stringify } from 'yaml';
import { toPlain } from './tree';
import type { KeyPath } from './tree';
import { EXPERIMENT, load, loaded, MINIMAL } from './testing/load-files';

/** Writes every key that there is, also those whose usual value is short or absent. */
const EVERYTHING = `${MINIMAL}
model: { freeze: { first: 20 }, weights: { npm: w, version: 1.0.0, integrity: sha512-LQuzyaEDl4ow75fPzrVuJB0cIRmxVq4XBecDFajA0WrZI1xHCmXn5OSBul44D+24tA1kMT7GSROmct5FRg8dtQ==, manifest: m.json }, head: [{ dense: 8, activation: relu }, { dropout: 0.5 }] }
train: { class_weights: { charizard: 1, pikachu: 2 }, optimizer: { name: sgd, momentum: 0.9, nesterov: true }, learning_rate: 0.1 }
augment: { composite: { scale: [40%, 100%] }, random_blur: { sigma: 1 }, random_erasing: { area: 15% } }
require: { device_accuracy: ">= 90%", accuracy_drop: "<= 1%" }
`;

const WRONG = [null, true, -1, 1e9, 0.5, '', 'strange', '99 parsecs', [], ['strange'], {}, { strange: 1 }];

function pathsIn(value: unknown, path: KeyPath = []): KeyPath[] {
  if (typeof value !== 'object' || value === null) return [path];
  const children: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item])
    : Object.entries(value);
  return [path, ...children.flatMap(([key, child]) => pathsIn(child, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: KeyPath, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === key ? replaced(item, rest, by) : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [name, name === key ? replaced(child, rest, by) : child]),
  );
}

const base = load(EVERYTHING);
const whole: unknown = toPlain((base.ok ? base.value : loaded(MINIMAL)).merged);
const paths = pathsIn(whole).filter((path) => path.length > 0);

test('the example of everything is sound', () => {
  expect(base.ok ? [] : base.diagnostics).toEqual([]);
  expect(paths.length).toBeGreaterThan(100);
});

test.each(paths.map((path) => [path.join('.'), path] as const))('no wrong value of %s makes it throw', (_, path) => {
  for (const wrong of WRONG) {
    const text = stringify(replaced(whole, path, wrong));
    const parsed = load({ [EXPERIMENT]: text });
    if (parsed.ok) continue;
    for (const { code, place } of parsed.diagnostics) {
      expect(code).toMatch(/^[EW][01]\d\d$/);
      expect(place?.file).toBe(EXPERIMENT);
    }
  }
});
