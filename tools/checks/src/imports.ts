import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { read, REPOSITORY } from './repository';

/** One import that is still there when types are stripped, or one that a file hands on. */
export interface CodeImport {
  /** `node:fs`, `sharp`, `@graft/tensor`, `./beside`; what our own loader takes is `/tools/…`, from the root. */
  readonly specifier: string;
  /** Names as the imported module calls them; null is all of it. */
  readonly names: readonly string[] | null;
}

/** What a source loads when it runs: imports and exports from elsewhere, `import()`, `require()`. Types are no code. */
export function codeImports(path: string): CodeImport[] {
  const found: CodeImport[] = [];
  const visit = (node: ts.Node): void => {
    found.push(...importOf(node));
    ts.forEachChild(node, visit);
  };
  visit(parse(path));
  return found;
}

/** Where the names of a module come from: the specifier behind each name that it only hands on. */
export function handedOn(path: string): ReadonlyMap<string, CodeImport> {
  const origin = new Map<string, CodeImport>();
  for (const statement of parse(path).statements) {
    if (!ts.isExportDeclaration(statement) || statement.isTypeOnly || statement.moduleSpecifier === undefined) continue;
    if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) continue;
    const specifier = textOf(statement.moduleSpecifier);
    for (const element of statement.exportClause.elements.filter(({ isTypeOnly }) => !isTypeOnly))
      origin.set(element.name.text, { specifier, names: [(element.propertyName ?? element.name).text] });
  }
  return origin;
}

/** The file behind a relative specifier, or one from the repository's root (`/…`), by path below the repository. */
export function resolveRelative(from: string, specifier: string): string {
  const base = (specifier.startsWith('/') ? join(specifier.slice(1)) : join(from, '..', specifier)).replaceAll(
    '\\',
    '/',
  );
  const candidates = [base, `${base}.ts`, `${base}/index.ts`];
  const found = candidates.find((path) => /\.\w+$/.test(path) && existsSync(join(REPOSITORY, path)));
  if (found === undefined) throw new Error(`${from} imports ${specifier}, which is no file`);
  return found;
}

/** `@scope/name/deep` and `name/deep` are both parts of a package. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

const parsed = new Map<string, ts.SourceFile>();

export function parse(path: string): ts.SourceFile {
  const source = parsed.get(path) ?? ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true);
  parsed.set(path, source);
  return source;
}

function importOf(node: ts.Node): CodeImport[] {
  if (ts.isImportDeclaration(node)) {
    const names = importedNames(node.importClause);
    return names?.length === 0 ? [] : [{ specifier: textOf(node.moduleSpecifier), names }];
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && !node.isTypeOnly) {
    const names = node.exportClause !== undefined && ts.isNamedExports(node.exportClause) ? node.exportClause : null;
    return [{ specifier: textOf(node.moduleSpecifier), names: names === null ? null : valueNames(names.elements) }];
  }
  if (ts.isCallExpression(node)) {
    const specifier = calledFor(node);
    return specifier === null ? [] : [{ specifier, names: null }];
  }
  return [];
}

/** `import('x')`, `require('x')`, our own loader, and scripts that are started: `join(__dirname, 'x.cjs')`. */
function calledFor({ expression, arguments: values }: ts.CallExpression): string | null {
  const last = values.at(-1);
  if (last === undefined || !ts.isStringLiteral(last)) return null;
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return last.text;
  if (!ts.isIdentifier(expression)) return null;
  if (expression.text === 'require') return last.text;
  // Its argument is relative to tools/nx, where it lies.
  if (expression.text === 'loadTypeScript') return `/tools/nx/${last.text}`;
  const startsScript = values.length === 2 && values[0].getText() === '__dirname' && /\.[cm]js$/.test(last.text);
  return startsScript ? last.text.replace(/^(?!\.)/, './') : null;
}

/** Empty where only types are imported; null for all of the module. */
function importedNames(clause: ts.ImportClause | undefined): string[] | null {
  if (clause === undefined) return null;
  if (clause.isTypeOnly) return [];
  if (clause.name !== undefined || clause.namedBindings === undefined) return null;
  return ts.isNamespaceImport(clause.namedBindings) ? null : valueNames(clause.namedBindings.elements);
}

function valueNames(elements: ts.NodeArray<ts.ImportSpecifier | ts.ExportSpecifier>): string[] {
  return elements.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name, propertyName }) => (propertyName ?? name).text);
}

function textOf(specifier: ts.Expression): string {
  return ts.isStringLiteral(specifier) ? specifier.text : '';
}
