import { Composer, Parser } from 'yaml';
import type { CST, Document, ParsedNode } from 'yaml';

/** Levels of nesting, counted in tokens. An experiment needs about ten. */
const MAX_DEPTH = 100;

/** The documents of a text; null: it is nested beyond reason. */
export function parseDocuments(text: string): readonly Document.Parsed<ParsedNode>[] | null {
  const tokens = parseTokens(text);
  if (tokens === null || depthOf(tokens) > MAX_DEPTH) return null;
  return [...new Composer({ uniqueKeys: false, logLevel: 'silent' }).compose(tokens)];
}

function parseTokens(text: string): CST.Token[] | null {
  try {
    return [...new Parser().parse(text)];
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * The composer calls itself for each level and compiles regular expressions on the way. Near the end of the stack the
 * latter ends the whole process, with nothing to catch; so the depth is measured before, without recursion.
 */
function depthOf(tokens: readonly CST.Token[]): number {
  let deepest = 0;
  const open: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 1 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    deepest = Math.max(deepest, depth);
    for (const child of childrenOf(token)) open.push({ token: child, depth: depth + 1 });
  }
  return deepest;
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap((item) => [item.key, item.value].filter((child) => child !== undefined && child !== null));
}
