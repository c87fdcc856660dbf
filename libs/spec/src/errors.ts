import type { Diagnostic, Place } from '@graft/foundation';

/** Every sentence of the spec library about keys and values. Those about YAML itself stand in yaml/syntax-errors.ts. */

interface Remedy {
  readonly note?: string | null;
  readonly hint?: string;
}

function diagnostic(
  severity: 'error' | 'warning',
  code: string,
  message: string,
  place: Place | null,
  { note, hint }: Remedy,
): Diagnostic {
  return {
    code,
    severity,
    message,
    ...(place === null ? {} : { place }),
    ...(note === undefined || note === null ? {} : { note }),
    ...(hint === undefined ? {} : { hint }),
  };
}

const error = (code: string, message: string, place: Place | null, remedy: Remedy = {}) =>
  diagnostic('error', code, message, place, remedy);

const warning = (code: string, message: string, place: Place | null, remedy: Remedy = {}) =>
  diagnostic('warning', code, message, place, remedy);

const didYouMean = (suggestion: string | null): string | null =>
  suggestion === null ? null : `did you mean "${suggestion}"?`;

const placeForKey = (home: string | null): string | null => {
  if (home === '') return 'it belongs to the top level, without indentation';
  return home === null ? null : `it belongs under "${home}"`;
};

export const fileMissing = (path: string, place: Place | null) =>
  error('E100', `${path} cannot be read`, place, {
    ...(place === null
      ? { hint: 'an experiment is a folder below apps/ with an experiment.yaml' }
      : { note: 'a file is named by its path relative to this one' }),
  });

export const keyMissing = (keyPath: string, place: Place | null, example: string) =>
  error('E101', `${keyPath} is missing`, place, { hint: `for example: ${example}` });

export const keyUnknown = (key: string, place: Place | null, suggestion: string | null, home: string | null) =>
  error('E102', `unknown key "${key}"`, place, {
    note: didYouMean(suggestion) ?? placeForKey(home),
  });

export const wrongForm = (keyPath: string, expected: string, place: Place | null, suggestion: string | null) =>
  error('E103', `${keyPath} must be ${expected}`, place, { note: didYouMean(suggestion) });

export const outOfRange = (keyPath: string, expected: string, place: Place | null, note: string | null) =>
  error('E105', `${keyPath} must be ${expected}`, place, { note });

export const wrongVersion = (place: Place | null) =>
  error('E107', 'this file is of a version that is not known here', place, { note: 'write version: 1' });

export const notAChoice = (keyPath: string, expected: string, place: Place | null, suggestion: string | null) =>
  error('E110', `${keyPath} must be ${expected}`, place, { note: didYouMean(suggestion) });

export const notANumberChoice = (keyPath: string, expected: string, place: Place | null, closest: number) =>
  error('E110', `${keyPath} must be ${expected}`, place, { note: `nearest: ${closest}` });

export const sourceOfLaterVersion = (keyPath: string, type: string, place: Place | null) =>
  error('E111', `${keyPath}: sources of type "${type}" are not in this version`, place, {
    note: 'directory, npm, archive and http are',
    hint: 'a git host packs any commit: type: archive, url: https://<host>/<repository>/archive/<commit>.tar.gz, strip_components: 1',
  });

export const nameUnusable = (name: string) =>
  error(
    'E112',
    `the folder "${name}" cannot name the experiment: only letters, digits, dots, dashes and underscores`,
    null,
    {
      hint: 'set name: in experiment.yaml',
    },
  );

export const circle = (names: readonly string[], place: Place | null) =>
  error('E120', `extends goes in a circle: ${names.join(' → ')}`, place, { note: 'leave out one of them' });

export const presetUnknown = (name: string, place: Place | null, suggestion: string | null, known: readonly string[]) =>
  error('E121', `there is no preset "${name}"`, place, {
    note: didYouMean(suggestion),
    hint: known.length === 0 ? 'presets stand in project.yaml' : `presets of project.yaml: ${known.join(', ')}`,
  });

export const namedTwice = (what: string, name: string, place: Place | null, firstLine: number | null) =>
  error('E130', `${what} "${name}" is given twice`, place, {
    note: firstLine === null ? 'each belongs to one class' : `first on line ${firstLine}; each belongs to one class`,
  });

export const wrongSum = (sum: string, place: Place | null, note: string | null) =>
  error('E131', `split parts add up to ${sum}, not 100%`, place, { note });

export const classUnknown = (keyPath: string, name: string, place: Place | null, suggestion: string | null) =>
  error('E132', `${keyPath}: "${name}" is no class`, place, { note: didYouMean(suggestion) ?? 'see classes' });

export const classWithoutPictures = (name: string, place: Place | null) =>
  error('E133', `no source has pictures of class "${name}"`, place, {
    note: 'name its globs under pictures of a source',
  });

export const unknownOfClasses = (place: Place | null) =>
  error('E730', 'a source with use: unknown has pictures of no class, and this names their classes', place, {
    note: 'write the globs under include',
  });

export const alphaWithoutWeights = (alpha: number, place: Place | null) =>
  error('E134', `the default weights exist for alpha 1.0 only, not ${alpha}`, place, {
    note: 'write 1.0',
    hint: 'weights: imagenet has 0.25, 0.5, 0.75 and 1.0; it comes from the internet',
  });

export const firmwareUnknown = (firmware: string, device: string, known: readonly string[], place: Place | null) =>
  error('E135', `${device} has no firmware "${firmware}"`, place, { note: `known: ${known.join(', ')}` });

