import { choleskyInPlace, solveInPlace } from '@graft/foundation';

/** One picture: its features, and its class. */
export interface Sample {
  readonly features: Float32Array;
  /** 0 … classes − 1 */
  readonly label: number;
  /** How much its error counts; default: 1. */
  readonly weight?: number;
}

/** Scores a picture by weights · x + bias, one score for each class. */
export interface LinearProbe {
  /** [class][feature] */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** Part of the mean variance that is added to each: features that are nearly constant are not blown up. */
const FLOOR = 0.01;

/**
 * Ridge regression (Hoerl and Kennard, 1970) of one-hot targets on standardized features z: the W that minimizes
 * mean |W z + share − y|² + penalty · |W|², in closed form; means, shares and deviations by the samples' weights. Plain arithmetic in double precision, in a fixed order: equal
 * samples give equal bytes on every machine.
 */
export function ridge(samples: readonly Sample[], classes: number, penalty: number): LinearProbe {
  const standard = standardized(samples);
  const shares = Array.from(
    { length: classes },
    (_, label) => totalWeight(samples.filter((sample) => sample.label === label)) / standard.total,
  );
  const targets = shares.map((share, label) =>
    Float64Array.from(samples, (sample) => (Number(sample.label === label) - share) * Math.sqrt(weightOf(sample))),
  );
  const fewer = samples.length < standard.mean.length;
  const solutions = fewer ? bySamples(standard, targets, penalty) : byFeatures(standard, targets, penalty);
  return inRawFeatures(solutions, shares, standard);
}

/** The class with the largest score, the first of equals. */
export function answer(probe: LinearProbe, features: Float32Array): number {
  const scores = scoresOf(probe, features);
  return scores.indexOf(Math.max(...scores));
}

/** One score for each class: about 1 for the right one and 0 for the others. */
export function scoresOf({ weights, bias }: LinearProbe, features: Float32Array): Float64Array {
  const width = features.length;
  return bias.map((start, label) => {
    let score = start;
    for (let at = 0; at < width; at++) score += weights[label * width + at] * features[at];
    return score;
  });
}

const weightOf = ({ weight = 1 }: Sample): number => weight;
const totalWeight = (samples: readonly Sample[]): number => samples.reduce((sum, sample) => sum + weightOf(sample), 0);

interface Standardized {
  /** Of all samples. */
  readonly total: number;
  /** [sample][feature], mean 0 and about deviation 1, times the root of the sample's weight: squares of errors are then weighted. */
  readonly rows: readonly Float64Array[];
  readonly mean: Float64Array;
  /** 1 / deviation */
  readonly scale: Float64Array;
}

function standardized(samples: readonly Sample[]): Standardized {
  const width = samples[0].features.length;
  const mean = new Float64Array(width);
  const variance = new Float64Array(width);
  const total = totalWeight(samples);
  for (const sample of samples)
    sample.features.forEach((value, at) => (mean[at] += (value * weightOf(sample)) / total));
  for (const sample of samples)
    sample.features.forEach((value, at) => (variance[at] += ((value - mean[at]) ** 2 * weightOf(sample)) / total));
  const floor = (FLOOR * variance.reduce((sum, value) => sum + value, 0)) / width + Number.EPSILON;
  const scale = variance.map((value) => 1 / Math.sqrt(value + floor));
  const rows = samples.map((sample) => {
    const root = Math.sqrt(weightOf(sample));
    return Float64Array.from(sample.features, (value, at) => (value - mean[at]) * scale[at] * root);
  });
  return { total, rows, mean, scale };
}

/** W = (Zᵀ Z / n + penalty · I)⁻¹ Zᵀ Y / n: a system with a row for each feature. */
function byFeatures(
  { total, rows, mean }: Standardized,
  targets: readonly Float64Array[],
  penalty: number,
): Float64Array[] {
  const width = mean.length;
  const system = new Float64Array(width * width);
  for (const row of rows) {
    for (let i = 0; i < width; i++) {
      const value = row[i] / total;
      for (let j = 0; j <= i; j++) system[i * width + j] += value * row[j];
    }
  }
  for (let i = 0; i < width; i++) system[i * width + i] += penalty;
  choleskyInPlace(system, width);
  return targets.map((target) => solveInPlace(system, projected(rows, target, total), width));
}

/** The same W as Zᵀ (Z Zᵀ / n + penalty · I)⁻¹ Y / n: a system with a row for each sample, where those are fewer. */
function bySamples({ total, rows }: Standardized, targets: readonly Float64Array[], penalty: number): Float64Array[] {
  const count = rows.length;
  const system = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) system[i * count + j] = dot(rows[i], rows[j]) / total + (i === j ? penalty : 0);
  }
  choleskyInPlace(system, count);
  return targets.map((target) => projected(rows, solveInPlace(system, target.slice(), count), total));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at];
  return sum;
}

/** Zᵀ v / n */
function projected(rows: readonly Float64Array[], values: Float64Array, total: number): Float64Array {
  const width = rows[0].length;
  const sums = new Float64Array(width);
  rows.forEach((row, index) => {
    const factor = values[index] / total;
    for (let at = 0; at < width; at++) sums[at] += factor * row[at];
  });
  return sums;
}

/** W z + share, with z written out, so that nothing has to be standardized before an answer. */
function inRawFeatures(
  solutions: readonly Float64Array[],
  shares: readonly number[],
  { mean, scale }: Standardized,
): LinearProbe {
  const width = mean.length;
  const weights = new Float64Array(solutions.length * width);
  const bias = Float64Array.from(shares);
  solutions.forEach((solution, label) => {
    solution.forEach((value, at) => {
      weights[label * width + at] = value * scale[at];
      bias[label] -= value * scale[at] * mean[at];
    });
  });
  return { weights, bias };
}
