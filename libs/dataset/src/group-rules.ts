import type { GroupBy } from '@graft/spec';
import { globMatcher } from './globs';
import type { PictureRecord } from './picture';

/**
 * Tells the group of a picture. `file`: its content, so that the frames of one animation (and equal bytes) stay together.
 * `name`: class and base name, so that `shiny/x.png` and `x.png` do too. `near_duplicate`: as `lookAlikes` says, by content.
 * `column`: as its list says. A glob: the outermost folder of its path that the glob matches. A pattern: what its parentheses
 * catch. A picture for which the rule says nothing is alone, as with `file`. Neither class nor source is part of what paths
 * and lists say: a session with pictures of both classes is one.
 */
export function grouper(
  groupBy: GroupBy,
  lookAlikes: ReadonlyMap<string, string> = new Map(),
): (record: PictureRecord) => string {
  const rule = ruleOf(groupBy, lookAlikes);
  return (record) => rule(record) ?? record.sha256;
}

type Rule = (record: PictureRecord) => string | null;

function ruleOf(groupBy: GroupBy, lookAlikes: ReadonlyMap<string, string>): Rule {
  if (typeof groupBy === 'object') return 'glob' in groupBy ? folderRule(groupBy.glob) : patternRule(groupBy.pattern);
  switch (groupBy) {
    case 'file':
      return ({ sha256 }) => sha256;
    case 'name':
      return ({ label, path }) => `${label}/${baseName(path)}`;
    case 'near_duplicate':
      return ({ sha256 }) => lookAlikes.get(sha256) ?? null;
    case 'column':
      return ({ group }) => (group === null ? null : `column ${group}`);
  }
}

function folderRule(glob: string): Rule {
  const matches = globMatcher([glob.replace(/\/+$/, '')]);
  return ({ path }) => {
    const folders = insideSource(path).split('/').slice(0, -1);
    const leading = folders.map((_, at) => folders.slice(0, at + 1).join('/'));
    const found = leading.find(matches);
    return found === undefined ? null : `folder ${found}`;
  };
}

function patternRule(pattern: string): Rule {
  const expression = new RegExp(pattern, 'u');
  return ({ path }) => {
    const [, ...caught] = expression.exec(insideSource(path)) ?? [];
    return caught.every((text) => text === undefined) ? null : `pattern ${JSON.stringify(caught)}`;
  };
}

/** Sources may be added before others: their index must not decide. */
const insideSource = (path: string): string => path.slice(path.indexOf('/') + 1).normalize('NFC');

/** Without folders, extension and a frame's number (`x#3`, `x-frame-03`). */
function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).normalize('NFC');
  const stem = name.replace(/(?<=.)\.[^.]*$/, '');
  return stem.replace(/(?<=.)(#|[-_. ]?frame[-_. ]?)\d+$/i, '').toLowerCase();
}
