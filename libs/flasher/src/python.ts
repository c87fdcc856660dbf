/**
 * A Python string literal in plain ASCII that any interpreter and any transport reads alike: everything outside
 * printable ASCII is escaped by its code point.
 */
export function pythonString(text: string): string {
  let literal = '"';
  for (const character of text) literal += escaped(character);
  return `${literal}"`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '"' || character === '\\') return `\\${character}`;
  if (code >= 0x20 && code < 0x7f) return character;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A tuple literal with one string a line. The comma after the last one keeps a single string a tuple. */
export function pythonTuple(items: readonly string[]): string {
  return ['(', ...items.map((item) => `    ${pythonString(item)},`), ')'].join('\n');
}
