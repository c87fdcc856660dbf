import { formatDiagnostic } from '@graft/foundation';
import fc from 'fast-check';
import { toPlain } from '../tree';
import { readYaml } from './read-yaml';

const codes = (text: string) =>
  readYaml('e.yaml', text).diagnostics.map(
    ({ code, place }) => `${code} ${place?.line ?? '-'}:${place?.column ?? '-'}`,
  );
const plain = (text: string) => {
  const { tree, diagnostics } = readYaml('e.yaml', text);
  if (tree === null) throw new Error(diagnostics.map(({ message }) => message).join());
  return toPlain(tree);
};

describe('what is wrong with the YAML itself is said with its place', () => {
  test.each([
    ['a tab at the start of a line', 'a: 1\nb:\n\tc: 2\n', ['E010 3:1']],
    [
      'marks of an unfinished merge',
      'a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n',
      ['E011 2:1', 'E011 4:1', 'E011 6:1'],
    ],
    ['an empty file', '', ['E012 -:-']],
    ['a file of comments', '# nothing\n', ['E012 -:-']],
    ['bytes that are not UTF-8', 'a: caf\uFFFD\n', ['E013 1:7']],
    ['UTF-16 read as bytes', 'a\0:\0', ['E013 1:2']],
    ['a missing bracket', 'a: [1, 2\nb: 3\n', ['E014 2:1']],
    ['two documents', 'a: 1\n---\nb: 2\n', ['E014 2:1']],
    ['an older YAML', '%YAML 1.1\n---\na: yes\n', ['E014 1:1']],
    ['a tag', 'a: !python/object x\n', ['E014 1:4']],
    ['an alias without anchor', 'a: *b\n', ['E014 1:1']],
    ['a list as key', '? [a]\n: 1\n', ['E014 1:3']],
    ['a key given twice', 'a: 1\nb:\n  c: 1\n  c: 2\n', ['E015 4:3']],
    ['an alias that holds itself', 'a: &x [*x]\n', ['E016 1:8']],
    ['a colour without quotes', 'background: #ffffff\n', ['E017 1:1']],
    ['a list instead of keys', '- a\n', ['E018 1:1']],
    ['a lone word', 'hello\n', ['E018 1:1']],
  ])('%s', (_, text, expected) => {
    expect(codes(text)).toEqual(expected);
  });

  test('a few lines of aliases do not unfold into millions of values', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 8; level++) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    expect(readYaml('e.yaml', lines.join('\n')).diagnostics.map(({ code }) => code)).toEqual(['E016']);
  });

  test.each([
    ['nested beyond reason', `a: ${'['.repeat(50_000)}`],
    ['of lists in lists', `a:\n${'- '.repeat(50_000)}x\nb: 1`],
    ['nested beyond need', `a: ${'['.repeat(40)}${']'.repeat(40)}`],
    ['as large as a book', `a: "${'x'.repeat(1024 * 1024)}"`],
  ])('a file %s is refused', (_, text) => {
    const { tree, diagnostics } = readYaml('e.yaml', text);
    expect(tree).toBeNull();
    expect(diagnostics.length).toBeGreaterThan(0);
  });
});

describe('a remedy stands behind the caret', () => {
  test.each([
    ['require: >= 90%\n', 'put the value in quotes: ">= 90%"'],
    ['a: %x\n', 'put the value in quotes: "%x"'],
    ['epochs:5\nb: 2\n', 'write a space after "epochs:"'],
    ['a: b: c\n', 'a value that holds ": " needs quotes'],
    ['background: #ff00aa\n', 'put it in quotes: "#ff00aa"'],
  ])('%j', (text, note) => {
    expect(readYaml('e.yaml', text).diagnostics[0].note).toBe(note);
  });

  test('the caret stands below the value', () => {
    const [diagnostic] = readYaml('e.yaml', 'a: 1\n  \ta: 2\nb: @x\n').diagnostics;
    expect(formatDiagnostic(diagnostic)).toContain('e.yaml:');
  });
});

describe('what other programs leave in a file does no harm', () => {
  test('a byte order mark', () => expect(plain('\uFEFFa: 1\n')).toEqual({ a: 1 }));
  test('Windows line ends', () => expect(plain('a: 1\r\nb:\r\n  c: x\r\n')).toEqual({ a: 1, b: { c: 'x' } }));
  test('a document mark at the top', () => expect(plain('---\na: 1\n')).toEqual({ a: 1 }));
  test('aliases within reason', () => expect(plain('a: &x [1, 2]\nb: *x\n')).toEqual({ a: [1, 2], b: [1, 2] }));
  test('a rule in a text block', () => expect(plain('a: |\n  =======\n  x\n')).toEqual({ a: '=======\nx\n' }));

  test('carets count characters, not line ends', () => {
    expect(codes('a: 1\r\nb: 2\r\nb: 3\r\n')).toEqual(['E015 3:1']);
    expect(readYaml('e.yaml', 'a: 1\r\na: 3\r\n').diagnostics[0].place?.text).toBe('a: 3');
  });
});

describe('what else a file says can still be checked', () => {
  const spoiled = (text: string) => readYaml('e.yaml', text).spoiled;

  test('a key given twice keeps its first value', () => {
    expect(plain('a: 1\nb:\n  - c: 1\n    c: 2\n')).toEqual({ a: 1, b: [{ c: 1 }] });
    expect(spoiled('a: 1\nb:\n  - c: 1\n    c: 2\n')).toEqual([{ path: ['b', 0, 'c'], lost: false }]);
  });

  test('a value that cannot be used is nothing', () => {
    expect(plain('a: #ffffff\nb: 2\n')).toEqual({ a: null, b: 2 });
    expect(spoiled('a: #ffffff\nb: 2\n')).toEqual([{ path: ['a'], lost: true }]);
  });
});

test('words of older YAML and names like numbers stay what they are', () => {
  expect(plain('a: yes\nb: off\n25: x\ntrue: y\n')).toEqual({ a: 'yes', b: 'off', '25': 'x', true: 'y' });
});

test('no text makes it throw', () => {
  const fragments = fc.constantFrom(
    'a',
    'b: ',
    '- ',
    '\n',
    '  ',
    '\t',
    '[',
    ']',
    '{',
    '}',
    '&x ',
    '*x',
    '!',
    '|',
    '>',
    '"',
    "'",
    '#',
    '%',
    ': ',
    '? ',
    ',',
    '0x1',
    '~',
    '\r\n',
    '---',
    '\uFEFF',
    '__proto__: ',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(fragments, { maxLength: 40 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const { tree, diagnostics, spoiled } = readYaml('e.yaml', text);
      if (tree === null) expect(diagnostics.length).toBeGreaterThan(0);
      else expect(spoiled).toHaveLength(diagnostics.length);
    }),
    { numRuns: 1500 },
  );
});
