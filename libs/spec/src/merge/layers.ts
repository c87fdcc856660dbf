import { posix } from 'node:path';
import type { Diagnostic, Place } from '@graft/foundation';
import * as problem from '../errors';
import type { JsonSchema } from '../schema/json-schema';
import { experimentSchema, projectSchema } from '../schema/schemas';
import { placeOfOrigin, validateTree } from '../schema/validate';
import { nearest } from '../suggest';
import { childOf, emptyMap, isNull, labelled, printKeyPath, withoutKeys } from '../tree';
import type { MapTree, Tree } from '../tree';
import { readYaml } from '../yaml/read-yaml';
import { classNameWarnings } from './class-name-warnings';
import { mergeMaps } from './merge';
import { normalise, rebasePath } from './normalise';
import { prune } from './prune';

/** What an experiment does not inherit: these name one experiment. */
const OWN_KEYS = ['version', 'name', 'description', 'extends', 'variants', 'sweep'];

/** What is not merged into a spec: it tells of others beside it. */
export const APART = ['variants', 'sweep'];

interface Step {
  readonly id: string;
  readonly shown: string;
}

interface Where {
  /** Folder of the experiment file that asks, relative to the workspace. */
  readonly folder: string;
  readonly steps: readonly Step[];
}

export interface LayersOptions {
  readonly experimentPath: string;
  readonly projectPath: string;
  readonly readText: (path: string) => string | null;
}

/** Reads an experiment, project.yaml and everything they extend, and merges them. Collects complaints on the way. */
export class Layers {
  readonly diagnostics: Diagnostic[] = [];
  readonly tainted: string[] = [];
  readonly files: string[] = [];
  private readonly done = new Map<string, MapTree>();
  private readonly mainFolder: string;
  private readonly project: MapTree;
  private ownTree: MapTree | null | undefined;
  private readonly variants = new Map<string, MapTree>();

  constructor(private readonly options: LayersOptions) {
    this.mainFolder = posix.dirname(options.experimentPath);
    this.project = this.readProject();
  }

  /** Defaults of the project, below presets and files in the order of `extends`, below the experiment. Null: unreadable. */
  merged(): MapTree | null {
    if (this.own === null) return null;
    const where: Where = { folder: this.mainFolder, steps: [] };
    const defaults = childOf(this.project, 'defaults');
    const base = this.withExtended(this.layer(defaults, 'defaults', this.mainFolder), where);
    return mergeMaps(base, this.withExtended(withoutKeys(this.own, APART), { ...where, steps: [this.start()] }));
  }

  /** Names of the variants, sorted. */
  get variantNames(): readonly string[] {
    const variants = this.apart('variants');
    return variants?.kind === 'map' ? [...variants.entries.keys()].sort() : [];
  }

  /** A variant on top of what it extends, for what `merged` gives. */
  variant(name: string): MapTree {
    const known = this.variants.get(name);
    if (known !== undefined) return known;
    const variants = this.apart('variants');
    const layer = this.layer(variants && childOf(variants, name), `variant ${name}`, this.mainFolder);
    const tree = this.withExtended(layer, { folder: this.mainFolder, steps: [this.start()] });
    this.variants.set(name, withoutKeys(tree, ['extends']));
    return this.variant(name);
  }

  /** What stands in the experiment and tells of others beside it; undefined where nothing does. */
  apart(key: 'variants' | 'sweep'): Tree | undefined {
    return this.own === null ? undefined : childOf(this.own, key);
  }

  private get own(): MapTree | null {
    if (this.ownTree === undefined) this.ownTree = this.readExperiment(this.options.experimentPath, null);
    return this.ownTree;
  }

  private start(): Step {
    const { experimentPath } = this.options;
    return { id: `file:${experimentPath}`, shown: experimentPath };
  }

  mirrors(): Readonly<Record<string, string>> {
    const mirrors = childOf(this.project, 'mirrors');
    if (mirrors?.kind !== 'map') return {};
    const texts = [...mirrors.entries].map(([prefix, { value }]) => [
      prefix,
      value.kind === 'scalar' ? value.text : '',
    ]);
    return Object.fromEntries(texts);
  }

  /** The boards of the bench, as written; undefined where there are none. */
  devices(): Tree | undefined {
    return childOf(this.project, 'devices');
  }

  private withExtended(tree: MapTree, where: Where): MapTree {
    let base = emptyMap();
    for (const entry of extendedBy(tree)) {
      const place = placeOfOrigin(entry.origin);
      base = mergeMaps(
        base,
        isFileName(entry.text) ? this.file(entry.text, place, where) : this.preset(entry.text, place, where),
      );
    }
    return mergeMaps(base, tree);
  }