/** @param known built-in boards and those of the bench */
export const deviceUnknown = (known: readonly string[], place: Place | null, suggestion: string | null) =>
  error('E110', `target must be one of ${known.join(', ')}`, place, {
    note: didYouMean(suggestion),
    hint: 'a board on your bench gets its name under devices: in project.yaml',
  });

export const deviceHidesProfile = (name: string, place: Place | null) =>
  error('E437', `devices: "${name}" is the name of a built-in board`, place, {
    note: `give yours a name of its own, such as desk-${name}`,
  });

export const monitorWithoutValidation = (keyPath: string, place: Place | null, idle = 'none') =>
  error('E136', `${keyPath} watches the validation part, which is empty`, place, {
    note: `set ${keyPath}: ${idle}, or dataset.split.validation above 0%`,
  });

export const warmupTooLong = (warmup: number, epochs: number, place: Place | null) =>
  error('E139', `the warm-up of ${warmup} epochs leaves nothing of ${epochs} epochs`, place, {
    note: `write at most ${epochs - 1}`,
  });

export const nothingToUnfreeze = (keyPath: string, layer: string, reason: string, place: Place | null) =>
  error('E140', `${keyPath} cannot begin at "${layer}": ${reason}`, place, {
    note: `name a layer that the network has and that did not learn before, or set ${keyPath}: none`,
  });

export const wrongPattern = (reason: string, place: Place | null) =>
  error('E144', `dataset.split.group_by.pattern cannot be used: ${reason}`, place, {
    note: 'write a regular expression such as "(session-[0-9]+)"',
  });

export const ridgeCannot = (reason: string, remedy: string, place: Place | null) =>
  error('E145', `train.optimizer: ridge solves for the last layer alone, but ${reason}`, place, {
    note: `${remedy}, or take another train.optimizer`,
  });

export const wrongScale = (smallest: string, largest: string, place: Place | null) =>
  error('E137', `augment.composite.scale goes from ${smallest} to ${largest}`, place, {
    note: 'the smaller one comes first',
  });

export const archivePlace = (both: boolean, place: Place | null) =>
  error('E141', both ? 'an archive has path and url' : 'an archive has neither path nor url', place, {
    note: both ? 'keep one of them' : 'add path: ./file.zip, or url and sha256',
  });

export const digestMissing = (keyPath: string, place: Place | null) =>
  error('E142', `${keyPath} is missing: what is downloaded must be known beforehand`, place, {
    hint: 'download the file once, look at it, and write down what sha256sum prints',
  });

export const nothingListed = (keyPath: string, place: Place | null) =>
  error('E143', `${keyPath} names no picture`, place, {
    note: 'add list: ./urls.csv or items',
    hint: 'npx nx g @graft/nx:url-list makes such a list of a folder or of addresses',
  });

export const addressNotOnSector = (address: string, below: string, place: Place | null) =>
  error('E138', `flash.address ${address} is not a multiple of 0x1000`, place, { note: `nearest below: ${below}` });

export const nameKeptAsText = (text: string, place: Place | null) =>
  warning('W101', `"${text}" is taken as text here; other readers take it for something else`, place, {
    note: `write it in quotes: "${text}"`,
  });

export const absolutePath = (path: string, place: Place | null) =>
  warning('W102', `"${path}" exists on this machine only`, place, {
    note: 'a path relative to this file works everywhere',
  });

export const redrawWithoutCopies = (place: Place | null) =>
  warning('W103', 'augment.redraw has no effect: there are no copies to draw', place, {
    note: 'taken as once',
  });

export const repeatsWithoutChange = (place: Place | null) =>
  warning('W103', 'augment.repeats has no effect: nothing is random, so all copies would be equal', place, {
    note: 'taken as 0',
  });

export const variantUnknown = (name: string, suggestion: string | null, known: readonly string[], file: string) =>
  error('E146', `${file} has no variant "${name}"`, null, {
    note: didYouMean(suggestion),
    hint:
      known.length === 0
        ? 'variants stand under variants: in the experiment; without --configuration the experiment itself runs'
        : `${suggestion === null ? '' : `did you mean --configuration=${suggestion}? `}variants: ${known.join(', ')}`,
  });

export const variantUnnameable = (name: string, place: Place | null) =>
  error('E147', `"${name}" cannot name a variant: only letters, digits, dots, dashes and underscores`, place, {
    note: 'the name goes into --configuration and into file names',
  });

export const assignmentUnreadable = (text: string) =>
  error('E148', `--set ${text} is not a key and a value`, null, {
    hint: "write for example --set train.epochs=5, or --set 'model.head=[{ dense: 64 }]'",
  });

export const notInASweep = (key: string, structural: string, place: Place | null) =>
  error('E149', `${key} cannot be swept or set: ${structural} names what belongs to the experiment`, place, {
    note: 'write a variant for each',
  });

export const sweepWithoutKeys = (place: Place | null) =>
  error('E150', 'sweep names no key to go through', place, {
    hint: 'for example: sweep: { model.alpha: [0.5, 0.75] }',
  });

export const sweepTooLarge = (points: number, counts: string, most: number, place: Place | null) =>
  error('E151', `the sweep has ${points} points (${counts}), more than sweep.max_points, ${most}`, place, {
    note: 'leave out values, or raise sweep.max_points',
  });

export const sweptTwice = (key: string, place: Place | null) =>
  error('E152', `sweep: ${key} has this value twice`, place, { note: 'leave out one of them' });

export const sweptWithin = (key: string, outer: string, place: Place | null) =>
  error('E153', `sweep: ${key} lies within ${outer}, which is swept, too`, place, { note: 'sweep one of them' });
