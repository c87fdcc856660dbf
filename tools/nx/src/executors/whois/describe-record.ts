import type { NewRecord } from '@graft/pipeline';
import type { Change } from '../../shared/changes';
import type { Differences } from './differences';
import { toolLines } from './strangers';

const MOST_LINES = 12;

/** The answer as people read it, a line each. */
export function describeRecord(name: string, record: NewRecord, differences: Differences): string[] {
  const { experiment, model, settingsSha256, lockSha256, tools } = record.provenance;
  return [
    `${name} is a model of experiment "${experiment}"`,
    column('model', `${model.bytes} bytes, SHA-256 ${model.sha256}`),
    column('commit', record.commit ?? 'none: it was made outside of git'),
    ...indented('with changes that were not committed', record.uncommitted),
    column('settings', settingsSha256),
    column('lock', `${lockSha256} (pictures and weights)`),
    ...indented('tools', toolLines(tools)),
    ...changes(differences),
    'to make it again:',
    ...howToMakeAgain(record, differences).map((line) => `  ${line}`),
  ];
}

function changes({ files, settings, tools }: Differences): string[] {
  const all = [...files, ...(settings ?? ['the experiment is not there any more, or does not load']), ...tools];
  if (all.length === 0) return ['nothing of it has changed since'];
  return indented('since then', all);
}

/** What is as it was needs no checkout. */
function howToMakeAgain({ project, commit, uncommitted }: NewRecord, differences: Differences): string[] {
  const command = `npx nx run ${project}:export-kmodel`;
  const isAsItWas = [differences.settings ?? ['gone'], differences.tools, differences.files].every(
    (changed: readonly Change[]) => changed.length === 0,
  );
  if (isAsItWas) return [command];
  const restore =
    commit === null
      ? ['restore the files that differ; the settings are in the record of the model, in .history']
      : [`git checkout ${commit}`];
  const missing =
    commit !== null && uncommitted.length > 0
      ? ['restore what was not committed; the settings are in the record of the model, in .history']
      : [];
  return [...restore, ...missing, 'npm ci', command];
}

function indented(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length - MOST_LINES;
  return [
    `  ${title}:`,
    ...lines.slice(0, MOST_LINES).map((line) => `    ${line}`),
    ...(rest > 0 ? [`    and ${rest} more`] : []),
  ];
}

const column = (title: string, text: string): string => `  ${title.padEnd(9)} ${text}`;
