import type { Diagnostic } from '@graft/foundation';
import { nameKeptAsText } from '../errors';
import { placeOfOrigin } from '../schema/validate';
import { childOf } from '../tree';
import type { MapTree, Tree } from '../tree';

/** Words that readers of older YAML take for a truth value. */
const TRUTH_WORDS = /^(?:on|off|yes|no|y|n)$/i;

/** Names of classes and folders that are not quoted and look like something else than text. */
export function classNameWarnings(tree: MapTree): Diagnostic[] {
  const classes = childOf(tree, 'classes');
  if (classes?.kind !== 'list') return [];
  return classes.items.flatMap(namesOf).flatMap((name) => {
    if (name.kind !== 'scalar' || name.quoted) return [];
    if (typeof name.value === 'string' && !TRUTH_WORDS.test(name.value)) return [];
    return [nameKeptAsText(name.text, placeOfOrigin(name.origin))];
  });
}

function namesOf(item: Tree): Tree[] {
  if (item.kind !== 'map') return [item];
  const folders = childOf(item, 'folders');
  const name = childOf(item, 'name');
  return [...(name === undefined ? [] : [name]), ...(folders?.kind === 'list' ? folders.items : [])];
}
