import { nextTurn } from '../next-turn';
import { answer, ridge, type Sample } from './ridge';

export interface FoldedSample extends Sample {
  /** Which part of the cross-validation it is tested in. */
  readonly fold: number;
}

/** Answers each sample with a probe that learned from all other folds. @returns whether each is answered right */
export async function crossValidatedAnswers(
  samples: readonly FoldedSample[],
  classes: number,
  penalty: number,
  signal?: AbortSignal,
): Promise<boolean[]> {
  const right = samples.map(() => false);
  for (const tested of new Set(samples.map(({ fold }) => fold))) {
    await nextTurn(signal);
    const probe = ridge(
      samples.filter(({ fold }) => fold !== tested),
      classes,
      penalty,
    );
    samples.forEach(({ fold, features, label }, index) => {
      if (fold === tested) right[index] = answer(probe, features) === label;
    });
  }
  return right;
}