  private file(relative: string, place: Place | null, where: Where): MapTree {
    const path = posix.join(where.folder, relative);
    return this.once({ id: `file:${path}`, shown: path }, place, where, (steps) => {
      const tree = this.readExperiment(path, place);
      if (tree === null) return emptyMap();
      return withoutKeys(this.withExtended(tree, { folder: posix.dirname(path), steps }), OWN_KEYS);
    });
  }

  private preset(name: string, place: Place | null, where: Where): MapTree {
    const presets = childOf(this.project, 'presets');
    const preset = presets === undefined ? undefined : childOf(presets, name);
    if (preset === undefined) return this.unknownPreset(name, place, presets);
    return this.once({ id: `preset:${where.folder}:${name}`, shown: name }, place, where, (steps) => {
      const layer = this.layer(preset, `preset ${name}`, where.folder);
      return withoutKeys(this.withExtended(layer, { ...where, steps }), OWN_KEYS);
    });
  }

  private unknownPreset(name: string, place: Place | null, presets: Tree | undefined): MapTree {
    // A preset that was cut out has its own complaints.
    if (this.tainted.includes(`presets.${name}`) || this.tainted.includes('presets')) return emptyMap();
    const known = presets?.kind === 'map' ? [...presets.entries.keys()] : [];
    this.diagnostics.push(problem.presetUnknown(name, place, nearest(name, known), known));
    return emptyMap();
  }

  private once(step: Step, place: Place | null, where: Where, make: (steps: readonly Step[]) => MapTree): MapTree {
    const start = where.steps.findIndex(({ id }) => id === step.id);
    if (start >= 0) {
      const names = [...where.steps.slice(start), step].map(({ shown }) => shown);
      this.diagnostics.push(problem.circle(names, place));
      return emptyMap();
    }
    const known = this.done.get(step.id);
    if (known !== undefined) return known;
    const tree = make([...where.steps, step]);
    this.done.set(step.id, tree);
    return tree;
  }

  private layer(tree: Tree | undefined, label: string, folder: string): MapTree {
    if (tree?.kind !== 'map') return emptyMap();
    this.diagnostics.push(...classNameWarnings(tree));
    return labelled(
      normalise(tree, (path) => rebasePath(path, folder, this.mainFolder)),
      label,
    );
  }

  private readExperiment(path: string, place: Place | null): MapTree | null {
    const text = this.read(path);
    if (text === null) {
      this.diagnostics.push(problem.fileMissing(path, place));
      return null;
    }
    const tree = this.checked(path, text, experimentSchema, ({ tainted }) => tainted);
    if (tree === null) return null;
    this.diagnostics.push(...classNameWarnings(tree));
    return normalise(tree, (relative) => rebasePath(relative, posix.dirname(path), this.mainFolder));
  }

  private readProject(): MapTree {
    const { projectPath } = this.options;
    const text = this.read(projectPath);
    if (text === null) return emptyMap();
    // What is wrong in `presets.small-data.train.epochs` taints `train.epochs` of whoever uses it.
    const strip = (path: string) => path.replace(/^(?:defaults|presets\.[^.]+)\.?/, '');
    const tree = this.checked(projectPath, text, projectSchema, ({ tainted }) => [
      ...tainted,
      ...tainted.map(strip).filter((path) => path !== ''),
    ]);
    return tree ?? emptyMap();
  }

  private checked(
    path: string,
    text: string,
    schema: JsonSchema,
    taints: (pruned: { tainted: readonly string[] }) => readonly string[],
  ): MapTree | null {
    const { tree, diagnostics, spoiled } = readYaml(path, text);
    this.diagnostics.push(...diagnostics);
    if (tree === null) return null;
    const lost = spoiled.filter((value) => value.lost).map((value) => printKeyPath(value.path));
    const problems = validateTree(schema, tree).filter((problem) => !lost.includes(printKeyPath(problem.path)));
    this.diagnostics.push(...problems.map(({ diagnostic }) => diagnostic));
    const pruned = prune(schema, tree, [...problems, ...spoiled.map((value) => ({ path: value.path, meant: null }))]);
    this.tainted.push(...taints(pruned));
    return pruned.tree;
  }

  private read(path: string): string | null {
    const text = this.options.readText(path);
    if (text !== null && !this.files.includes(path)) this.files.push(path);
    return text;
  }
}

export const isFileName = (entry: string): boolean => /\.ya?ml$/i.test(entry);

function extendedBy(tree: MapTree): { text: string; origin: Tree['origin'] }[] {
  const value = childOf(tree, 'extends');
  if (value === undefined || isNull(value)) return [];
  const entries = value.kind === 'list' ? value.items : [value];
  return entries.flatMap((entry) => (entry.kind === 'scalar' ? [{ text: entry.text, origin: entry.origin }] : []));
}
