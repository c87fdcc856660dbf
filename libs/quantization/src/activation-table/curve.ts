import { activated, type Activation, type ClampingActivation, type LeakyRelu } from '@graft/model';

export type CurvedActivation = Exclude<Activation, ClampingActivation>;

/** What fitting lines to an activation needs to know about it. Real numbers on both sides. */
export interface Curve {
  value(x: number): number;
  /** Limits of the value at −∞ and +∞. */
  readonly left: number;
  readonly right: number;
  /** Where it stops falling and begins to rise; undefined where it never falls. */
  readonly lowest: { readonly x: number; readonly y: number } | undefined;
  /** x on the rising branch where the value is y; not finite where there is none. */
  inverse(y: number): number;
  /** x on the falling branch; called only where there is one. */
  fallingInverse(y: number): number;
  /** Where the distance from a line of this slope can be largest: corners, and points of the same slope. */
  extremes(slope: number): readonly number[];
}

export function curveOf(activation: CurvedActivation): Curve {
  const value = (x: number) => activated(x, activation);
  if (typeof activation === 'object') return { ...leakyRelu(activation), value };
  return { ...CURVES[activation], value };
}

type CurveShape = Omit<Curve, 'value'>;

const rising = { lowest: undefined, fallingInverse: () => Number.NaN };

const CURVES: Readonly<Record<Exclude<CurvedActivation, LeakyRelu>, CurveShape>> = {
  sigmoid: { ...rising, left: 0, right: 1, inverse: logit, extremes: (slope) => sigmoidPoints(slope) },
  // tanh(x) = 2 · sigmoid(2x) − 1, and its slope is four times the sigmoid's at 2x.
  tanh: {
    ...rising,
    left: -1,
    right: 1,
    inverse: Math.atanh,
    extremes: (slope) => sigmoidPoints(slope / 4).map((x) => x / 2),
  },
  hard_swish: {
    left: 0,
    right: Number.POSITIVE_INFINITY,
    lowest: { x: -1.5, y: -0.375 },
    // (x² + 3x) / 6 between −3 and 3
    inverse: (y) => (y > 3 ? y : (Math.sqrt(9 + 24 * y) - 3) / 2),
    fallingInverse: (y) => (-Math.sqrt(9 + 24 * y) - 3) / 2,
    extremes: (slope) => [3, Math.min(3, Math.max(-3, 3 * slope - 1.5))],
  },
};

function leakyRelu({ alpha }: LeakyRelu): CurveShape {
  return {
    ...rising,
    left: Number.NEGATIVE_INFINITY,
    right: Number.POSITIVE_INFINITY,
    inverse: (y) => (y > 0 ? y : y / alpha),
    extremes: () => [0],
  };
}

function logit(y: number): number {
  return Math.log(y / (1 - y));
}

/** Both points where the sigmoid s has this slope s · (1 − s); none above 1/4. */
function sigmoidPoints(slope: number): number[] {
  if (!(slope > 0 && slope < 0.25)) return [];
  const x = logit((1 + Math.sqrt(1 - 4 * slope)) / 2);
  return [-x, x];
}
