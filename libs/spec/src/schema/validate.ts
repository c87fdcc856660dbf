import Ajv from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Diagnostic, Place } from '@graft/foundation';
import * as problem from '../errors';
import { nearest } from '../suggest';
import { childOf, printKeyPath, toPlain } from '../tree';
import type { KeyPath, MapTree, Origin, Tree } from '../tree';
import { describeSchema } from './describe';
import { chooseBranch } from './choose-branch';
import { branchesOf } from './json-schema';
import type { JsonSchema } from './json-schema';
import { homeOf } from './key-homes';
import { isInRange, parseQuantity } from './quantities';
import type { QuantityRange } from './quantities';

/** A complaint and the part of the tree that cannot be used because of it. */
export interface Problem {
  readonly diagnostic: Diagnostic;
  /** From the root of the tree. For an unknown key, the key itself. */
  readonly path: KeyPath;
  /** The key that was probably meant, beside the unknown one. */
  readonly meant: string | null;
}

/** Checks a tree against a schema and words every complaint; `root` resolves references. */
export function validateTree(schema: JsonSchema, tree: MapTree): readonly Problem[] {
  return new Validation(schema).problems(schema, tree, []);
}

const ajv = lazily(() => {
  const instance = new Ajv({ allErrors: true, verbose: true, logger: false, allowUnionTypes: true });
  instance.addVocabulary(['x-wakes', 'defaultSnippets', 'patternErrorMessage']);
  instance.addKeyword({
    keyword: 'x-quantity',
    type: ['number', 'string'],
    validate: (range: QuantityRange, value: unknown) => isInRange(range, value),
  });
  return instance;
});

const compiled = new WeakMap<JsonSchema, ValidateFunction>();

function validatorOf(schema: JsonSchema): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const validator = ajv().compile(schema);
  compiled.set(schema, validator);
  return validator;
}

class Validation {
  constructor(private readonly root: JsonSchema) {}

  problems(schema: JsonSchema, tree: Tree, path: KeyPath): Problem[] {
    const validator = validatorOf(schema);
    if (validator(toPlain(tree)) === true) return [];
    return reportable(validator.errors ?? []).flatMap((error) => {
      const below = locate(tree, error.instancePath);
      return this.problemsOf(error, below.node, [...path, ...below.path]);
    });
  }

  private problemsOf(error: ErrorObject, node: Tree, path: KeyPath): Problem[] {
    const schema: JsonSchema = error.parentSchema ?? {};
    if (error.keyword === 'anyOf') return this.problemsOfUnion(schema, node, path);
    if (error.keyword === 'additionalProperties') return unknownKey(error, node, path);
    if (error.keyword === 'required') return missingKey(error, schema, node, path);
    return [{ diagnostic: valueProblem(error, schema, node, path), path, meant: null }];
  }

  private problemsOfUnion(schema: JsonSchema, node: Tree, path: KeyPath): Problem[] {
    const branches = branchesOf(schema).map((branch) => this.resolved(branch));
    const choice = chooseBranch(branches, node);
    if (choice.branch !== null) return this.problems(choice.branch, node, path);
    if (choice.discriminator !== null) return wrongKind(choice.discriminator, branches, node, path);
    return [{ diagnostic: unionProblem(schema, branches, node, printKeyPath(path)), path, meant: null }];
  }

  private resolved(schema: JsonSchema): JsonSchema {
    if (schema.$ref === undefined) return schema;
    return this.root.definitions?.[schema.$ref.replace('#/definitions/', '')] ?? schema;
  }
}

/**
 * Complaints about a union come from all its branches at once; they are dropped here and made anew for the branch that
 * was meant. Of several complaints about one value the first in rank stays.
 */
function reportable(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  const outer = unions.filter((path) => !unions.some((other) => path.startsWith(`${other}/`)));
  const rest = errors.filter(({ keyword, instancePath }) => {
    if (keyword === 'anyOf') return outer.includes(instancePath);
    return !outer.some((path) => instancePath === path || instancePath.startsWith(`${path}/`));
  });
  const rank = ['anyOf', 'additionalProperties', 'required', 'enum', 'const', 'type', 'x-quantity'];
  const rankOf = (error: ErrorObject) => (rank.includes(error.keyword) ? rank.indexOf(error.keyword) : rank.length);
  return rest.filter((error) => {
    if (error.keyword === 'additionalProperties' || error.keyword === 'required') return true;
    return !rest.some(
      (other) => other !== error && other.instancePath === error.instancePath && rankOf(other) < rankOf(error),
    );
  });
}

/** A value that is written in none of the ways there are. */
function unionProblem(schema: JsonSchema, branches: readonly JsonSchema[], node: Tree, keyPath: string): Diagnostic {
  const place = placeOfOrigin(node.origin);
  const expected = describeSchema(schema);
  if (node.kind === 'map') {
    const known = branches.flatMap((branch) => Object.keys(branch.properties ?? {}));
    const suggestion = [...node.entries.keys()].map((key) => nearest(key, known)).find((found) => found !== null);
    return problem.wrongForm(keyPath, expected, place, suggestion ?? null);
  }
  const words = branches.flatMap((branch) => branch.enum ?? []).filter((value) => typeof value === 'string');
  const suggestion = node.kind === 'scalar' ? nearest(node.text, words) : null;
  if (suggestion !== null) return problem.notAChoice(keyPath, expected, place, suggestion);
  return problem.wrongForm(keyPath, expected, place, null);
}

