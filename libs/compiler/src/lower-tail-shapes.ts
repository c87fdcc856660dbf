import type { LayerShape } from '@graft/model';

import type { KpuGeometry } from './kpu-program';
import { paddedMap } from './lower-dense';
import { splitWideLayers } from './split-channels';

type Sizes = Pick<LayerShape, 'name' | 'input' | 'output' | 'macs'>;

/** A layer of the tail as the firmware has it, as far as its size goes. */
export type CpuShape = Sizes & {
  readonly kind: Extract<LayerShape['kind'], 'globalAveragePool' | 'dense' | 'softmax'> | 'logistic';
};

/** Means and maxima, for which the firmware has several layers. */
export type AverageMaxShape = Sizes & { readonly kind: 'globalAverageMaxPool' };

/** Dense layers on the KPU. */
export interface KpuDenseShape {
  readonly kind: 'kpuDense';
  readonly layers: readonly KpuGeometry[];
}

export type TailShape = CpuShape | AverageMaxShape | KpuDenseShape;

/** What `lowerTail` makes of these layers, from their shapes alone; so many dense ones from the front are on the KPU. */
export function lowerTailShapes(shapes: readonly LayerShape[], denseOnKpu = 0): TailShape[] {
  const run = shapes.filter(({ kind }) => kind === 'dense').slice(0, denseOnKpu);
  let factor = 1;
  return shapes.flatMap((shape): TailShape[] => {
    const { kind, name, activation, input, output, macs } = shape;
    if (kind === 'convolution' || kind === 'depthwise') throw new Error(`internal: a ${kind} in the tail`);
    if (kind !== 'dense') return [{ kind, name, input, output, macs }];
    if (shape === run[0]) return [{ kind: 'kpuDense', layers: splitWideLayers(run.map(denseGeometry)) }];
    if (run.includes(shape)) return [];
    const before = factor;
    factor = typeof activation === 'object' ? 2 : 1;
    const dense: TailShape = {
      kind,
      name,
      input: { ...input, channels: before * input.channels },
      output: { ...output, channels: factor * output.channels },
      macs: before * factor * macs,
    };
    if (activation !== 'sigmoid' && activation !== 'tanh') return [dense];
    return [dense, { kind: 'logistic', name: `${name}_logistic`, input: output, output, macs: 0 }];
  });
}

function denseGeometry({ name, input, output }: LayerShape): KpuGeometry {
  return {
    name,
    kind: 'convolution',
    kernel: 1,
    input: paddedMap(input.channels),
    output: paddedMap(output.channels),
    subsample: false,
  };
}
