import { printKeyPath } from '../tree';
import type { KeyPath } from '../tree';
import type { JsonSchema } from './json-schema';
import { experimentSchema } from './schemas';

/**
 * The section that has a key of this name (empty: the top level), for one that was written or indented wrongly. Of
 * several the outermost, if there is one.
 */
export function homeOf(key: string, path: KeyPath): string | null {
  const homes = findHomes(experimentSchema, key, []).filter((home) => printKeyPath(home) !== printKeyPath(path));
  const depth = Math.min(...homes.map((home) => home.length));
  const outermost = homes.filter((home) => home.length === depth);
  return outermost.length === 1 ? printKeyPath(outermost[0]) : null;
}

function findHomes(schema: JsonSchema, key: string, path: KeyPath): KeyPath[] {
  const here = schema.properties !== undefined && key in schema.properties ? [path] : [];
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    findHomes(child, key, [...path, name]),
  );
  return [...here, ...below, ...(schema.anyOf ?? []).flatMap((branch) => findHomes(branch, key, path))];
}
