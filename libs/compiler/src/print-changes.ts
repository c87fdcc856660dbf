/**
 * Of two states printed in blocks of lines: the blocks of the later one that the earlier one lacks, and how many are as
 * they were.
 */
export function printChanges(before: string, after: string): string {
  const known = new Set(blocksOf(before));
  const blocks = blocksOf(after);
  const changed = blocks.filter((block) => !known.has(block));
  const same = blocks.length - changed.length;
  const rest = same === 0 ? [] : [`(${same} ${same === 1 ? 'block' : 'blocks'} as before)`];
  return `${[...changed, ...rest].join('\n\n')}\n`;
}

function blocksOf(text: string): string[] {
  return text.trimEnd().split('\n\n');
}
