import { DEVICES, FLASH } from '@graft/k210';
import type { Diagnostic, Place } from '@graft/foundation';
import * as problem from './errors';
import type { ExperimentSpec, HttpSource, SourceSpec } from './experiment';
import { isAbsolutePath } from './merge/normalise';
import { isTainted } from './merge/prune';
import { placeIn } from './place-of';
import { isRandom } from './read/read-pictures';
import { BACKBONE_LAYERS } from './schema/backbone';
import { QUANTITIES } from './schema/quantities';
import { nearest } from './suggest';
import { childOf, parseKeyPath } from './tree';
import type { MapTree } from './tree';

/** What a check sees: the values, and where they were written. */
interface Subject {
  readonly spec: ExperimentSpec;
  readonly tree: MapTree;
  readonly at: (keyPath: string) => Place | null;
}

interface Check {
  /** Key paths that it reads; it is left out where one of them is already complained about. */
  readonly reads: readonly string[];
  readonly run: (subject: Subject) => Diagnostic[];
}

/** What a schema cannot say: sums, names that must agree, values that need each other. */
const CHECKS: readonly Check[] = [
  { reads: ['dataset.split'], run: checkSplit },
  { reads: ['dataset.split'], run: checkGroupBy },
  { reads: ['classes'], run: checkClassNames },
  { reads: ['classes', 'dataset.sources'], run: checkPictureKeys },
  { reads: ['classes', 'train.class_weights'], run: checkClassWeights },
  { reads: ['model.alpha', 'model.weights'], run: checkAlpha },
  { reads: ['target'], run: checkFirmware },
  { reads: ['train.callbacks', 'train.lr_schedule', 'dataset.split'], run: checkMonitors },
  { reads: ['train.epochs', 'train.warmup_epochs', 'train.fine_tune'], run: checkWarmup },
  { reads: ['train.fine_tune', 'model.freeze', 'model.output'], run: checkFineTune },
  { reads: ['quantize.aware_training', 'model.output'], run: checkAwareTraining },
  { reads: ['train.optimizer', 'train.fine_tune', 'model.head', 'model.freeze', 'augment.redraw'], run: checkRidge },
  { reads: ['augment.composite'], run: checkScale },
  { reads: ['flash.address', 'flash.model_from'], run: checkAddress },
  { reads: ['dataset.sources'], run: checkUnknownSources },
  { reads: ['dataset.sources'], run: checkPaths },
  { reads: ['dataset.sources'], run: checkArchives },
  { reads: ['dataset.sources'], run: checkAddresses },
  { reads: ['augment'], run: checkRepeats },
];

export function checkSpec(spec: ExperimentSpec, tree: MapTree, tainted: readonly string[]): Diagnostic[] {
  const subject: Subject = { spec, tree, at: (keyPath) => placeIn(tree, parseKeyPath(keyPath)) };
  return CHECKS.flatMap(({ reads, run }) => (reads.some((path) => isTainted(tainted, path)) ? [] : run(subject)));
}

const percent = (share: number): string => QUANTITIES.share.print(share);

function checkSplit({ spec, tree, at }: Subject): Diagnostic[] {
  const { train, validation, test } = spec.dataset.split;
  const sum = train + validation + test;
  if (Math.abs(sum - 1) < 1e-9) return [];
  const parts = { train, validation, test };
  const names = ['train', 'validation', 'test'] as const;
  const changed = names.find((name) => isWritten(tree, ['dataset', 'split', name])) ?? 'train';
  const rest = names.filter((name) => name !== changed);
  const left = 1 - rest.reduce((total, name) => total + parts[name], 0);
  const others = rest.map((name) => `${name} ${percent(parts[name])}`).join(' and ');
  const note = left > 0 ? `with ${others}, write ${percent(left)}` : null;
  return [problem.wrongSum(percent(sum), at(`dataset.split.${changed}`), note)];
}

