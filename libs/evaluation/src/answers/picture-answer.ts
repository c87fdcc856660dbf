import { answerOf } from '../prediction';
import { isAccepted } from '../unknown-threshold';

/** What is said where no class is likely enough. */
export const NONE_OF_THESE = 'none of these';

/** What both arithmetics say of a picture that somebody asks about. */
export interface PictureAnswer {
  readonly ok: true;
  /** Where a person finds it. */
  readonly picture: string;
  readonly sha256: string;
  /** Of an animation; null: a still picture. */
  readonly frame: number | null;
  /** Probabilities of the float net, one a class. */
  readonly float: readonly number[];
  /** Probabilities in the chip's arithmetic. */
  readonly device: readonly number[];
  /** Where the experiment has met it before; null: nowhere. */
  readonly seen: SeenPicture | null;
  /** What was done to it. Predicates: "is put upright …". */
  readonly remarks: readonly string[];
}

export interface SeenPicture {
  readonly split: 'train' | 'validation' | 'test';
  /** Where the experiment has it from. */
  readonly path: string;
  /** Whether the bytes are the same, or the pictures only look alike. */
  readonly same: boolean;
}

/** A picture that cannot be answered. */
export interface UnansweredPicture {
  readonly ok: false;
  readonly picture: string;
  /** A predicate: "is empty". */
  readonly reason: string;
}

export type AskedPicture = PictureAnswer | UnansweredPicture;

/** What answers are read with. */
export interface AnswerKey {
  /** Names of the classes; the order is the output index. */
  readonly classes: readonly string[];
  /** Of the largest probability: below it the answer is "none of these". */
  readonly threshold: number;
}

export interface Verdict {
  /** The most likely class, or {@link NONE_OF_THESE}. */
  readonly answer: string;
  /** The most likely class, accepted or not. */
  readonly label: string;
  /** Its probability. */
  readonly score: number;
}

/** As the board's script answers. */
export function verdictOf(probabilities: readonly number[], { classes, threshold }: AnswerKey): Verdict {
  const best = answerOf(probabilities);
  const label = classes[best];
  const answer = isAccepted(probabilities, threshold) ? label : NONE_OF_THESE;
  return { answer, label, score: probabilities[best] };
}

/** `walk.gif #3`: the picture, and of an animation the frame. */
export function nameOf({ picture, frame }: Pick<PictureAnswer, 'picture' | 'frame'>): string {
  return frame === null ? picture : `${picture} #${frame}`;
}

/** Indices of the likeliest classes on the chip, from the likeliest on; all of them in their order where there are few. */
export function shownClasses({ device }: Pick<PictureAnswer, 'device'>, most: number): number[] {
  const indices = device.map((_, index) => index);
  if (indices.length <= most) return indices;
  return indices.sort((a, b) => device[b] - device[a] || a - b).slice(0, most);
}

const SEEN: Readonly<Record<SeenPicture['split'], string>> = {
  train: 'which the network has learned from',
  validation: 'on which training was watched (validation)',
  test: 'which counts in the report (test)',
};

/** A predicate that tells how far the answer to a picture that is no new one can be believed. */
export function seenText({ split, path, same }: SeenPicture): string {
  return `${same ? 'has the same bytes as' : 'looks like'} ${path}, ${SEEN[split]}`;
}
