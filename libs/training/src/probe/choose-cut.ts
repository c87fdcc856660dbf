/** How well a probe at one cut answered pictures that it had not seen. */
export interface CutScore {
  /** Bytes of the network on the board. */
  readonly kmodelBytes: number;
  /** Share of right answers. */
  readonly accuracy: number;
}

/** One standard error to both sides of a share. */
export interface ErrorBar {
  readonly low: number;
  readonly high: number;
}

/**
 * Independent trials that pictures in groups are worth at least: (Σ m)² / Σ m² for groups of m pictures each (L. Kish,
 * "Survey Sampling", 1965, with full correlation inside a group). Frames of one animation are one trial.
 */
export function effectiveCount(groups: readonly string[]): number {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const squares = [...sizes.values()].reduce((sum, size) => sum + size * size, 0);
  return groups.length ** 2 / squares;
}

/**
 * Wilson's score interval of one standard error (z = 1) for a share of `count` trials. Unlike p ± √(p(1−p)/n) it says
 * something when all answers are right: with 9 trials the bar then ends at 90 %.
 */
export function errorBar(share: number, count: number): ErrorBar {
  const centre = (share + 1 / (2 * count)) / (1 + 1 / count);
  const half = Math.sqrt((share * (1 - share)) / count + 1 / (4 * count * count)) / (1 + 1 / count);
  return { low: Math.max(0, Math.min(share, centre - half)), high: Math.min(1, Math.max(share, centre + half)) };
}

/**
 * The rule of one standard error (Breiman and others, "Classification and Regression Trees", 1984): the smallest network
 * whose accuracy lies within the error bar of the best. Of equally small ones the first. @returns its index
 */
export function chooseCut(scores: readonly CutScore[], count: number): number {
  const best = scores.reduce((most, { accuracy }) => Math.max(most, accuracy), 0);
  const { low } = errorBar(best, count);
  let chosen = -1;
  scores.forEach(({ accuracy, kmodelBytes }, index) => {
    if (accuracy < low) return;
    if (chosen < 0 || kmodelBytes < scores[chosen].kmodelBytes) chosen = index;
  });
  return chosen;
}
