import { headDenses, mobilenetV1, type MobilenetConfig } from './mobilenet';

/** Name and Keras shape of one tensor. */
export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Tensors of a backbone with batch norms, as Keras makes them. */
export function backboneWeightShapes(config: Pick<MobilenetConfig, 'alpha' | 'output'>): readonly WeightShape[] {
  return mobilenetV1(config).flatMap(({ name, kind, kernel, inputChannels, outputChannels }) => [
    kind === 'depthwise'
      ? { name: `${name}/depthwise_kernel`, shape: [kernel, kernel, inputChannels, 1] }
      : { name: `${name}/kernel`, shape: [kernel, kernel, inputChannels, outputChannels] },
    ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((part) => ({
      name: `${name}_bn/${part}`,
      shape: [outputChannels],
    })),
  ]);
}

/** Tensors of the dense layers after the pooled features. */
export function headWeightShapes(
  config: Pick<MobilenetConfig, 'alpha' | 'output' | 'pooling' | 'head' | 'classes'>,
): readonly WeightShape[] {
  return headDenses(config).flatMap(({ name, inputs, units }) => [
    { name: `${name}/kernel`, shape: [inputs, units] },
    { name: `${name}/bias`, shape: [units] },
  ]);
}