function unknownKey(error: ErrorObject, node: Tree, path: KeyPath): Problem[] {
  const { additionalProperty: key } = error.params as { additionalProperty: string };
  const schema: JsonSchema = error.parentSchema ?? {};
  const meant = nearest(key, Object.keys(schema.properties ?? {}));
  const keyOrigin = node.kind === 'map' ? node.entries.get(key)?.keyOrigin : undefined;
  const place = keyOrigin === undefined ? null : placeOfOrigin(keyOrigin);
  const home = meant === null ? homeOf(key, path) : null;
  return [{ diagnostic: problem.keyUnknown(key, place, meant, home), path: [...path, key], meant }];
}

function missingKey(error: ErrorObject, schema: JsonSchema, node: Tree, path: KeyPath): Problem[] {
  const { missingProperty: key } = error.params as { missingProperty: string };
  const example = schema.properties?.[key]?.examples?.[0];
  const shown =
    key === 'integrity'
      ? 'integrity: what `npm view <package>@<version> dist.integrity` prints'
      : `${key}: ${example === undefined ? '…' : JSON.stringify(example)}`;
  const diagnostic = problem.keyMissing(printKeyPath([...path, key]), placeOfOrigin(node.origin), shown);
  return [{ diagnostic, path, meant: null }];
}

/** An item whose `type` or `name` says which keys it has, and says nothing known. */
function wrongKind(key: string, branches: readonly JsonSchema[], node: Tree, path: KeyPath): Problem[] {
  const kinds = branches.flatMap((branch) => branch.properties?.[key]?.const ?? []).map(String);
  const value = childOf(node, key);
  const keyPath = printKeyPath([...path, key]);
  const place = placeOfOrigin((value ?? node).origin);
  if (value === undefined) {
    const diagnostic = problem.keyMissing(keyPath, place, kinds.map((kind) => `${key}: ${kind}`).join(' or '));
    return [{ diagnostic, path, meant: null }];
  }
  const text = value.kind === 'scalar' ? value.text : '';
  const diagnostic =
    key === 'type' && text === 'git'
      ? problem.sourceOfLaterVersion(printKeyPath(path), text, place)
      : problem.notAChoice(keyPath, `one of ${kinds.join(', ')}`, place, nearest(text, kinds));
  return [{ diagnostic, path, meant: null }];
}

function valueProblem(error: ErrorObject, schema: JsonSchema, node: Tree, path: KeyPath): Diagnostic {
  const place = placeOfOrigin(node.origin);
  const keyPath = printKeyPath(path);
  const expected = describeSchema(schema);
  switch (error.keyword) {
    case 'enum':
      return choiceProblem(schema.enum ?? [], { keyPath, expected, place, node });
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'minItems':
    case 'maxItems':
    case 'x-quantity':
      return problem.outOfRange(keyPath, expected, place, noteForShare(schema['x-quantity'], node));
    default:
      return problem.wrongForm(keyPath, expected, place, null);
  }
}

interface Complaint {
  readonly keyPath: string;
  readonly expected: string;
  readonly place: Place | null;
  readonly node: Tree;
}

function choiceProblem(values: readonly unknown[], { keyPath, expected, place, node }: Complaint): Diagnostic {
  if (keyPath === 'version') return problem.wrongVersion(place);
  const numbers = values.filter((value) => typeof value === 'number');
  if (node.kind === 'scalar' && typeof node.value === 'number' && numbers.length > 1) {
    const wanted = node.value;
    const closest = numbers.reduce((best, value) =>
      Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best,
    );
    return problem.notANumberChoice(keyPath, expected, place, closest);
  }
  const words = values.filter((value) => typeof value === 'string');
  return problem.notAChoice(keyPath, expected, place, node.kind === 'scalar' ? nearest(node.text, words) : null);
}

/** 15 where 15% was meant. */
function noteForShare(range: QuantityRange | undefined, node: Tree): string | null {
  if (range?.kind !== 'share' || node.kind !== 'scalar' || typeof node.value !== 'number') return null;
  const percent = `${node.value}%`;
  return parseQuantity('share', percent) !== null && isInRange(range, percent) ? `write ${percent}` : null;
}

function locate(tree: Tree, pointer: string): { node: Tree; path: KeyPath } {
  const path: (string | number)[] = [];
  let node = tree;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const key = node.kind === 'list' ? Number(name) : name;
    const child = childOf(node, key);
    if (child === undefined) throw new Error(`internal: ${pointer} is not in the tree`);
    path.push(key);
    node = child;
  }
  return { node, path };
}

export function placeOfOrigin(origin: Origin): Place | null {
  return origin.kind === 'file' ? origin.place : null;
}

function lazily<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= make());
}
