import { unreachable } from '@graft/foundation';

/** x where it is positive, alpha · x below. */
export interface LeakyRelu {
  readonly kind: 'leaky_relu';
  /** Slope below 0; between 0 and 1, both excluded. */
  readonly alpha: number;
}

/** A function of one number, the same for every channel and pixel. `hard_swish` is x · ReLU6(x + 3) / 6. */
export type Activation = 'linear' | 'relu' | 'relu6' | 'sigmoid' | 'tanh' | 'hard_swish' | LeakyRelu;

/** Those which only cut a range off: the clamp to a byte does it for nothing. */
export type ClampingActivation = 'linear' | 'relu' | 'relu6';

const NAMES: readonly unknown[] = ['linear', 'relu', 'relu6', 'sigmoid', 'tanh', 'hard_swish'] satisfies Activation[];

/** As it is written in experiments, without its number. */
export function activationName(activation: Activation): Exclude<Activation, LeakyRelu> | 'leaky_relu' {
  return typeof activation === 'string' ? activation : activation.kind;
}

export function isClamping(activation: Activation): activation is ClampingActivation {
  return activation === 'linear' || activation === 'relu' || activation === 'relu6';
}

/** Whether something read from a file is an activation. */
export function isActivation(value: unknown): value is Activation {
  if (typeof value !== 'object' || value === null) return NAMES.includes(value);
  const { kind, alpha } = value as Partial<Record<keyof LeakyRelu, unknown>>;
  return kind === 'leaky_relu' && typeof alpha === 'number' && alpha > 0 && alpha < 1;
}

/** The definition, in double precision. */
export function activated(value: number, activation: Activation): number {
  if (typeof activation === 'object') return value > 0 ? value : activation.alpha * value;
  switch (activation) {
    case 'linear':
      return value;
    case 'relu':
      return Math.max(value, 0);
    case 'relu6':
      return Math.min(Math.max(value, 0), 6);
    case 'sigmoid':
      return 1 / (1 + Math.exp(-value));
    case 'tanh':
      return Math.tanh(value);
    case 'hard_swish':
      return (value * Math.min(Math.max(value + 3, 0), 6)) / 6;
    default:
      return unreachable(activation);
  }
}

/** The derivative of {@link activated}; on a corner the slope below it, as everywhere in the field. */
export function activationSlope(value: number, activation: Activation): number {
  if (typeof activation === 'object') return value > 0 ? 1 : activation.alpha;
  switch (activation) {
    case 'linear':
      return 1;
    case 'relu':
      return value > 0 ? 1 : 0;
    case 'relu6':
      return value > 0 && value <= 6 ? 1 : 0;
    case 'sigmoid':
    case 'tanh': {
      const output = activated(value, activation);
      return activation === 'tanh' ? 1 - output ** 2 : output * (1 - output);
    }
    case 'hard_swish':
      if (value <= -3) return 0;
      return value > 3 ? 1 : (2 * value + 3) / 6;
    default:
      return unreachable(activation);
  }
}
