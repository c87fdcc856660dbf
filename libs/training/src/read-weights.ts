import type { NamedWeights } from '@graft/model';
import type { FloatTensor } from '@graft/tensor';

import { weightsUnreadable } from './errors';
import { isRecord, parseGroups, readGroups, type Shards, type WeightsGroup } from './weights-manifest';

/** Both sources expect real = byte / 127.5 − 1 (`normalize: "-1..1"`), RGB. */

/** The groups of a bare manifest (an array) or of a layers model (its `weightsManifest`). @throws GraftError E610 */
export function weightGroups(text: string, file: string): readonly WeightsGroup[] {
  const value = parseJson(text, file);
  return parseGroups(isRecord(value) && !Array.isArray(value) ? value.weightsManifest : value, file);
}

/**
 * The trunk of an SSD MobileNet v1, 8-bit, under Keras names. Its first convolution and its pointwise ones have their batch norm
 * merged already (kernel and bias); the depthwise ones have theirs (epsilon 0.001). @throws GraftError E610, E611
 */
export function readTrunkWeights(manifest: string, shards: Shards, file = 'the weights manifest'): NamedWeights {
  const tensors = readGroups(weightGroups(manifest, file), shards, file);
  const weights = renamed(tensors, trunkName);
  if (!weights.has('conv1/kernel')) throw weightsUnreadable(file, 'it holds no MobilenetV1/Conv2d_0_pointwise');
  return weights;
}

/** A TensorFlow.js layers model of Keras MobileNet v1; its own head (`conv_preds`) is left out unless `top` is set. @throws GraftError E610, E611 */
export function readKerasWeights(model: string, shards: Shards, file = 'model.json', top = false): NamedWeights {
  const tensors = readGroups(weightGroups(model, file), shards, file);
  const weights = renamed(tensors, (name) => kerasName(name) ?? (top ? topName(name) : null));
  if (!weights.has('conv1/kernel')) throw weightsUnreadable(file, 'it holds no conv1/kernel');
  return weights;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw weightsUnreadable(file, 'it is not JSON');
  }
}

function renamed(tensors: ReadonlyMap<string, FloatTensor>, rename: (name: string) => string | null): NamedWeights {
  const weights = new Map<string, FloatTensor>();
  for (const [name, tensor] of tensors) {
    const known = rename(name);
    if (known !== null) weights.set(known, tensor);
  }
  return weights;
}

const TRUNK_TENSORS: Readonly<Record<string, string>> = {
  'pointwise/weights': '/kernel',
  'pointwise/convolution_bn_offset': '/bias',
  'depthwise/depthwise_weights': '/depthwise_kernel',
  'depthwise/BatchNorm/gamma': '_bn/gamma',
  'depthwise/BatchNorm/beta': '_bn/beta',
  'depthwise/BatchNorm/moving_mean': '_bn/moving_mean',
  'depthwise/BatchNorm/moving_variance': '_bn/moving_variance',
};

function trunkName(name: string): string | null {
  const match = /^MobilenetV1\/Conv2d_(\d+)_((pointwise|depthwise)\/.+)$/.exec(name);
  const tensor = match === null ? undefined : TRUNK_TENSORS[match[2]];
  if (match === null || tensor === undefined) return null;
  if (match[1] === '0') return `conv1${tensor}`;
  return `conv_${match[3] === 'depthwise' ? 'dw' : 'pw'}_${match[1]}${tensor}`;
}

const KERAS_TENSOR = /(?:^|\/)((?:conv1|conv_(?:dw|pw)_\d+)(?:_bn)?\/[a-z_]+)(?::0)?$/;

const topName = (name: string): string | null =>
  /(?:^|\/)(conv_preds\/(?:kernel|bias))(?::0)?$/.exec(name)?.[1] ?? null;

function kerasName(name: string): string | null {
  return KERAS_TENSOR.exec(name)?.[1] ?? null;
}
