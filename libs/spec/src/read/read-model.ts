import type { HeadActivation, HeadLayer, ModelSection, WeightsSource } from '../experiment';
import type { Reader } from './reader';

/** The trunk that a fresh machine can get from the npm registry; alpha 1.0. */
const DEFAULT_WEIGHTS: WeightsSource = {
  type: 'npm',
  package: '@vladmandic/face-api',
  version: '1.7.15',
  integrity: 'sha512-WDMmK3CfNLo8jylWqMoQgf4nIst3M0fzx1dnac96wv/dvMTN4DxC/Pq1DGtduDk1lktCamQ3MIDXFnvrdHTXDw==',
  manifest: 'model/ssd_mobilenetv1_model-weights_manifest.json',
};

export function readModel(model: Reader): ModelSection {
  return {
    backbone: model.at('backbone').word('mobilenet_v1'),
    alpha: model.at('alpha').number(),
    weights: readWeights(model.at('weights')),
    output: model.at('output').text(),
    pooling: model.at('pooling').word('avg', 'avg_max'),
    head: model.at('head').list().map(readHeadLayer),
    freeze: readFreeze(model.at('freeze')),
    freezeBatchNorm: model.at('freeze_batch_norm').flag(),
  };
}

function readWeights(weights: Reader): WeightsSource {
  if (!weights.isMap) {
    const type = weights.word('default', 'imagenet', 'none');
    return type === 'default' ? DEFAULT_WEIGHTS : { type };
  }
  const path = weights.maybe('path');
  if (path !== null) return { type: 'path', path: path.text() };
  return {
    type: 'npm',
    package: weights.at('npm').text(),
    version: weights.at('version').text(),
    integrity: weights.at('integrity').text(),
    manifest: weights.at('manifest').text(),
  };
}

function readHeadLayer(layer: Reader): HeadLayer {
  const dropout = layer.maybe('dropout');
  if (dropout !== null) return { type: 'dropout', rate: dropout.quantity('share') };
  return { type: 'dense', units: layer.at('dense').number(), activation: readActivation(layer.at('activation')) };
}

/** The slope of Keras's LeakyReLU. */
const LEAKY_SLOPE = 0.3;

function readActivation(activation: Reader): HeadActivation {
  const word = activation.word('linear', 'relu', 'relu6', 'leaky_relu', 'sigmoid', 'tanh');
  return word === 'leaky_relu' ? { kind: word, alpha: LEAKY_SLOPE } : word;
}

function readFreeze(freeze: Reader): ModelSection['freeze'] {
  if (freeze.isMap) return { type: 'first', layers: freeze.at('first').number() };
  return { type: freeze.word('backbone', 'none') };
}
