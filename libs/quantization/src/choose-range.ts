import { klRange } from './kl-range';
import { mseRange } from './mse-range';
import type { Range, RangeObserver } from './range-observer';
import { referenceRange } from './reference-range';

/**
 * How the range of a feature map follows from the values seen in it: the whole range, without the rarest extremes,
 * with the smallest mean squared error, with the smallest loss of information, or as nncase 0.1 does it.
 */
export type RangeMethod = 'minmax' | 'percentile' | 'mse' | 'kl' | 'nncase-0.1';

/** `percentile` (above 50, at most 100) is read by that method only. */
export function chooseRange(observer: RangeObserver, method: RangeMethod, percentile: number): Range {
  switch (method) {
    case 'minmax':
      return observer.observed;
    case 'percentile':
      return observer.percentile(percentile);
    case 'mse':
      return mseRange(observer);
    case 'kl':
      return klRange(observer);
    case 'nncase-0.1':
      return referenceRange(observer.plausible);
  }
}
