import type { PictureList, PictureRecord } from '@graft/dataset';
import type { Diagnostic } from '@graft/foundation';
import type { CheckAction, ChecksSection } from '@graft/spec';
import { findExactDuplicates, findLabelConflicts, findNearDuplicates, findNearLabelConflicts } from './copies';
import { checkDiagnostic, nothingLeft } from './errors';
import { byPath } from './finding';
import type { CheckName, Finding } from './finding';
import * as single from './single-pictures';
import { resemblance } from './subject';
import type { Dataset, Subject } from './subject';
import { findClassImbalance, findLikelyLabelErrors, findNameMentions, findUnknownLicenses } from './whole-dataset';

export interface CheckOutcome {
  readonly name: CheckName;
  readonly action: CheckAction;
  readonly findings: readonly Finding[];
}

export interface CheckResult {
  /** Sorted by path. */
  readonly kept: readonly PictureRecord[];
  /** Of every check that is not ignored, in the order in which they judge. */
  readonly outcomes: readonly CheckOutcome[];
  /** Of checks that leave something out, or say that the caller has to stop. */
  readonly diagnostics: readonly Diagnostic[];
  /** Of checks that only warn. */
  readonly remarks: readonly Diagnostic[];
  /** Content to the name of its group, for contents that look like another one. Compares all pictures when called. */
  readonly lookAlikes: () => ReadonlyMap<string, string>;
}

interface Check {
  readonly name: CheckName;
  readonly find: (subject: Subject) => Finding[];
}

/** In the order in which they judge: what one leaves out, the next does not see. */
const CHECKS: readonly Check[] = [
  { name: 'unreadable', find: single.findUnreadable },
  { name: 'wrongExtension', find: single.findWrongExtensions },
  { name: 'labelConflict', find: findLabelConflicts },
  { name: 'exactDuplicate', find: findExactDuplicates },
  { name: 'nearLabelConflict', find: findNearLabelConflicts },
  { name: 'nearDuplicate', find: findNearDuplicates },
  { name: 'nameMentionsOtherClass', find: findNameMentions },
  { name: 'tooSmall', find: single.findTooSmall },
  { name: 'extremeAspectRatio', find: single.findExtremeAspects },
  { name: 'blank', find: single.findBlank },
  { name: 'blurred', find: single.findBlurred },
  { name: 'fourComponents', find: single.findFourComponents },
  { name: 'exifRotated', find: single.findExifRotated },
  { name: 'likelyLabelError', find: findLikelyLabelErrors },
  { name: 'unknownLicense', find: findUnknownLicenses },
  { name: 'classImbalance', find: findClassImbalance },
];

/**
 * Judges the pictures of an experiment, each check as its action says, and leaves out what is to be dropped. The order of
 * the list does not matter. What cannot be read is left out whatever the action.
 */
export function checkDataset(dataset: Dataset, checks: ChecksSection): CheckResult {
  const lookAlikes = resemblance(dataset.measured);
  const { list, ...known } = dataset;
  let pictures: readonly PictureRecord[] = [...list.pictures].sort(byPath);
  const outcomes: CheckOutcome[] = [];
  const diagnostics: Diagnostic[] = [];
  const remarks: Diagnostic[] = [];
  for (const { name, find } of CHECKS) {
    const action = checks[name];
    const neededAlways = name === 'unreadable';
    if (action === 'ignore' && !neededAlways) continue;
    const findings = find({ ...known, pictures, refused: list.refused, lookAlikes });
    if (action === 'drop' || neededAlways) pictures = without(pictures, findings);
    if (action === 'ignore') continue;
    outcomes.push({ name, action, findings });
    if (findings.length === 0) continue;
    const only = action === 'warn' && !neededAlways;
    (only ? remarks : diagnostics).push(checkDiagnostic(name, action, findings));
  }
  return {
    kept: pictures,
    outcomes,
    diagnostics: diagnostics.some(({ severity }) => severity === 'error')
      ? diagnostics
      : [...diagnostics, ...emptiedClasses(list, pictures).map(nothingLeft)],
    remarks,
    lookAlikes: () => lookAlikes().groups,
  };
}

function without(pictures: readonly PictureRecord[], findings: readonly Finding[]): PictureRecord[] {
  const gone = new Set(findings.flatMap(({ surplus }) => surplus));
  return pictures.filter((record) => !gone.has(record));
}

function emptiedClasses({ pictures, refused }: PictureList, kept: readonly PictureRecord[]): string[] {
  const left = new Set<string | null>(kept.map(({ label }) => label));
  const labels = [...pictures, ...refused].flatMap(({ label }) => (label === null || left.has(label) ? [] : [label]));
  return [...new Set(labels)].sort();
}
