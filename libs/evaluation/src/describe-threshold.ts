import type { Diagnostic } from '@graft/foundation';
import { nothingAccepted, tooFewForRate } from './errors';
import { percent, percentInterval } from './format';
import { type Proportion, normalQuantile } from './interval';
import { table } from './markdown';
import type { UnknownThreshold } from './unknown-threshold';

/** The threshold and what it rests on, in lines for a person. */
export function thresholdLines(found: UnknownThreshold): string[] {
  return [
    `threshold        ${thresholdText(found.threshold)}: below this probability the answer is "none of these"`,
    ...thresholdRows(found).map(
      ([what, share, interval]) => `${what}: ${share}${interval === '' ? '' : `; ${interval}`}`,
    ),
  ];
}

/** A section of the report; none where no threshold was asked for. */
export function thresholdSection(found: UnknownThreshold | null): string[] {
  if (found === null) return [];
  const interval = `${percentInterval(found.confidence)} interval`;
  return [
    '## None of these',
    `Where the largest probability on the chip is below **${thresholdText(found.threshold)}**, the answer is "none of these". ` +
      `The threshold is the lowest with which at most ${percent(found.falseAccept)} ${BASIS[found.basis]}`,
    table(
      ['share', 'value', interval],
      thresholdRows(found).map(([what, share, range]) => [what, share, range.replace(/^.*interval /, '')]),
    ),
    'What other shares (`evaluate.unknown.false_accept`) would take and cost:',
    table(
      ['accepted wrongly, at most', 'threshold', 'right answers refused, validation'],
      found.alternatives.map(({ falseAccept, threshold, rightRefused }) => [
        percent(falseAccept),
        thresholdText(threshold),
        shareText(rightRefused),
      ]),
    ),
  ];
}

const BASIS = {
  unknown_pictures: 'of the pictures of no class on which it was chosen are accepted.',
  wrong_answers:
    'of the validation pictures are answered wrongly and accepted. No pictures of no class are given (`use: unknown`), so nothing is known of how those would fare.',
} as const;

/** Warns where so few pictures, or such answers, are no ground for what is asked. */
export function thresholdWarnings(found: UnknownThreshold): Diagnostic[] {
  const { threshold, falseAccept, confidence, chosenOn, validation } = found;
  const z = normalQuantile((1 + confidence) / 2) ** 2;
  // Of n pictures of which none is accepted, Wilson's interval ends at z² / (n + z²).
  const atBest = z / (chosenOn.total + z);
  const needed = falseAccept === 0 ? null : Math.ceil((z * (1 - falseAccept)) / falseAccept);
  const { rightRefused } = validation;
  const refusesAll = threshold > 1 || (rightRefused !== null && rightRefused.successes === rightRefused.total);
  return [
    ...(atBest > falseAccept
      ? [tooFewForRate({ rate: percent(falseAccept), pictures: chosenOn.total, atBest: percent(atBest), needed })]
      : []),
    ...(refusesAll ? [nothingAccepted(thresholdText(threshold), percent(falseAccept), leastThatAccepts(found))] : []),
  ];
}

/** The smallest of the other shares with which something is accepted, in words; null: none of them. */
function leastThatAccepts({ alternatives }: UnknownThreshold): string | null {
  const some = alternatives.find(
    ({ threshold, rightRefused }) => threshold <= 1 && rightRefused !== null && rightRefused.value < 1,
  );
  return some === undefined ? null : percent(some.falseAccept);
}

/** 0.8125 → "81.25 %"; above 1 nothing is accepted. */
export function thresholdText(threshold: number): string {
  return threshold > 1 ? 'more than 100 %' : `${Number((threshold * 100).toFixed(6))} %`;
}

function shareText(share: Proportion | null): string {
  return share === null ? 'nothing to count' : `${percent(share.value)} (${share.successes} of ${share.total})`;
}

export function thresholdRows(found: UnknownThreshold): [string, string, string][] {
  const { basis, chosenOn, measuredOn, validation, test, confidence } = found;
  const row = (what: string, share: Proportion | null): [string, string, string] => [
    what,
    shareText(share),
    share === null ? '' : `${percentInterval(confidence)} interval ${percent(share.low)} to ${percent(share.high)}`,
  ];
  const onUnknown = basis === 'unknown_pictures';
  return [
    row(
      onUnknown
        ? 'pictures of no class accepted, of those it was chosen on'
        : 'validation pictures answered wrongly and accepted, on which it was chosen',
      chosenOn,
    ),
    ...(measuredOn === null ? [] : [row('pictures of no class accepted, of those kept for measuring', measuredOn)]),
    row('right answers refused, validation', validation.rightRefused),
    row('right answers refused, test', test.rightRefused),
    row('wrong answers accepted, test', test.wrongAccepted),
  ];
}
