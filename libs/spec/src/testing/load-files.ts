import type { Diagnostic } from '@graft/foundation';
import { loadExperiment } from '../load-experiment';
import type { Experiment } from '../load-experiment';

export const EXPERIMENT = 'apps/pokedex/experiment.yaml';

/** What every experiment needs; a test adds the keys it is about. */
export const MINIMAL = `version: 1
classes: [charizard, pikachu]
dataset: { sources: [{ type: directory, path: ./images }] }
`;

/** Loads an experiment from texts by path; a lone text is the experiment itself. */
export function load(files: string | Readonly<Record<string, string>>) {
  const texts = typeof files === 'string' ? { [EXPERIMENT]: files } : files;
  return loadExperiment({
    experimentPath: EXPERIMENT,
    projectPath: 'project.yaml',
    defaultName: 'pokedex',
    readText: (path) => (Object.hasOwn(texts, path) ? texts[path] : null),
  });
}

export function loaded(files: string | Readonly<Record<string, string>>): Experiment {
  const parsed = load(files);
  if (!parsed.ok) throw new Error(parsed.diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  return parsed.value;
}

export function diagnosticsOf(files: string | Readonly<Record<string, string>>): readonly Diagnostic[] {
  const parsed = load(files);
  return parsed.ok ? parsed.warnings : parsed.diagnostics;
}

/** `E102 experiment.yaml:4:1`: enough to know which complaint stands where. */
export function summaryOf(files: string | Readonly<Record<string, string>>): string[] {
  return diagnosticsOf(files).map(({ code, place }) =>
    place === undefined ? code : `${code} ${place.file.split('/').at(-1)}:${place.line}:${place.column}`,
  );
}
