import { unreachable } from '@graft/foundation';
import type { Activation } from '@graft/model';

import type { FusedActivation, TfliteOperation } from './tflite-model';

/** Activations that a convolution or dense layer does itself. */
export function fusedActivation(activation: Activation): FusedActivation {
  return activation === 'relu' || activation === 'relu6' ? activation : 'none';
}

/** The operator of an activation that no layer does itself; undefined where there is nothing to do. */
export function activationOperation(activation: Activation): TfliteOperation | undefined {
  if (typeof activation === 'object') return { kind: 'leakyRelu', alpha: activation.alpha };
  switch (activation) {
    case 'linear':
    case 'relu':
    case 'relu6':
      return undefined;
    case 'sigmoid':
      return { kind: 'logistic' };
    case 'tanh':
      return { kind: 'tanh' };
    case 'hard_swish':
      return { kind: 'hardSwish' };
    default:
      return unreachable(activation);
  }
}
