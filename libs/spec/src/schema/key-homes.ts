import { printKeyPath } from '../tree';
import type { KeyPath } from '../tree';
import type { JsonSchema } from './json-schema';
import { experimentSchema } from './schemas';

/** The section that has a key of this name (empty: the top level), for one that was written or indented wrongly. */
export function homeOf(key: string, path: KeyPath): string | null {
  const homes = findHomes(experimentSchema, key, []).filter((home) => home !== printKeyPath(path));
  return homes.length === 1 ? homes[0] : null;
}

function findHomes(schema: JsonSchema, key: string, path: KeyPath): string[] {
  const here = schema.properties !== undefined && key in schema.properties ? [printKeyPath(path)] : [];
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    findHomes(child, key, [...path, name]),
  );
  return [...here, ...below, ...(schema.anyOf ?? []).flatMap((branch) => findHomes(branch, key, path))];
}
