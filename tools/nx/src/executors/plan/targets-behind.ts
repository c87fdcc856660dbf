import { targetUnknown } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';

/** A target of this experiment, and all that it depends on. @throws GraftError E515 where there is no such target */
export function targetsBehind(target: string, context: ExecutorContext): Set<string> {
  const project = context.projectName ?? '';
  const targets = context.projectsConfigurations.projects[project]?.targets ?? {};
  if (targets[target] === undefined) throw targetUnknown(target, Object.keys(targets));
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const one of targets[name]?.dependsOn ?? []) if (typeof one === 'string') visit(one);
  };
  visit(target);
  return seen;
}
