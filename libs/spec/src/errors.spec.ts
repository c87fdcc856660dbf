import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (...path: string[]) => readFileSync(join(__dirname, ...path), 'utf8');
const codesIn = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, code]) => code))].sort();

const used = codesIn(read('errors.ts') + read('yaml/syntax-errors.ts'), /'([EW]\d{3})'/g);

test('the README explains every code, and no other', () => {
  expect(codesIn(read('../README.md'), /^\| ([EW]\d{3}) \|/gm)).toEqual(used);
});

test('every code has a test', () => {
  const specs = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.spec.ts'),
  );
  expect(codesIn(specs.map((file) => read(file)).join('\n'), /\b([EW]\d{3})\b/g)).toEqual(used);
});
