import { childOf } from '../tree';
import type { Tree } from '../tree';
import type { JsonSchema } from './json-schema';

export interface BranchChoice {
  /** The way of writing that was meant; null: none fits even in shape. */
  readonly branch: JsonSchema | null;
  /** The key that should have told the way, where it told nothing known. */
  readonly discriminator: string | null;
}

const NONE: BranchChoice = { branch: null, discriminator: null };

/** Which way of writing a value was meant, so that complaints are about that one only. */
export function chooseBranch(branches: readonly JsonSchema[], node: Tree): BranchChoice {
  if (node.kind === 'map')
    return chooseForMap(
      branches.filter((branch) => hasType(branch, 'object')),
      node,
    );
  if (node.kind === 'list') return only(branches.filter((branch) => hasType(branch, 'array')));
  if (branches.length === 1) return only(branches);
  const fitting = branches.filter((branch) => fitsScalar(branch, node.value));
  return fitting.length === 1 && fitting[0].enum === undefined ? only(fitting) : NONE;
}

function chooseForMap(branches: readonly JsonSchema[], node: Tree): BranchChoice {
  const key = branches.map(discriminatorOf).find((found) => found !== null) ?? null;
  if (key !== null) {
    const value = childOf(node, key);
    const kind = value?.kind === 'scalar' ? value.value : undefined;
    const branch = branches.find((candidate) => candidate.properties?.[key]?.const === kind);
    return branch === undefined ? { branch: null, discriminator: key } : { branch, discriminator: null };
  }
  const marked = branches.filter((branch) => (branch.required ?? []).some((name) => childOf(node, name) !== undefined));
  return only(branches.length === 1 ? branches : marked);
}

function discriminatorOf(branch: JsonSchema): string | null {
  const keys = Object.entries(branch.properties ?? {}).filter(([, schema]) => schema.const !== undefined);
  return keys[0]?.[0] ?? null;
}

const only = (branches: readonly JsonSchema[]): BranchChoice =>
  branches.length === 1 ? { branch: branches[0], discriminator: null } : NONE;

const hasType = (branch: JsonSchema, type: string): boolean => [branch.type].flat().includes(type);

/** A number beside a list of words means the branch that takes numbers, and so on. */
function fitsScalar(branch: JsonSchema, value: unknown): boolean {
  if (branch.enum !== undefined) return branch.enum.some((allowed) => typeof allowed === typeof value);
  const types = [branch.type].flat();
  if (typeof value === 'number') return types.includes('number') || types.includes('integer');
  return types.includes(typeof value);
}
