import { GraftError } from '@graft/foundation';
import type { Diagnostic } from '@graft/foundation';
import type { CheckAction } from '@graft/spec';
import type { CheckName, Finding } from './finding';

/** What a check says to people. */
interface Sentences {
  readonly error: string;
  readonly warning: string;
  /** Of how many findings, about how many files: the subject and predicate. */
  readonly message: (findings: number, files: number) => string;
  /** What can be done by hand. */
  readonly remedy: string;
}

const SENTENCES: Readonly<Record<CheckName, Sentences>> = {
  unreadable: {
    error: 'E212',
    warning: 'W212',
    message: (_, files) => `${count(files, 'picture')} cannot be read`,
    remedy: 'delete or replace them',
  },
  wrongExtension: {
    error: 'E214',
    warning: 'W214',
    message: (_, files) => `${count(files, 'picture')} named after another format`,
    remedy: 'rename them; the real format counts',
  },
  exactDuplicate: {
    error: 'E215',
    warning: 'W215',
    message: (findings, files) => `${count(files - findings, 'picture')} ${isAre(files - findings)} exact copies`,
    remedy: 'delete the copies',
  },
  nearDuplicate: {
    error: 'E270',
    warning: 'W270',
    message: (findings, files) => `${count(files, 'picture')} look alike, in ${count(findings, 'group')}`,
    remedy: 'keep one of each, or set dataset.split.group_by: near_duplicate to keep them on one side of the split',
  },
  labelConflict: {
    error: 'E221',
    warning: 'W221',
    message: (findings) => `${findings === 1 ? 'the same picture is' : `${findings} pictures are`} labelled twice`,
    remedy: 'delete the wrong copy: a picture under two classes teaches neither',
  },
  nearLabelConflict: {
    error: 'E271',
    warning: 'W271',
    message: (findings, files) =>
      `${count(files, 'picture')} look alike under two classes, in ${count(findings, 'group')}`,
    remedy: 'look at them, and delete those in the wrong class',
  },
  nameMentionsOtherClass: {
    error: 'E272',
    warning: 'W272',
    message: (_, files) => `${count(files, 'file name')} ${files === 1 ? 'mentions' : 'mention'} another class`,
    remedy: 'look whether they show that class, or both',
  },
  tooSmall: {
    error: 'E273',
    warning: 'W273',
    message: (_, files) => `${count(files, 'picture')} ${isAre(files)} smaller than preprocess.image_size`,
    remedy: 'use larger ones, or a smaller preprocess.image_size',
  },
  extremeAspectRatio: {
    error: 'E274',
    warning: 'W274',
    message: (_, files) => `${count(files, 'picture')} ${isAre(files)} more than three times as long as wide`,
    remedy: 'cut them to what they show; preprocess.resize: crop takes the middle only',
  },
  blank: {
    error: 'E275',
    warning: 'W275',
    message: (_, files) => `${count(files, 'picture')} ${isAre(files)} of one colour all over`,
    remedy: 'delete them',
  },
  blurred: {
    error: 'E276',
    warning: 'W276',
    message: (_, files) => `${count(files, 'picture')} ${isAre(files)} out of focus`,
    remedy: 'replace them, unless the board will see such pictures, too',
  },
  fourComponents: {
    error: 'E277',
    warning: 'W277',
    message: (_, files) => `${count(files, 'picture')} in the colours of printing (CMYK)`,
    remedy: 'save them as RGB and look at their colours',
  },
  exifRotated: {
    error: 'E278',
    warning: 'W278',
    message: (_, files) => `${count(files, 'picture')} stored turned or mirrored`,
    remedy: 'nothing is needed: they are put upright',
  },
  likelyLabelError: {
    error: 'E279',
    warning: 'W279',
    message: (_, files) => `${count(files, 'picture')} ${files === 1 ? 'looks' : 'look'} like another class`,
    remedy: 'look at them, and move those that are in the wrong folder',
  },
  unknownLicense: {
    error: 'E282',
    warning: 'W282',
    message: (findings) => `${count(findings, 'source')} with pictures of unknown licence`,
    remedy: 'state license and attribution in the source, or in its list',
  },
  classImbalance: {
    error: 'E280',
    warning: 'W280',
    message: () => 'the classes are of very different sizes',
    remedy: 'add pictures of the smaller class, or set train.class_weights: balanced',
  },
};

const NAMED = 10;

/** One diagnostic for all that a check found. A file that has to be replaced is always named. */
export function checkDiagnostic(
  check: CheckName,
  action: Exclude<CheckAction, 'ignore'>,
  findings: readonly Finding[],
): Diagnostic {
  const { error, warning, message, remedy } = SENTENCES[check];
  const files = findings.reduce((sum, { pictures }) => sum + pictures.length, 0);
  const surplus = findings.reduce((sum, one) => sum + one.surplus.length, 0);
  const left = action === 'drop' && surplus > 0 ? `; ${surplus} left out` : '';
  const lines = findings.map(lineOf);
  return {
    code: action === 'error' ? error : warning,
    severity: action === 'error' ? 'error' : 'warning',
    message: `${message(findings.length, files)}${left}`,
    details: action === 'error' ? lines : firstOf(lines),
    hint: action === 'error' ? `${remedy}; or set dataset.checks.${keyOf(check)}: drop or warn` : remedy,
  };
}

export const unknownCheck = (key: string, known: readonly string[]): GraftError =>
  new GraftError('E283', { message: `there is no check "${key}"`, hint: `the checks are ${known.join(', ')}` });

export const nothingLeft = (label: string): Diagnostic => ({
  code: 'E281',
  severity: 'error',
  message: `the checks leave no picture of class "${label}"`,
  hint: 'see what is left out with the target check; add pictures, or change dataset.checks',
});

function lineOf({ pictures, reason }: Finding): string {
  const names = pictures.map(({ name }) => name);
  return names.length === 0 ? reason : `${names.join('  =  ')}   ${names.length > 1 ? `(${reason})` : reason}`;
}

/** The key of a check in experiment.yaml. */
export function keyOf(check: CheckName): string {
  return check.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function firstOf(lines: readonly string[]): string[] {
  const rest = lines.length - NAMED;
  return rest > 0 ? [...lines.slice(0, NAMED), `… and ${rest} more`] : [...lines];
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function isAre(number: number): string {
  return number === 1 ? 'is' : 'are';
}
