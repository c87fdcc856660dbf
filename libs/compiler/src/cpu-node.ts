import type { ClampingActivation } from '@graft/model';
import type { FloatTailNode } from '@graft/quantization';

export type DenseNode = Extract<FloatTailNode, { kind: 'dense' }>;

/** A dense layer whose activation the firmware's own dense layer has. */
export type CpuDense = Omit<DenseNode, 'activation'> & { readonly activation: ClampingActivation };

/** A layer that the firmware has, but for `globalAverageMaxPool`, which is several of its layers. */
export type CpuNode =
  Exclude<FloatTailNode, { kind: 'dense' }> | CpuDense | { readonly kind: 'logistic'; readonly name: string };
