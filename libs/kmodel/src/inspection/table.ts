/** Columns as wide as their widest cell, two spaces apart; a line feed after every row. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => all.reduce((most, row) => Math.max(most, row[column].length), 0));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ');
  return all.map((row) => `${line(row).trimEnd()}\n`).join('');
}
