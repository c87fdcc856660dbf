import ts from 'typescript';
import { parse } from './imports';
import { filesBelow, isProductSource, list, read } from './repository';

/** A code in a source, at the place that gives it to an error or a warning. */
export interface CodeUse {
  readonly code: string;
  readonly file: string;
}

/** A row of a table of errors. */
export interface ErrorRow {
  readonly codes: readonly string[];
  readonly meaning: string;
  readonly remedy: string;
  /** The README that holds it. */
  readonly file: string;
}

/** Folders whose sources may give codes, each with a README that explains them. */
export const HOMES: readonly string[] = [...list('libs').map((library) => `libs/${library}`), 'tools/nx'];

const CODE = /^[EW]\d{3}$/;

/** Every code that the product gives to an error or a warning. */
export function codesGiven(): CodeUse[] {
  return HOMES.flatMap((home) => filesBelow(`${home}/src`))
    .filter(isProductSource)
    .flatMap((file) => codesIn(file).map((code) => ({ code, file })));
}

function codesIn(file: string): string[] {
  const codes: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && CODE.test(node.text) && !isAsked(node)) codes.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(parse(file));
  return codes;
}

/** A comparison, or a list that is asked whether it includes a code, tells errors apart and gives none. */
function isAsked({ parent }: ts.Node): boolean {
  if (ts.isLiteralTypeNode(parent)) return true;
  if (ts.isArrayLiteralExpression(parent)) return /^\.includes\b/.test(textBehind(parent));
  return (
    ts.isBinaryExpression(parent) &&
    [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken].includes(
      parent.operatorToken.kind,
    )
  );
}

function textBehind(node: ts.Node): string {
  return node.getSourceFile().text.slice(node.end);
}

/** The rows under `## Errors` of the READMEs. */
export function errorRows(): ErrorRow[] {
  return HOMES.map((home) => `${home}/README.md`)
    .filter((file) => list(file.slice(0, file.lastIndexOf('/'))).includes('README.md'))
    .flatMap((file) => rowsOf(read(file), file));
}

export function rowsOf(readme: string, file: string): ErrorRow[] {
  const [, section = ''] = readme.split(/^## Errors$/m);
  return section
    .split(/^## /m)[0]
    .split('\n')
    .filter((line) => /^\| *[EW]\d{3}/.test(line))
    .map((line) => {
      const [, codes, meaning, remedy] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      return { codes: codes.split(/, */), meaning, remedy, file };
    });
}

/** The codes that tests name as values: what they expect, not what they are called. */
export function codesExpected(): ReadonlySet<string> {
  const codes = new Set<string>();
  const visit = (node: ts.Node): void => {
    const isValue = ts.isStringLiteralLike(node) || ts.isRegularExpressionLiteral(node);
    if (isValue && !isTitle(node)) for (const code of node.text.match(/[EW]\d{3}/g) ?? []) codes.add(code);
    ts.forEachChild(node, visit);
  };
  ['libs', 'tools', 'apps']
    .flatMap((folder) => filesBelow(folder))
    .filter((path) => path.endsWith('.spec.ts') && !path.startsWith('tools/checks/'))
    .forEach((path) => visit(parse(path)));
  return codes;
}

function isTitle(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isCallExpression(parent) && parent.arguments[0] === node && /^(test|describe)\b/.test(parent.getText());
}
