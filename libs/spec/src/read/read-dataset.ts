import type {
  ClassSpec,
  DatasetSection,
  GroupBy,
  HttpItem,
  PictureGlobs,
  SourceSpec,
  SplitSection,
} from '../experiment';
import type { Reader } from './reader';

export function readClasses(classes: Reader): ClassSpec[] {
  return classes.list().map((one) => {
    const folders = one.at('folders').texts();
    return { name: one.at('name').text(), key: folders[0], folders };
  });
}

export function readDataset(dataset: Reader, classes: readonly ClassSpec[]): DatasetSection {
  const limits = dataset.at('limits');
  const checks = dataset.at('checks');
  const perClass = limits.at('max_per_class');
  const action = (key: string) => checks.at(key).word('error', 'warn', 'drop', 'ignore');
  return {
    sources: dataset
      .at('sources')
      .list()
      .map((source) => readSource(source, classes)),
    include: dataset.at('include').texts(),
    exclude: dataset.at('exclude').texts(),
    limits: {
      maxPerClass: perClass.is('none') ? null : perClass.number(),
      maxFileBytes: limits.at('max_file_size').quantity('bytes'),
    },
    lock: dataset.at('lock').word('auto', 'required', 'none'),
    checks: {
      unreadable: action('unreadable'),
      wrongExtension: action('wrong_extension'),
      exactDuplicate: action('exact_duplicate'),
      nearDuplicate: action('near_duplicate'),
      labelConflict: action('label_conflict'),
      nearLabelConflict: action('near_label_conflict'),
      nameMentionsOtherClass: action('name_mentions_other_class'),
      tooSmall: action('too_small'),
      extremeAspectRatio: action('extreme_aspect_ratio'),
      blank: action('blank'),
      blurred: action('blurred'),
      fourComponents: action('four_components'),
      exifRotated: action('exif_rotated'),
      likelyLabelError: action('likely_label_error'),
      unknownLicense: action('unknown_license'),
      classImbalance: action('class_imbalance'),
    },
    split: readSplit(dataset.at('split')),
  };
}

function readSplit(split: Reader): SplitSection {
  return {
    train: split.at('train').quantity('share'),
    validation: split.at('validation').quantity('share'),
    test: split.at('test').quantity('share'),
    groupBy: readGroupBy(split.at('group_by')),
    method: split.at('method').word('stable_hash', 'folders'),
  };
}

function readGroupBy(groupBy: Reader): GroupBy {
  const glob = groupBy.isMap ? groupBy.maybe('glob') : null;
  if (glob !== null) return { glob: glob.text() };
  if (groupBy.isMap) return { pattern: groupBy.at('pattern').text() };
  const word = groupBy.word('none', 'file', 'name', 'near_duplicate', 'column');
  return word === 'none' ? 'file' : word;
}

function readSource(source: Reader, classes: readonly ClassSpec[]): SourceSpec {
  const type = source.at('type').word('directory', 'npm', 'archive', 'http');
  const common = {
    use: source.at('use').word('all', 'test', 'unknown'),
    include: type === 'http' ? null : (source.maybe('include')?.texts() ?? null),
    exclude: source.at('exclude').texts(),
    license: source.maybe('license')?.text() ?? null,
    attribution: source.maybe('attribution')?.text() ?? null,
  };
  switch (type) {
    case 'directory':
      return { type, path: source.at('path').text(), onMissing: readOnMissing(source), ...common };
    case 'npm':
      return {
        type,
        package: source.at('package').text(),
        version: source.at('version').text(),
        integrity: source.at('integrity').text(),
        pictures: readPictures(source.maybe('pictures'), classes),
        ...common,
      };
    case 'archive':
      return {
        type,
        path: source.maybe('path')?.text() ?? null,
        url: source.maybe('url')?.text() ?? null,
        sha256: source.maybe('sha256')?.text() ?? null,
        stripComponents: source.at('strip_components').number(),
        pictures: readPictures(source.maybe('pictures'), classes),
        allowPrivate: source.at('allow_private').flag(),
        ...common,
      };
    default:
      return {
        type,
        items: source
          .at('items')
          .list()
          .map((item) => readItem(item, classes)),
        list: source.maybe('list')?.text() ?? null,
        onMissing: readOnMissing(source),
        allowPrivate: source.at('allow_private').flag(),
        ...common,
      };
  }
}

const readOnMissing = (source: Reader) => source.at('on_missing').word('error', 'skip');

function readItem(item: Reader, classes: readonly ClassSpec[]): HttpItem {
  return {
    url: item.at('url').text(),
    sha256: item.at('sha256').text(),
    label: keyOfClass(item.at('label').text(), classes),
    license: item.maybe('license')?.text() ?? null,
    attribution: item.maybe('attribution')?.text() ?? null,
    group: item.maybe('group')?.text() ?? null,
  };
}

function readPictures(pictures: Reader | null, classes: readonly ClassSpec[]): PictureGlobs {
  if (pictures === null) return null;
  const globs = pictures
    .entries()
    .map(([name, value]): [string, string[]] => [
      keyOfClass(name, classes),
      value.isList ? value.texts() : [value.text()],
    ]);
  return Object.fromEntries(globs);
}

/** Classes are named by name or by key. An unknown name stays as it is; the checks complain about it. */
export function keyOfClass(name: string, classes: readonly ClassSpec[]): string {
  const found = classes.find((one) => one.key === name) ?? classes.find((one) => one.name === name);
  return found?.key ?? name;
}