function checkGroupBy({ spec, at }: Subject): Diagnostic[] {
  const { groupBy } = spec.dataset.split;
  if (typeof groupBy === 'string' || 'glob' in groupBy) return [];
  const place = at('dataset.split.group_by.pattern');
  try {
    // With an empty alternative it matches the empty text, and tells how many parentheses there are.
    const parentheses = new RegExp(`${groupBy.pattern}|`, 'u').exec('')?.length ?? 1;
    return parentheses > 1 ? [] : [problem.wrongPattern('it has no parentheses that could catch a group', place)];
  } catch (error) {
    return [problem.wrongPattern(String(error instanceof Error ? error.message : error), place)];
  }
}

function isWritten(tree: MapTree, path: readonly string[]): boolean {
  const node = path.reduce<ReturnType<typeof childOf>>((current, key) => current && childOf(current, key), tree);
  return node !== undefined && node.origin.kind === 'file';
}

function checkClassNames({ spec, at }: Subject): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const names = new Map<string, string>();
  const folders = new Map<string, string>();
  const note = (what: string, seen: Map<string, string>, text: string, keyPath: string) => {
    const first = seen.get(text);
    if (first !== undefined) diagnostics.push(problem.namedTwice(what, text, at(keyPath), at(first)?.line ?? null));
    seen.set(text, first ?? keyPath);
  };
  spec.classes.forEach((one, index) => {
    const path = `classes[${index}]`;
    const known = names.has(one.name);
    note('class', names, one.name, `${path}.name`);
    // A class without folders of its own has its name as folder; one complaint is enough.
    if (known && one.folders.length === 1 && one.folders[0] === one.name) return;
    one.folders.forEach((folder, at_) => note('folder', folders, folder, `${path}.folders[${at_}]`));
  });
  return diagnostics;
}

const classWords = ({ classes }: ExperimentSpec): string[] => [
  ...new Set(classes.flatMap(({ name, key }) => [name, key])),
];

function checkPictureKeys({ spec, tree, at }: Subject): Diagnostic[] {
  const known = classWords(spec);
  const unknown = spec.dataset.sources.flatMap((source, index) => {
    const keyPath = `dataset.sources[${index}]`;
    if (source.type === 'http') return unknownLabels(source, keyPath, { spec, tree, at });
    return keysOf(tree, `${keyPath}.pictures`)
      .filter(({ name }) => 'pictures' in source && !known.includes(name))
      .map(({ name, place }) => problem.classUnknown(`${keyPath}.pictures`, name, place, nearest(name, known)));
  });
  if (unknown.length > 0) return unknown;
  const labels = spec.dataset.sources.filter((source) => source.use !== 'unknown').map(labelsOf);
  // Where folder names or a list decide, only the fetched files can tell.
  if (labels.includes(null)) return [];
  return spec.classes.flatMap(({ key, name }, index) =>
    labels.some((own) => own?.includes(key)) ? [] : [problem.classWithoutPictures(name, at(`classes[${index}].name`))],
  );
}

function unknownLabels({ items }: HttpSource, keyPath: string, { spec, at }: Subject): Diagnostic[] {
  const known = classWords(spec);
  return items.flatMap(({ label }, index) => {
    const path = `${keyPath}.items[${index}].label`;
    return known.includes(label) ? [] : [problem.classUnknown(path, label, at(path), nearest(label, known))];
  });
}

/** The class keys that a source names by itself; null where folder names or a list decide. */
function labelsOf(source: SourceSpec): readonly string[] | null {
  if (source.type === 'directory') return null;
  if (source.type !== 'http') return source.pictures === null ? null : Object.keys(source.pictures);
  const { items, list } = source;
  return list === null && items.length > 0 ? items.map(({ label }) => label) : null;
}

/** The keys that the user chose in a table, with their places. */
function keysOf(tree: MapTree, keyPath: string): { name: string; place: Place | null }[] {
  let node: ReturnType<typeof childOf> = tree;
  for (const part of parseKeyPath(keyPath)) node = node && childOf(node, part);
  if (node?.kind !== 'map') return [];
  return [...node.entries].map(([name, { keyOrigin }]) => ({
    name,
    place: keyOrigin.kind === 'file' ? keyOrigin.place : null,
  }));
}

