import { GraftError, reasonOf } from '@graft/foundation';
import type { Diagnostic, Place } from '@graft/foundation';

/** How many affected files are named; the rest is counted. */
const NAMED = 10;

/** The first few lines, then how many more there are. */
export function firstOf(lines: readonly string[], limit = NAMED): string[] {
  const rest = lines.length - limit;
  return rest > 0 ? [...lines.slice(0, limit), `… and ${rest} more`] : [...lines];
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

export function mebibytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${bytes} bytes` : `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;
}

const REGISTRY_HINT =
  'check the connection; another registry or a mirror is set with the environment variable npm_config_registry';

const MIRROR_HINT =
  'check the connection; a closed network serves the files from a folder: mirrors: { "<url prefix>": "<folder>" } in project.yaml';

function stalledMessage(name: string, limit: 'idle' | 'total', milliseconds: number): string {
  return limit === 'idle'
    ? `the download of ${name} stalled: nearly nothing came for ${milliseconds / 1000} s`
    : `the download of ${name} took longer than ${milliseconds / 1000} s`;
}

// ------------------------------------------------------------------ sources

export const directoryMissing = (path: string): GraftError =>
  new GraftError('E201', {
    message: `the picture folder ${path} does not exist`,
    hint: 'correct dataset.sources[].path, create the folder, or set on_missing: skip',
  });

export const noDirectory = (path: string): GraftError =>
  new GraftError('E201', {
    message: `the picture folder ${path} is a file`,
    hint: 'name the folder that holds a folder for each class; for a packed file write a source of type archive',
  });

export const directorySkipped = (path: string): Diagnostic => ({
  code: 'W201',
  severity: 'warning',
  message: `the picture folder ${path} does not exist and is skipped`,
});

export const packageNotFound = (name: string, cause: unknown): GraftError =>
  new GraftError('E202', {
    message: `the registry has no ${name}`,
    details: [reasonOf(cause)],
    hint: 'check the name and the exact version; a mirror may not have it yet',
    cause,
  });

export const registryFailed = (name: string, cause: unknown): GraftError =>
  new GraftError('E203', {
    message: `${name} cannot be downloaded`,
    details: [reasonOf(cause)],
    hint: `${REGISTRY_HINT}. What arrived whole is kept, the next run goes on from there`,
    cause,
  });

export const integrityMismatch = (name: string, expected: string, cause: unknown): GraftError =>
  new GraftError('E204', {
    message: `${name} is not the package that the spec names: its checksum differs`,
    details: [`expected ${expected}`, `got      ${gotIntegrity(cause)}`],
    hint: 'the integrity in the spec is wrong, or the registry serves something else; nothing of it was used',
    cause,
  });

function gotIntegrity(cause: unknown): string {
  const message = reasonOf(cause);
  return /(?:but )?got (sha\d+-\S+?)\.?(?:\s|$)/.exec(message)?.[1] ?? message;
}

export const linksOutside = (directory: string, links: readonly string[]): Diagnostic => ({
  code: 'E205',
  severity: 'error',
  message: `${count(links.length, 'link')} in ${directory} ${links.length === 1 ? 'leads' : 'lead'} out of the folder`,
  details: firstOf(links),
  hint: 'copy the pictures into the folder, or name their own folder as a further source',
});

export const packageRefused = (name: string, reason: string, cause?: unknown): GraftError =>
  new GraftError('E206', {
    message: `${name} is refused: ${reason}`,
    hint: 'a package with pictures holds plain files below its own folder and nothing else; do not use this one',
    ...(cause === undefined ? {} : { cause }),
  });

export const packageTooLarge = (name: string, reason: string): GraftError =>
  new GraftError('E207', {
    message: `${name} is too large: ${reason}`,
    hint: 'use a smaller package; this limit protects the disk from packages that unpack without end',
  });

export const packageStalled = (name: string, limit: 'idle' | 'total', milliseconds: number): GraftError =>
  new GraftError('E208', {
    message: stalledMessage(name, limit, milliseconds),
    hint: REGISTRY_HINT,
  });

export const integrityUnusable = (name: string, integrity: string): GraftError =>
  new GraftError('E209', {
    message: `the integrity of ${name} cannot be used: "${integrity}"`,
    hint: 'it looks like sha512-… and is printed by: npm view <package>@<version> dist.integrity',
  });

// ------------------------------------------------------ archives, addresses

