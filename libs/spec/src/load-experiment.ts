import type { Diagnostic, Parsed } from '@graft/foundation';
import { checkSpec } from './check-spec';
import { keyMissing, nameUnusable } from './errors';
import type { ExperimentSpec } from './experiment';
import { Layers } from './merge/layers';
import type { LayersOptions } from './merge/layers';
import { isTainted } from './merge/prune';
import { settle } from './merge/settle';
import { readSpec } from './read/read-spec';
import { experimentSchema } from './schema/schemas';
import { placeOfOrigin } from './schema/validate';
import { childOf, DEFAULT_ORIGIN, emptyMap, fromPlain, withEntry } from './tree';
import type { MapTree } from './tree';

export interface LoadOptions extends LayersOptions {
  /** The experiment's file, relative to the workspace, with forward slashes; shown in messages. */
  readonly experimentPath: string;
  /** `project.yaml`, the same way. It may be missing. */
  readonly projectPath: string;
  /** Name of an experiment that does not give one: that of its folder. */
  readonly defaultName: string;
  /** The text of a file of the workspace; null where there is none. */
  readonly readText: (path: string) => string | null;
}

/** An experiment that is merged, checked and complete. */
export interface Experiment {
  readonly spec: ExperimentSpec;
  readonly project: {
    /** Address prefix to the folder (relative to project.yaml) or address that serves it instead. */
    readonly mirrors: Readonly<Record<string, string>>;
  };
  /** Every file that was read: the experiment, project.yaml, what they extend. Sorted, relative to the workspace. */
  readonly files: readonly string[];
  /** The merged YAML with the origin of every value; see `placeOf`, `printConfig` and `explainedValues`. */
  readonly merged: MapTree;
}

/**
 * Reads an experiment with everything it extends. Wrong input never throws: all problems of all files come back
 * together, sorted by file and line.
 */
export function loadExperiment(options: LoadOptions): Parsed<Experiment> {
  const layers = new Layers(options);
  const merged = layers.merged();
  const diagnostics = [...layers.diagnostics];
  const experiment = merged === null ? null : finish(merged, layers, options, diagnostics);
  const sorted = sortedDiagnostics(diagnostics);
  if (experiment === null || sorted.some(({ severity }) => severity === 'error'))
    return { ok: false, diagnostics: sorted };
  return { ok: true, value: experiment, warnings: sorted };
}

/** What project.yaml says of mirrors, for those who need no experiment. Other problems of that file come back, too. */
export function loadMirrors(
  options: Pick<LoadOptions, 'projectPath' | 'readText'>,
): Parsed<Experiment['project']['mirrors']> {
  const layers = new Layers({ ...options, experimentPath: options.projectPath });
  const sorted = sortedDiagnostics(layers.diagnostics);
  if (sorted.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics: sorted };
  return { ok: true, value: layers.mirrors(), warnings: sorted };
}

function finish(merged: MapTree, layers: Layers, options: LoadOptions, diagnostics: Diagnostic[]): Experiment {
  const complete = settle(merged, options.defaultName);
  const tainted = [...layers.tainted];
  const tree = withRequired(complete, tainted, diagnostics);
  diagnostics.push(...nameProblems(tree, options.defaultName));
  const spec = readSpec(tree);
  diagnostics.push(...checkSpec(spec, tree, tainted));
  return { spec, project: { mirrors: layers.mirrors() }, files: [...layers.files].sort(), merged: tree };
}

/** An empty list for what must be there and is not, so that everything else can still be checked. */
function withRequired(complete: MapTree, tainted: string[], diagnostics: Diagnostic[]): MapTree {
  const missing = (keyPath: string, example: string) => {
    const place = placeOfOrigin(complete.origin);
    if (!isTainted(tainted, keyPath)) diagnostics.push(keyMissing(keyPath, place, example));
    tainted.push(keyPath);
  };
  const nothing = fromPlain([], DEFAULT_ORIGIN);
  let tree = complete;
  if (childOf(tree, 'classes') === undefined) {
    missing('classes', 'classes: [charizard, pikachu]');
    tree = withEntry(tree, 'classes', nothing);
  }
  const dataset = childOf(tree, 'dataset') ?? emptyMap();
  if (dataset.kind === 'map' && childOf(dataset, 'sources') === undefined) {
    missing('dataset.sources', 'sources: [{ type: directory, path: ./images }]');
    tree = withEntry(tree, 'dataset', withEntry(dataset, 'sources', nothing));
  }
  return tree;
}

function nameProblems(tree: MapTree, defaultName: string): Diagnostic[] {
  const inherited = childOf(tree, 'name')?.origin.kind === 'default';
  const pattern = experimentSchema.properties?.['name'].pattern ?? '';
  return inherited && !new RegExp(pattern).test(defaultName) ? [nameUnusable(defaultName)] : [];
}

function sortedDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const keyOf = ({ place }: Diagnostic) => [place?.file ?? '', place?.line ?? 0, place?.column ?? 0] as const;
  return [...diagnostics].sort((a, b) => {
    const [fileA, lineA, columnA] = keyOf(a);
    const [fileB, lineB, columnB] = keyOf(b);
    if (fileA !== fileB) return fileA < fileB ? -1 : 1;
    return lineA - lineB || columnA - columnB;
  });
}
