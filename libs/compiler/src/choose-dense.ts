import type { LayerShape } from '@graft/model';

import type { NetworkNeeds } from './network-needs';
import { networkNeeds } from './network-needs';

/** Where dense layers shall run: `kpu` leaves the last one, which gives the scores, in float; `kpu-all` does not. */
export type DensePolicy = 'auto' | 'cpu' | 'kpu' | 'kpu-all';

/** Where the dense layers run, and why. */
export interface DenseChoice {
  /** So many from the front run on the KPU, in bytes; the others in float32 on the CPU. */
  readonly onKpu: number;
  /** Dense layers before the last one. */
  readonly hidden: number;
  /** Of the hidden layers together. */
  readonly hiddenWeights: number;
  readonly reason: 'asked' | 'many weights' | 'few weights' | 'only this fits' | 'limits of the KPU';
  /** Whether the network fits with all of them in float32. */
  readonly floatFits: boolean;
}

export interface ChosenDense {
  readonly choice: DenseChoice;
  /** Of the network with this choice. */
  readonly needs: NetworkNeeds;
}

/**
 * `auto` moves hidden layers with more weights than this to the KPU: as floats they would take over 256 KiB, a tenth of
 * what the full firmware leaves.
 */
export const MANY_HIDDEN_WEIGHTS = 65_536;

/** `room`: bytes for the kmodel and its main memory. */
export function chooseDense(shapes: readonly LayerShape[], policy: DensePolicy, room: number): ChosenDense {
  const dense = shapes.filter(({ kind }) => kind === 'dense');
  const hidden = Math.max(0, dense.length - 1);
  const hiddenWeights = dense.slice(0, hidden).reduce((sum, { weights }) => sum + weights, 0);
  const inFloat = networkNeeds(shapes);
  const floatFits = needsFit(inFloat, room);
  const chosen = (onKpu: number, reason: DenseChoice['reason'], needs: NetworkNeeds): ChosenDense => ({
    choice: { onKpu, hidden, hiddenWeights, reason, floatFits },
    needs,
  });
  if (policy === 'cpu') return chosen(0, 'asked', inFloat);
  if (policy === 'kpu-all') return chosen(dense.length, 'asked', networkNeeds(shapes, dense.length));
  const onKpu = hidden === 0 ? inFloat : networkNeeds(shapes, hidden);
  if (policy === 'kpu') return chosen(hidden, 'asked', onKpu);
  if (onKpu.violations.length > inFloat.violations.length) return chosen(0, 'limits of the KPU', inFloat);
  if (hiddenWeights > MANY_HIDDEN_WEIGHTS) return chosen(hidden, 'many weights', onKpu);
  if (hidden > 0 && !floatFits && needsFit(onKpu, room)) return chosen(hidden, 'only this fits', onKpu);
  return chosen(0, 'few weights', inFloat);
}

/** The KPU can run every layer, and file and main memory go into the room. */
export function needsFit({ kmodelBytes, mainMemoryBytes, violations }: NetworkNeeds, room: number): boolean {
  return violations.length === 0 && kmodelBytes + mainMemoryBytes <= room;
}
