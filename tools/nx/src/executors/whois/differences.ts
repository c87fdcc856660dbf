import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sha256File } from '@graft/foundation';
import { makerSettings, stageSettings } from '@graft/pipeline';
import type { NewRecord } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { settingChanges, tableChanges, type Change } from '../../shared/changes';
import { makerTools } from '../../shared/fingerprint';
import { fitOnDevice, resolvedBy } from '../../shared/fit';
import { readExperiment } from '../../shared/load-experiment';

/** What has changed since a model was made. */
export interface Differences {
  readonly files: readonly Change[];
  /** Null where the experiment is gone, or does not load. */
  readonly settings: readonly Change[] | null;
  readonly tools: readonly Change[];
}

export async function differencesFromNow(record: NewRecord, context: ExecutorContext): Promise<Differences> {
  return {
    files: tableChanges('file', record.files, await filesNow(record, context.root)),
    settings: settingsNow(record, context),
    tools: tableChanges('tool', record.provenance.tools, await makerTools(context.root)),
  };
}

async function filesNow({ files }: NewRecord, root: string): Promise<Record<string, string>> {
  const present = Object.keys(files).filter((name) => existsSync(join(root, name)));
  const digests = await Promise.all(present.map(async (name) => [name, await sha256File(join(root, name))] as const));
  return Object.fromEntries(digests);
}

function settingsNow({ project, settings }: NewRecord, { root, projectsConfigurations }: ExecutorContext) {
  const found = projectsConfigurations.projects[project];
  if (found === undefined) return null;
  try {
    const experiment = readExperiment(root, join(root, found.root), () => undefined);
    const now = stageSettings(experiment.spec, resolvedBy(experiment, fitOnDevice(experiment)));
    return settingChanges(settings, makerSettings(now));
  } catch {
    return null;
  }
}
