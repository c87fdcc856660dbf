import type { HeadShape, LayerShape, MobilenetConfig } from '@graft/model';
import { MOBILENET_OUTPUTS, networkShape } from '@graft/model';

/** Input sizes worth a try: every halving stays even. */
const INPUT_SIZES = [320, 288, 256, 224, 192, 160, 128, 96, 64];
const SMALLEST_HEAD_LAYER = 8;

export function smallerAlphas(config: MobilenetConfig, alphas: readonly number[]): MobilenetConfig[] {
  const smaller = alphas.filter((alpha) => alpha < config.alpha).sort((a, b) => b - a);
  return smaller.map((alpha) => ({ ...config, alpha }));
}

/** Earlier ones first, the nearest at the front; later ones help where the last feature map is too large. */
export function otherCuts(config: MobilenetConfig): MobilenetConfig[] {
  const at = MOBILENET_OUTPUTS.indexOf(config.output);
  const outputs = [...MOBILENET_OUTPUTS.slice(0, at).reverse(), ...MOBILENET_OUTPUTS.slice(at + 1)];
  return outputs.map((output) => ({ ...config, output }));
}

export function smallerInputs(config: MobilenetConfig): MobilenetConfig[] {
  const { height, width } = config.input;
  const sizes = height === width ? INPUT_SIZES.filter((size) => size < height) : [];
  return sizes.map((size) => ({ ...config, input: { height: size, width: size } }));
}

/** The same head with half the units, a quarter, …; at last no layer before the one over the classes. */
export function halvedHeads(config: MobilenetConfig): MobilenetConfig[] {
  if (denses(config).length === 0) return [];
  const configs: MobilenetConfig[] = [];
  for (let factor = 2; denses(config).some(({ units }) => units / factor >= SMALLEST_HEAD_LAYER); factor *= 2) {
    configs.push({ ...config, head: config.head.map((layer) => scaled(layer, factor)) });
  }
  return [...configs, { ...config, head: [] }];
}

function scaled(layer: HeadShape, factor: number): HeadShape {
  if (layer.type !== 'dense') return layer;
  return { ...layer, units: Math.max(SMALLEST_HEAD_LAYER, Math.floor(layer.units / factor)) };
}

function denses({ head }: MobilenetConfig) {
  return head.filter((layer) => layer.type === 'dense');
}

export function headText(config: MobilenetConfig): string {
  return `head [${denses(config)
    .map(({ units }) => units)
    .join(', ')}]`;
}

/** Reads the configuration back from the shapes; undefined when they are of another network. */
export function configOf(layers: readonly LayerShape[]): MobilenetConfig | undefined {
  const convolutions = layers.filter(({ kind }) => kind === 'convolution' || kind === 'depthwise');
  const dense = layers.filter(({ kind }) => kind === 'dense');
  const output = `${convolutions.at(-1)?.name ?? ''}_relu`;
  const firstLayer = convolutions[0];
  if (firstLayer === undefined || dense.length === 0 || !MOBILENET_OUTPUTS.includes(output)) return undefined;
  const { height, width } = firstLayer.input;
  const config: MobilenetConfig = {
    alpha: firstLayer.output.channels / 32,
    output,
    input: { height, width },
    encoding: { scale: 1, offset: 0 },
    pooling: layers.some(({ kind }) => kind === 'globalAverageMaxPool') ? 'avg_max' : 'avg',
    head: dense
      .slice(0, -1)
      .map(({ output: { channels }, activation }) => ({ type: 'dense', units: channels, activation })),
    classes: dense[dense.length - 1].output.channels,
  };
  const rebuilt = shapeOf(config);
  return rebuilt !== undefined && sameShapes(rebuilt, layers) ? config : undefined;
}

function sameShapes(a: readonly LayerShape[], b: readonly LayerShape[]): boolean {
  const outline = (layers: readonly LayerShape[]) =>
    JSON.stringify(
      layers.map(({ name, kind, output, weights }) => [name, kind, output.channels, output.height, weights]),
    );
  return outline(a) === outline(b);
}

/** Undefined where the halvings of the network do not go into this input size. */
export function shapeOf(config: MobilenetConfig): readonly LayerShape[] | undefined {
  try {
    return networkShape(config);
  } catch {
    return undefined;
  }
}