function checkUnknownSources({ spec, at }: Subject): Diagnostic[] {
  return spec.dataset.sources.flatMap((source, index) => {
    const named = source.use === 'unknown' && 'pictures' in source && source.pictures !== null;
    return named ? [problem.unknownOfClasses(at(`dataset.sources[${index}].pictures`))] : [];
  });
}

function checkClassWeights({ spec, tree }: Subject): Diagnostic[] {
  const known = classWords(spec);
  const keyPath = 'train.class_weights';
  return keysOf(tree, keyPath)
    .filter(({ name }) => !known.includes(name))
    .map(({ name, place }) => problem.classUnknown(keyPath, name, place, nearest(name, known)));
}

function checkAlpha({ spec, tree, at }: Subject): Diagnostic[] {
  const { alpha } = spec.model;
  const model = childOf(tree, 'model');
  const weights = model && childOf(model, 'weights');
  const isDefault = weights?.kind === 'scalar' && weights.value === 'default';
  return isDefault && alpha !== 1 ? [problem.alphaWithoutWeights(alpha, at('model.alpha'))] : [];
}

function checkFirmware({ spec, at }: Subject): Diagnostic[] {
  const { device, firmware } = spec.target;
  const known = Object.keys(DEVICES[device].firmware);
  return known.includes(firmware) ? [] : [problem.firmwareUnknown(firmware, device, known, at('target.firmware'))];
}

function checkMonitors({ spec, at }: Subject): Diagnostic[] {
  if (spec.dataset.split.validation > 0) return [];
  const { earlyStopping, checkpoint } = spec.train;
  const watching = [
    ...(earlyStopping === null ? [] : ['early_stopping']),
    ...(checkpoint === null ? [] : ['checkpoint']),
  ];
  const complaint = (keyPath: string, idle?: string): Diagnostic =>
    problem.monitorWithoutValidation(keyPath, at(keyPath) ?? at('dataset.split.validation'), idle);
  return [
    ...watching.map((key) => complaint(`train.callbacks.${key}`)),
    ...(spec.train.schedule.name === 'plateau' ? [complaint('train.lr_schedule', 'constant')] : []),
    ...(spec.quantize.awareTraining === null ? [] : [complaint('quantize.aware_training')]),
  ];
}

function checkWarmup({ spec, at }: Subject): Diagnostic[] {
  const { warmupEpochs, fineTune } = spec.train;
  const epochs = Math.min(spec.train.epochs, fineTune?.epochs ?? Infinity);
  if (warmupEpochs < epochs) return [];
  return [problem.warmupTooLong(warmupEpochs, epochs, at('train.warmup_epochs') ?? at('train.epochs'))];
}

function checkFineTune({ spec, at }: Subject): Diagnostic[] {
  const { fineTune } = spec.train;
  if (fineTune === null) return [];
  const { unfreezeFrom } = fineTune;
  const complaint = (reason: string): Diagnostic[] => [
    problem.nothingToUnfreeze('train.fine_tune', unfreezeFrom, reason, at('train.fine_tune.unfreeze_from')),
  ];
  if (spec.model.freeze.type === 'none') return complaint('with model.freeze: none every layer learns already');
  return hasLayer(spec, unfreezeFrom) ? [] : complaint(endsBefore(spec));
}

function checkAwareTraining({ spec, at }: Subject): Diagnostic[] {
  const from = spec.quantize.awareTraining?.unfreezeFrom ?? null;
  if (from === null || hasLayer(spec, from)) return [];
  const keyPath = 'quantize.aware_training';
  return [problem.nothingToUnfreeze(keyPath, from, endsBefore(spec), at(`${keyPath}.unfreeze_from`))];
}

