import type { ErrorRow } from './error-codes';

/** First digits of the codes of a part of the product, in the order of the document. */
const PARTS: readonly (readonly [title: string, codes: RegExp])[] = [
  ['The run', /^.00/],
  ['YAML', /^.0/],
  ['The experiment', /^.1/],
  ['Pictures and packages', /^.2/],
  ['Fit, quantization, compilation', /^.3[0-4]/],
  ['The kmodel file', /^.35/],
  ['The simulator', /^.3[6-9]/],
  ['Flashing', /^.4/],
  ['Stages and their files', /^.5/],
  ['Weights and training', /^.6/],
  ['Evaluation', /^.7/],
];

const HEAD = `# Errors and warnings

Every message carries a code that stays the same from version to version. \`E…\` ends the run, \`W…\` is a warning and
does not. This page is made from the tables in the READMEs of the libraries: \`npm run docs:errors\`.
`;

/** The whole of docs/errors.md. */
export function errorsDocument(rows: readonly ErrorRow[]): string {
  const ordered = [...rows].sort((a, b) => orderOf(a).localeCompare(orderOf(b), 'en'));
  const rest = new Set(ordered.filter((row, index) => index === 0 || lineOf(row) !== lineOf(ordered[index - 1])));
  const parts = PARTS.flatMap(([title, codes]) => {
    const inPart = [...rest].filter((row) => codes.test(row.codes[0]));
    inPart.forEach((row) => rest.delete(row));
    return inPart.length === 0 ? [] : [partOf(title, inPart)];
  });
  return [HEAD, ...parts].join('\n');
}

function partOf(title: string, rows: readonly ErrorRow[]): string {
  return [`## ${title}`, '', '| code | meaning | remedy |', '| --- | --- | --- |', ...rows.map(lineOf), ''].join('\n');
}

/** Errors before the warnings of the same part. */
function orderOf({ codes: [code] }: ErrorRow): string {
  const part = PARTS.findIndex(([, range]) => range.test(code));
  return `${String(part).padStart(2, '0')} ${code}`;
}

function lineOf({ codes, meaning, remedy }: ErrorRow): string {
  return `| ${codes.join(', ')} | ${meaning} | ${remedy} |`;
}