export const SOURCE_DOWNLOAD = {
  failed: (url: string, cause: unknown): GraftError =>
    new GraftError('E240', {
      message: `${url} cannot be downloaded`,
      details: [reasonOf(cause)],
      hint: `${MIRROR_HINT}. What arrived is kept, the next run goes on from there`,
      cause,
    }),
  refused: (url: string, reason: string): GraftError =>
    new GraftError('E241', { message: `${url} is refused: ${reason}`, hint: REFUSED_HINT }),
  tooLarge: (url: string, limit: number): GraftError =>
    new GraftError('E242', {
      message: `${url} is larger than ${mebibytes(limit)}`,
      hint: 'this limit protects the disk; a smaller file will do',
    }),
  stalled: (url: string, limit: 'idle' | 'total', milliseconds: number): GraftError =>
    new GraftError('E243', {
      message: stalledMessage(url, limit, milliseconds),
      hint: `${MIRROR_HINT}. What arrived is kept, the next run goes on from there`,
    }),
} as const;

const REFUSED_HINT =
  'if that server is one of your own network, set allow_private: true for this source, or name it under mirrors in project.yaml';

export const digestDiffers = (name: string, expected: string, found: string): GraftError =>
  new GraftError('E244', {
    message: `${name} is not the file that the spec names: its checksum differs`,
    details: [`expected ${expected}`, `got      ${found}`],
    hint: 'the file was changed, or sha256 is wrong; look at the file before you write down its new checksum',
  });

export const listLineWrong = (message: string, place: Place): Diagnostic => ({
  code: 'E245',
  severity: 'error',
  message: `the list cannot be read: ${message}`,
  place,
  hint: 'npx nx g @graft/nx:url-list makes such a list of a folder or of addresses',
});

export const itemTwice = (url: string, first: string, second: string): GraftError =>
  new GraftError('E261', {
    message: `${url} is named twice`,
    details: [first, second],
    hint: 'keep one of the two',
  });

export const baseUrlUnusable = (folder: string, reason: string): GraftError =>
  new GraftError('E262', {
    message: `the folder ${folder} needs the address under which it is published: ${reason}`,
    hint: 'for example --baseUrl=https://pictures.example.org/set-1; pictures that stay on the disk need no list: type: directory',
  });

/** All of them by name, because each one needs a hand. */
export const itemsFailed = (source: string, lines: readonly string[], onMissing: 'error' | 'skip'): Diagnostic => ({
  code: 'E260',
  severity: 'error',
  message: `${count(lines.length, 'picture')} of ${source} cannot be had`,
  details: lines,
  hint:
    onMissing === 'skip'
      ? 'start again, what arrived is kept; only pictures that are gone or changed for good are skipped'
      : 'start again, what arrived is kept; correct or remove what is gone for good, or set on_missing: skip',
});

export const itemsSkipped = (source: string, lines: readonly string[]): Diagnostic => ({
  code: 'W260',
  severity: 'warning',
  message: `${count(lines.length, 'picture')} of ${source} skipped`,
  details: lines,
  hint: 'the lock records them; to try them again, renew it with the target lock',
});

export const sourceFileMissing = (path: string, cause: unknown): GraftError =>
  new GraftError('E246', {
    message: `${path} cannot be read`,
    details: [reasonOf(cause)],
    hint: 'correct the path under dataset.sources, or put the file there',
    cause,
  });

/** What may be wrong with an archive; `name` is its path or address. */
export const archiveProblems = (name: string) => ({
  refused: (reason: string): GraftError =>
    new GraftError('E247', {
      message: `the archive ${name} is refused: ${reason}`,
      hint: 'an archive of pictures holds plain files below its own folder; pack it anew, or do not use it',
    }),
  tooLarge: (reason: string): GraftError =>
    new GraftError('E248', {
      message: `the archive ${name} is too large: ${reason}`,
      hint: 'this limit protects the disk from archives that unpack without end; use a smaller one',
    }),
  damaged: (reason: string, cause?: unknown): GraftError =>
    new GraftError('E249', {
      message: `the archive ${name} cannot be unpacked: ${reason}`,
      hint: 'zip, tar, tar.gz and tar.xz can be; get the file once more, or pack it anew',
      ...(cause === undefined ? {} : { cause }),
    }),
});

export const linksLeftOut = (name: string, links: readonly string[]): Diagnostic => ({
  code: 'W247',
  severity: 'warning',
  message: `${count(links.length, 'link')} in ${name} left out`,
  details: firstOf(links),
  hint: 'links in archives are not followed; pack the pictures themselves',
});

// ----------------------------------------------------------------- pictures

export const classWithoutPictures = (label: string, remedies: readonly string[]): Diagnostic => ({
  code: 'E210',
  severity: 'error',
  message: `class "${label}" has no picture`,
  details: remedies,
  hint: 'a picture belongs to the class whose folder it lies in, or whose globs match it',
});

export const matchesTwoClasses = (source: string, lines: readonly string[]): Diagnostic => ({
  code: 'E211',
  severity: 'error',
  message: `${count(lines.length, 'picture')} of ${source} ${lines.length === 1 ? 'matches' : 'match'} two classes`,
  details: firstOf(lines),
  hint: 'narrow the globs under pictures, or add the files to exclude',
});

