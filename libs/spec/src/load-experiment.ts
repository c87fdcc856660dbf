import { canonicalJson, sha256 } from '@graft/foundation';
import type { Diagnostic, Parsed } from '@graft/foundation';
import { checkSpec } from './check-spec';
import { keyMissing, nameUnusable, variantUnknown, variantUnnameable } from './errors';
import type { BenchDevice, ExperimentSpec } from './experiment';
import { Layers } from './merge/layers';
import type { LayersOptions } from './merge/layers';
import { mergeMaps } from './merge/merge';
import { isTainted } from './merge/prune';
import { settle } from './merge/settle';
import { boardOf, withKnownTarget } from './merge/target';
import { deviceProblems, readDevices } from './read/read-devices';
import { readSpec } from './read/read-spec';
import { experimentSchema } from './schema/schemas';
import { placeOfOrigin } from './schema/validate';
import { nearest } from './suggest';
import { checkAssignment, parseAssignment, printAssignment, withAssignments } from './sweep/assignment';
import type { Assignment } from './sweep/assignment';
import { readSweep } from './sweep/read-sweep';
import type { Sweep } from './sweep/read-sweep';
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
  /** The variant on top of the experiment; none where absent or empty. */
  readonly variant?: string;
  /** Keys that are set on top of all: `train.epochs=5`, or parsed already. */
  readonly settings?: readonly (string | Assignment)[];
}

