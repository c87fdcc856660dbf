import type { LayerShape } from '@graft/model';

/** A layer of the tail as the firmware has it, as far as its size goes. */
export type TailShape = Pick<LayerShape, 'name' | 'input' | 'output' | 'macs'> & {
  readonly kind: Extract<LayerShape['kind'], 'globalAveragePool' | 'dense' | 'softmax'> | 'logistic';
};

/** What {@link lowerTail} makes of these layers, from their shapes alone. */
export function lowerTailShapes(shapes: readonly LayerShape[]): TailShape[] {
  let factor = 1;
  return shapes.flatMap(({ kind, name, activation, input, output, macs }): TailShape[] => {
    if (kind === 'convolution' || kind === 'depthwise') throw new Error(`internal: a ${kind} in the tail`);
    if (kind !== 'dense') return [{ kind, name, input, output, macs }];
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