/** A file and a predicate: "is empty". */
export interface NamedReason {
  readonly path: string;
  readonly reason: string;
}

function columns(files: readonly NamedReason[]): string[] {
  const width = Math.min(60, Math.max(...files.map(({ path }) => path.length)));
  return files.map(({ path, reason }) => `${path.padEnd(width)} ${reason}`);
}

/** All of them by name, because each one needs a hand. */
export const notPictures = (files: readonly NamedReason[]): Diagnostic => ({
  code: 'E212',
  severity: 'error',
  message: `${count(files.length, 'picture')} cannot be read`,
  details: columns(files),
  hint: 'delete or replace them',
});

export const picturesTooLarge = (files: readonly NamedReason[], limit: number): Diagnostic => ({
  code: 'E213',
  severity: 'error',
  message: `${count(files.length, 'file')} larger than ${mebibytes(limit)}`,
  details: columns(files),
  hint: 'delete or shrink them, or raise dataset.limits.max_file_size',
});

export const globsMatchNothing = (source: string, label: string, globs: readonly string[]): Diagnostic => ({
  code: 'W216',
  severity: 'warning',
  message: `${source} has no file for class "${label}" under ${globs.map((glob) => `"${glob}"`).join(', ')}`,
  hint: 'correct or remove the glob',
});

export const outsideClassFolders = (source: string, total: number, folders: readonly string[]): Diagnostic => ({
  code: 'W217',
  severity: 'warning',
  message: `${count(total, 'picture')} of ${source} in no class folder, left out`,
  details: firstOf(folders),
  hint: 'move them into a class folder, list the folder under classes[].folders, or add it to exclude',
});

// -------------------------------------------------------------------- split

export interface EmptyPart {
  readonly label: string;
  readonly part: string;
  /** "train 8, validation 1, test 0" */
  readonly counts: string;
  readonly groups: number;
  /** A seed that fills every part, where a near one does. */
  readonly seed: number | null;
}

export const emptyPart = ({ label, part, counts, groups, seed }: EmptyPart): Diagnostic => ({
  code: 'E222',
  severity: 'error',
  message: `class "${label}" has nothing to ${part === 'train' ? 'train on' : `put into ${part}`}`,
  details: [`${count(groups, 'group')}: ${counts}`],
  hint: `add pictures of "${label}", or raise dataset.split.${part}` + (seed === null ? '' : `, or set seed: ${seed}`),
});

export const tooFewForFolds = (label: string, groups: number, folds: number): Diagnostic => ({
  code: 'E223',
  severity: 'error',
  message: `class "${label}" has ${count(groups, 'group')}, too few for ${folds} folds`,
  hint: `set evaluate.cross_validation.folds to ${Math.max(2, groups)} or less, or add pictures of "${label}"`,
});

export const outsideSplitFolders = (paths: readonly string[]): Diagnostic => ({
  code: 'E225',
  severity: 'error',
  message: `${count(paths.length, 'picture')} in no folder called train, validation, val or test`,
  details: firstOf(paths),
  hint: 'move them into one of these folders, or set dataset.split.method: stable_hash',
});

export const emptyFolder = (label: string, part: string): Diagnostic => ({
  code: 'E226',
  severity: 'error',
  message: `class "${label}" has no picture in ${part}`,
  hint: `put pictures into ${part}/${label}/, or set dataset.split.${part}: 0% to go without`,
});

export const testShareUnused = (pictures: number): Diagnostic => ({
  code: 'W224',
  severity: 'warning',
  message: `${count(pictures, 'picture')} left out: the score is measured on the sources with use: test alone`,
  hint: 'to learn from them, set dataset.split to train 85%, validation 15%, test 0%',
});

// --------------------------------------------------------------------- lock

export const sidesDiffer = (lines: readonly string[]): Diagnostic => ({
  code: 'W234',
  severity: 'warning',
  message: `${count(lines.length, 'picture')} on another side of the split than experiment.lock.json says`,
  details: firstOf(lines),
  hint: 'seed or dataset.split has changed since: scores of before do not compare; accept with the target lock',
});

export interface LockChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export const lockDiffers = (changes: LockChanges, path: string, project: string): Diagnostic => ({
  code: 'E230',
  severity: 'error',
  message: `the pictures are not those of ${path}: ${changeCounts(changes)}`,
  details: [
    ...firstOf(changes.added).map((line) => `added    ${line}`),
    ...firstOf(changes.removed).map((line) => `removed  ${line}`),
    ...firstOf(changes.changed).map((line) => `changed  ${line}`),
  ],
  hint: `if this is meant, accept it with: npx nx run ${project}:lock`,
});

