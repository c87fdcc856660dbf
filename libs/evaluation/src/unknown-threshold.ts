import { chooseThreshold, type ScoredAnswer } from './choose-threshold';
import { nothingToChooseOn } from './errors';
import { type Proportion, wilsonInterval } from './interval';
import { answerOf, type Prediction } from './prediction';

/** What becomes of answers below a threshold. Null where there is nothing to take a share of. */
export interface Refusals {
  /** Right answers that are refused, of the right ones. */
  readonly rightRefused: Proportion | null;
  /** Wrong answers that are accepted, of the wrong ones. */
  readonly wrongAccepted: Proportion | null;
}

/** A threshold for "none of these", how it was chosen, and what it does. `threshold.json` holds it. */
export interface UnknownThreshold {
  /** An answer is accepted where its probability on the chip is at least this. */
  readonly threshold: number;
  /** The share that may be accepted wrongly, 0 … 1. */
  readonly falseAccept: number;
  /** Of every interval here. */
  readonly confidence: number;
  /** unknown_pictures: the share is that of pictures of no class; wrong_answers: that of validation pictures, answered wrongly. */
  readonly basis: 'unknown_pictures' | 'wrong_answers';
  /** Accepted wrongly, of the pictures on which the threshold was chosen. Too good a figure, since it was chosen there. */
  readonly chosenOn: Proportion;
  /** Accepted, of the pictures of no class that were kept for measuring. */
  readonly measuredOn: Proportion | null;
  readonly validation: Refusals;
  readonly test: Refusals;
  /** What other shares would cost, from the smallest on. */
  readonly alternatives: readonly Alternative[];
}

export interface Alternative {
  readonly falseAccept: number;
  readonly threshold: number;
  /** Right answers to validation pictures that are refused then. */
  readonly rightRefused: Proportion | null;
}

/** Other shares that the report shows. */
const OTHER_SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5];

export interface ThresholdChoice {
  readonly falseAccept: number;
  readonly confidence: number;
  /** Validation pictures and the chip's answers to them. */
  readonly validation: readonly Pick<Prediction, 'label' | 'device'>[];
  readonly test: readonly Pick<Prediction, 'label' | 'device'>[];
  /** What the chip answers to pictures of no class: those to choose on, and those to measure on. */
  readonly unknown: { readonly choosing: readonly Answer[]; readonly measuring: readonly Answer[] };
}

/** Probabilities, one a class. */
type Answer = readonly number[];

/**
 * Chooses on pictures of no class, or, where none are there to choose on, on the wrong answers to validation pictures.
 * Test pictures are measured only. @throws GraftError E731 where there is nothing to choose on
 */
export function thresholdForUnknown(choice: ThresholdChoice): UnknownThreshold {
  const { falseAccept, confidence, validation, test, unknown } = choice;
  const onUnknown = unknown.choosing.length > 0;
  const answers = onUnknown
    ? unknown.choosing.map((answer): ScoredAnswer => ({ score: scoreOf(answer), wrong: true }))
    : validation.map((one): ScoredAnswer => ({ score: scoreOf(one.device), wrong: !isRight(one) }));
  if (answers.length === 0) throw nothingToChooseOn();
  const threshold = chooseThreshold(answers, falseAccept);
  const share = (successes: number, total: number) =>
    total === 0 ? null : wilsonInterval(successes, total, confidence);
  const refusals = (predictions: ThresholdChoice['test'], at: number): Refusals => {
    const right = predictions.filter(isRight);
    const wrong = predictions.filter((one) => !isRight(one));
    return {
      rightRefused: share(right.filter(({ device }) => !isAccepted(device, at)).length, right.length),
      wrongAccepted: share(wrong.filter(({ device }) => isAccepted(device, at)).length, wrong.length),
    };
  };
  return {
    threshold,
    falseAccept,
    confidence,
    basis: onUnknown ? 'unknown_pictures' : 'wrong_answers',
    chosenOn: wilsonInterval(
      answers.filter(({ score, wrong }) => wrong && score >= Math.fround(threshold)).length,
      answers.length,
      confidence,
    ),
    measuredOn: share(
      unknown.measuring.filter((answer) => isAccepted(answer, threshold)).length,
      unknown.measuring.length,
    ),
    validation: refusals(validation, threshold),
    test: refusals(test, threshold),
    alternatives: OTHER_SHARES.map((other) => {
      const at = chooseThreshold(answers, other);
      return { falseAccept: other, threshold: at, rightRefused: refusals(validation, at).rightRefused };
    }),
  };
}

/** Whether the board's script shows the label: it compares in single precision. */
export function isAccepted(probabilities: readonly number[], threshold: number): boolean {
  return scoreOf(probabilities) >= Math.fround(threshold);
}

const scoreOf = (probabilities: readonly number[]): number => probabilities[answerOf(probabilities)];

const isRight = ({ label, device }: Pick<Prediction, 'label' | 'device'>): boolean => answerOf(device) === label;