/** An experiment that is merged, checked and complete. */
export interface Experiment {
  readonly spec: ExperimentSpec;
  /** Names files and reports: the experiment's name, its variant, and a digest of what was set on top. */
  readonly title: string;
  /** The variant that was chosen; null: the experiment itself. */
  readonly variant: string | null;
  /** Names of all variants, sorted. */
  readonly variants: readonly string[];
  /** Null where the experiment has none. */
  readonly sweep: Sweep | null;
  /** The board of the bench that is its target; null where the target is a built-in one. */
  readonly board: BenchDevice | null;
  /** What project.yaml says of that board. */
  readonly boardTree: MapTree | null;
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
 * Reads an experiment with everything it extends, its variants and its sweep. Wrong input never throws: all problems of
 * all files and variants come back together, sorted by file and line.
 */
export function loadExperiment(options: LoadOptions): Parsed<Experiment> {
  const layers = new Layers(options);
  const merged = layers.merged();
  const experiment = merged === null ? null : new Loading(options, layers).finish(merged);
  const sorted = sortedDiagnostics(distinct([...layers.diagnostics, ...(experiment?.diagnostics ?? [])]));
  if (experiment === null || sorted.some(({ severity }) => severity === 'error'))
    return { ok: false, diagnostics: sorted };
  return { ok: true, value: experiment.value, warnings: sorted };
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

interface Checked {
  readonly spec: ExperimentSpec;
  readonly tree: MapTree;
  readonly diagnostics: readonly Diagnostic[];
}

class Loading {
  private readonly devices: readonly BenchDevice[];

  constructor(
    private readonly options: LoadOptions,
    private readonly layers: Layers,
  ) {
    this.devices = readDevices(layers.devices());
  }

  finish(merged: MapTree): { value: Experiment; diagnostics: readonly Diagnostic[] } {
    const { layers } = this;
    const variant = this.options.variant || null;
    const sweep = readSweep(layers.apart('sweep'), layers.tainted);
    const set = this.settings();
    // Everybody's mistakes are told, whichever of them was asked for.
    const others = layers.variantNames.map((name) => this.check(mergeMaps(merged, layers.variant(name)), name));
    const base = this.check(merged, null);
    const below = variant === null ? merged : mergeMaps(merged, layers.variant(variant));
    const chosen =
      set.assignments.length === 0 && variant === null
        ? base
        : this.check(withAssignments(below, set.assignments), variant);
    const value: Experiment = {
      spec: chosen.spec,
      title: titleOf(chosen.spec.name, variant, set.assignments),
      variant,
      variants: layers.variantNames,
      sweep: sweep.sweep,
      ...boardOf(chosen.tree, layers.devices(), this.devices),
      project: { mirrors: layers.mirrors() },
      files: [...layers.files].sort(),
      merged: chosen.tree,
    };
    const found = [base, ...others, chosen].flatMap(({ diagnostics }) => diagnostics);
    const own = [...sweep.diagnostics, ...set.diagnostics, ...deviceProblems(layers.devices())];
    return { value, diagnostics: [...found, ...own, ...this.nameProblems(variant)] };
  }

  private check(merged: MapTree, variant: string | null): Checked {
    const tainted = [...this.layers.tainted, ...this.layers.tainted.flatMap((path) => withinVariant(path, variant))];
    const diagnostics: Diagnostic[] = [];
    const known = withKnownTarget(merged, this.devices, tainted, diagnostics);
    const tree = withRequired(settle(known, this.options.defaultName, this.devices), tainted, diagnostics);
    diagnostics.push(...nameProblems(tree, this.options.defaultName));
    const spec = readSpec(tree, this.devices);
    return { spec, tree, diagnostics: [...diagnostics, ...checkSpec(spec, tree, tainted)] };
  }

  /** What is set on top and can be used, and complaints about all of it. */
  private settings(): { assignments: readonly Assignment[]; diagnostics: readonly Diagnostic[] } {
    const read = (this.options.settings ?? []).map((one) =>
      typeof one === 'string' ? parseAssignment(one) : { assignment: one, diagnostics: [] },
    );
    const checked = read.map(({ assignment, diagnostics }) => ({
      assignment,
      diagnostics: assignment === null ? diagnostics : [...diagnostics, ...checkAssignment(assignment)],
    }));
    return {
      assignments: checked.flatMap(({ assignment, diagnostics }) =>
        assignment === null || diagnostics.some(({ severity }) => severity === 'error') ? [] : [assignment],
      ),
      diagnostics: checked.flatMap(({ diagnostics }) => diagnostics),
    };
  }

  private nameProblems(variant: string | null): Diagnostic[] {
    const { variantNames } = this.layers;
    const variants = this.layers.apart('variants');
    const unnameable = variantNames.filter((name) => !namePattern().test(name));
    const keyPlace = (name: string) =>
      variants?.kind === 'map' ? placeOfOrigin(variants.entries.get(name)?.keyOrigin ?? DEFAULT_ORIGIN) : null;
    const isLost = isTainted(this.layers.tainted, `variants.${variant ?? ''}`);
    const isUnknown = variant !== null && !variantNames.includes(variant) && !isLost;
    return [
      ...unnameable.map((name) => variantUnnameable(name, keyPlace(name))),
      ...(isUnknown
        ? [variantUnknown(variant, nearest(variant, variantNames), variantNames, this.options.experimentPath)]
        : []),
    ];
  }
}

/** What is wrong in `variants.tiny.train.epochs` taints `train.epochs` of that variant. */
function withinVariant(path: string, variant: string | null): string[] {
  const prefix = `variants.${variant}.`;
  return variant !== null && path.startsWith(prefix) ? [path.slice(prefix.length)] : [];
}

function titleOf(name: string, variant: string | null, assignments: readonly Assignment[]): string {
  const set = assignments.map(printAssignment).sort().join('\n');
  return [name, ...(variant === null ? [] : [variant]), ...(set === '' ? [] : [sha256(set).slice(0, 8)])].join('-');
}

/** Most of what is wrong in the experiment is wrong in each variant, too. */
function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const byText = new Map(diagnostics.map((one) => [canonicalJson(one), one]));
  return [...byText.values()];
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
  return inherited && !namePattern().test(defaultName) ? [nameUnusable(defaultName)] : [];
}

const namePattern = (): RegExp => new RegExp(experimentSchema.properties?.['name'].pattern ?? '');

function sortedDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const keyOf = ({ place }: Diagnostic) => [place?.file ?? '', place?.line ?? 0, place?.column ?? 0] as const;
  return [...diagnostics].sort((a, b) => {
    const [fileA, lineA, columnA] = keyOf(a);
    const [fileB, lineB, columnB] = keyOf(b);
    if (fileA !== fileB) return fileA < fileB ? -1 : 1;
    return lineA - lineB || columnA - columnB;
  });
}
