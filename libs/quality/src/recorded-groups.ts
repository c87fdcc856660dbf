import { compareText } from '@graft/dataset';

/**
 * Names of groups of look-alikes that keep every picture where it was: a content that is recorded keeps its recorded name,
 * and with it its side of the split, whoever comes or goes. A new content takes the smallest recorded name in its group, and a
 * group of new contents alone keeps its own. Where a new one links two groups that were recorded apart, these stay apart.
 *
 * @param groups content to the name of its group; contents that look like no other are missing
 * @param recorded content to the name that it had
 * @returns content to name; contents that are missing are alone
 */
export function keepRecordedGroups(
  groups: ReadonlyMap<string, string>,
  recorded: ReadonlyMap<string, string>,
): Map<string, string> {
  const former = new Map<string, string>();
  for (const [content, group] of groups) {
    const name = recorded.get(content);
    const other = former.get(group);
    if (name !== undefined && (other === undefined || compareText(name, other) < 0)) former.set(group, name);
  }
  const named = [...groups].map(([content, group]) => [content, former.get(group) ?? group] as const);
  return new Map([...named, ...recorded]);
}
