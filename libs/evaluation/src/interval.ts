/** A share of a count, with the interval in which the true share lies. Values 0 … 1. */
export interface Proportion {
  readonly successes: number;
  readonly total: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval for a share (E. B. Wilson 1927, JASA 22; R. G. Newcombe 1998, Statistics in Medicine 17,
 * method 3): (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n). Unlike p ± z·√(p(1−p)/n) it stays inside 0 … 1 and
 * says something useful when all answers are right.
 *
 * @param successes 0 … total
 * @param total at least 1
 * @param confidence 0 < confidence < 1, for example 0.95
 */
export function wilsonInterval(successes: number, total: number, confidence: number): Proportion {
  if (!(Number.isInteger(successes) && Number.isInteger(total) && total >= 1 && successes >= 0 && successes <= total)) {
    throw new RangeError(`internal: ${successes} of ${total} is not a share`);
  }
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`internal: confidence ${confidence} is not in (0, 1)`);
  const z = normalQuantile((1 + confidence) / 2);
  const value = successes / total;
  const spread = (z * z) / total;
  const centre = (value + spread / 2) / (1 + spread);
  const half = (z / (1 + spread)) * Math.sqrt((value * (1 - value)) / total + spread / (4 * total));
  return {
    successes,
    total,
    value,
    // The ends are exact here; rounding in the root would leave 1e-17 instead.
    low: successes === 0 ? 0 : centre - half,
    high: successes === total ? 1 : centre + half,
  };
}

/**
 * The z with Φ(z) = probability, for the standard normal distribution; 1e-10 < probability < 1 − 1e-10.
 * Rational start (Abramowitz and Stegun 26.2.23, error below 4.5e-4), then Newton steps on Φ.
 */
export function normalQuantile(probability: number): number {
  if (probability < 0.5) return -normalQuantile(1 - probability);
  const t = Math.sqrt(-2 * Math.log(1 - probability));
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  let z = t - numerator / denominator;
  for (let step = 0; step < 4; step++) z -= (normalDistribution(z) - probability) / normalDensity(z);
  return z;
}

/** Φ(z) = 1/2 + φ(z)·(z + z³/3 + z⁵/(3·5) + …), G. Marsaglia 2004, J. Statistical Software 11(4). */
function normalDistribution(z: number): number {
  let sum = z;
  let term = z;
  for (let odd = 3; sum + term !== sum || odd === 3; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
    if (odd > 401) break;
  }
  return 0.5 + sum * normalDensity(z);
}

function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}
