import type { Report } from '@graft/foundation';
import { MOBILENET_OUTPUTS } from '@graft/model';
import type { WeightsSource } from '@graft/spec';

import { tooFewToProbe } from '../errors';

/** Of the trunk of a detector: its last blocks have lost what they once learned of pictures, those of ImageNet have not. */
const LAST_USEFUL_OF_TRUNK = 'conv_pw_7_relu';

/**
 * The cut that does well as a rule, for where the pictures are too few to tell (W611): of the given ones, from the front
 * to the back.
 */
export function usualCut(cuts: readonly { readonly output: string }[], weights: WeightsSource, report: Report): string {
  const last = weights.type === 'npm' ? MOBILENET_OUTPUTS.indexOf(LAST_USEFUL_OF_TRUNK) : MOBILENET_OUTPUTS.length;
  const useful = cuts.filter(({ output }) => MOBILENET_OUTPUTS.indexOf(output) <= last);
  const { output } = useful.at(-1) ?? cuts[0];
  report({ type: 'warning', code: 'W611', message: tooFewToProbe(output) });
  return output;
}