function checkRidge({ spec: { train, model, augment }, at }: Subject): Diagnostic[] {
  if (train.optimizer.name !== 'ridge') return [];
  const needs = [
    ['model.head', model.head.length === 0, 'the head has layers of its own', 'write model.head: []'],
    ['model.freeze', model.freeze.type === 'backbone', 'layers of the backbone learn', 'write model.freeze: backbone'],
    ['train.fine_tune', train.fineTune === null, 'more layers are to follow', 'write train.fine_tune: none'],
    ['augment.redraw', augment.redraw === 'once', 'copies are drawn anew in every epoch', 'write augment.redraw: once'],
  ] as const;
  return needs.flatMap(([keyPath, isSo, reason, remedy]) =>
    isSo ? [] : [problem.ridgeCannot(reason, remedy, at(keyPath) ?? at('train.optimizer'))],
  );
}

function hasLayer({ model }: ExperimentSpec, layer: string): boolean {
  // Fine-tuning: all cuts that are compared keep its layer. Training in 8 bits: the quantizer says so when it is gone.
  if (model.output === 'auto') return true;
  const last = BACKBONE_LAYERS.indexOf(model.output.replace(/_relu$/, ''));
  return BACKBONE_LAYERS.indexOf(layer) <= last;
}

const endsBefore = ({ model }: ExperimentSpec): string => `the network ends with ${model.output}`;

function checkScale({ spec, at }: Subject): Diagnostic[] {
  const { composite } = spec.augment;
  if (composite === null || composite.minScale <= composite.maxScale) return [];
  const place = at('augment.composite.scale[0]');
  return [problem.wrongScale(percent(composite.minScale), percent(composite.maxScale), place)];
}

function checkAddress({ spec, at }: Subject): Diagnostic[] {
  const { address, modelFrom } = spec.flash;
  const beyond = address % FLASH.sectorBytes;
  if (modelFrom !== 'flash' || beyond === 0) return [];
  const { print } = QUANTITIES.address;
  return [problem.addressNotOnSector(print(address), print(address - beyond), at('flash.address'))];
}

function checkPaths({ spec, at }: Subject): Diagnostic[] {
  return spec.dataset.sources.flatMap((source, index) => {
    const [key, path] = placeOnDisk(source);
    return path !== null && isAbsolutePath(path)
      ? [problem.absolutePath(path, at(`dataset.sources[${index}].${key}`))]
      : [];
  });
}

function placeOnDisk(source: SourceSpec): readonly [key: string, path: string | null] {
  if (source.type === 'http') return ['list', source.list];
  return ['path', source.type === 'npm' ? null : source.path];
}

function checkArchives({ spec, at }: Subject): Diagnostic[] {
  return spec.dataset.sources.flatMap((source, index) => {
    if (source.type !== 'archive') return [];
    const keyPath = `dataset.sources[${index}]`;
    const { path, url, sha256 } = source;
    if ((path === null) === (url === null)) {
      return [problem.archivePlace(path !== null, at(`${keyPath}.${path === null ? 'type' : 'url'}`))];
    }
    return url !== null && sha256 === null ? [problem.digestMissing(`${keyPath}.sha256`, at(`${keyPath}.url`))] : [];
  });
}

function checkAddresses({ spec, at }: Subject): Diagnostic[] {
  return spec.dataset.sources.flatMap((source, index) => {
    const keyPath = `dataset.sources[${index}]`;
    if (source.type !== 'http' || source.list !== null || source.items.length > 0) return [];
    return [problem.nothingListed(keyPath, at(`${keyPath}.type`))];
  });
}

/** Copies that would all be alike, and new copies in every epoch where there are none. */
function checkRepeats({ spec, tree, at }: Subject): Diagnostic[] {
  const { augment } = spec;
  const section = childOf(tree, 'augment');
  const written = (key: string) => {
    const value = section && childOf(section, key);
    return value?.kind === 'scalar' && value.origin.kind === 'file' ? value.value : null;
  };
  if (augment.repeats > 0) return [];
  const idle = !isRandom(augment) && (written('repeats') ?? 0) !== 0;
  return [
    ...(idle ? [problem.repeatsWithoutChange(at('augment.repeats'))] : []),
    ...(written('redraw') === 'every_epoch' ? [problem.redrawWithoutCopies(at('augment.redraw'))] : []),
  ];
}