export function changeCounts({ added, removed, changed }: LockChanges): string {
  return `${added.length} added, ${removed.length} removed, ${changed.length} changed`;
}

export const lockMissing = (path: string, what: string, project: string): GraftError =>
  new GraftError('E231', {
    message: `dataset.lock is "required", but ${path} has no ${what}`,
    hint: `write it with: npx nx run ${project}:lock`,
  });

export const lockUnreadable = (message: string, place: Place, project: string): Diagnostic => ({
  code: 'E232',
  severity: 'error',
  message: `the lock cannot be read: ${message}`,
  place,
  hint: `restore it from version control, or write it anew with: npx nx run ${project}:lock`,
});

export const cannotWrite = (path: string, cause: unknown): GraftError =>
  new GraftError('E233', {
    message: `${path} cannot be written`,
    details: [reasonOf(cause)],
    hint: 'check free space and permissions',
    cause,
  });

// ------------------------------------------------------------------ weights

const downloadFailed = (url: string, cause: unknown): GraftError =>
  new GraftError('E640', {
    message: `${url} cannot be downloaded`,
    details: [reasonOf(cause)],
    hint: MIRROR_HINT,
    cause,
  });

const addressRefused = (url: string, reason: string): GraftError =>
  new GraftError('E641', {
    message: `${url} is refused: ${reason}`,
    hint: 'downloads come over https from public addresses; name an inner server under mirrors in project.yaml',
  });

const downloadTooLarge = (url: string, limit: number): GraftError =>
  new GraftError('E642', {
    message: `${url} is larger than ${mebibytes(limit)}`,
    hint: 'this is not the file it should be; check mirrors in project.yaml',
  });

const downloadStalled = (url: string, limit: 'idle' | 'total', milliseconds: number): GraftError =>
  new GraftError('E643', { message: stalledMessage(url, limit, milliseconds), hint: MIRROR_HINT });

export const WEIGHTS_DOWNLOAD = {
  failed: downloadFailed,
  refused: addressRefused,
  tooLarge: downloadTooLarge,
  stalled: downloadStalled,
} as const;

export const weightsManifestWrong = (path: string, reason: string): GraftError =>
  new GraftError('E644', {
    message: `the weights manifest ${path} is not usable: ${reason}`,
    hint: 'name the *-weights_manifest.json of a TensorFlow.js model under model.weights.manifest',
  });

export const weightsFileMissing = (path: string, source: string, found: readonly string[]): GraftError =>
  new GraftError('E645', {
    message: `${source} has no file ${path}`,
    ...(found.length === 0 ? {} : { details: [`manifests it has: ${found.join(', ')}`] }),
    hint: 'correct model.weights.manifest: the path inside the package',
  });

export const weightsDiffer = (lines: readonly string[], path: string, project: string): GraftError =>
  new GraftError('E646', {
    message: `the weights are not those of ${path}`,
    details: firstOf(lines),
    hint: `if the change is meant, accept it with: npx nx run ${project}:lock`,
  });

export const noWeightsForAlpha = (alpha: number, known: readonly string[]): GraftError =>
  new GraftError('E647', {
    message: `there are no ImageNet weights for alpha ${alpha}`,
    hint: `choose one of ${known.join(', ')}, or set weights: none`,
  });

export const wheelNotListed = (file: string, index: string): GraftError =>
  new GraftError('E648', {
    message: `the package index ${index} does not list ${file}`,
    hint: 'another index is named with --index or the environment variable PIP_INDEX_URL; it may mirror only some files',
  });

export const wheelDiffers = (file: string, expected: string, got: string): GraftError =>
  new GraftError('E649', {
    message: `${file} is not the file that is pinned`,
    details: [`expected SHA-256 ${expected}`, `got ${got}`],
    hint: 'the download was cut, or the index serves other bytes under this name; nothing of it was used',
  });

export const weightsPathUnusable = (path: string, reason: string): GraftError =>
  new GraftError('E834', {
    message: `the weights ${path} cannot be read: ${reason}`,
    hint: 'correct model.weights.path: an ONNX file, or a folder with model.json, relative to the experiment',
  });

export const weightsNotPinned = (files: number, path: string): Diagnostic => ({
  code: 'W640',
  severity: 'warning',
  message: `${count(files, 'weights file')} not pinned yet: ${path} has no line for them, so what was served was believed`,
  hint: 'keep the lock that is written now; later runs must match it',
});

export const nothingFound = (asked: string): Diagnostic => ({
  code: 'E732',
  severity: 'error',
  message: `${asked} is no picture, no folder with pictures, and matches none`,
  hint: 'paths start where you stand or at the workspace; put a glob in quotes, so that the shell leaves it alone',
});
