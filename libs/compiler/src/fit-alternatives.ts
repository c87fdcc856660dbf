import type { DeviceProfile, FirmwareProfile } from '@graft/k210';
import type { HeadShape, LayerShape, MobilenetConfig } from '@graft/model';
import { MOBILENET_OUTPUTS, networkShape } from '@graft/model';

import { formatMebibytes } from './format-bytes';
import { networkNeeds } from './network-needs';

/** Input sizes worth a try: every halving stays even. */
const INPUT_SIZES = [320, 288, 256, 224, 192, 160, 128, 96, 64];
const SMALLEST_HEAD_LAYER = 8;

export interface AlternativesOptions {
  readonly layers: readonly LayerShape[];
  readonly device: DeviceProfile;
  readonly firmware: FirmwareProfile;
  /** Widths for which weights can be had. */
  readonly alphas: readonly number[];
}

/**
 * One sentence per change that makes the network fit, each worked out: smaller head, smaller alpha, another cut, smaller
 * input, roomier firmware; where no single change does, two together. Empty when nothing of that helps, or when the
 * shapes are not a MobileNet v1 and no firmware helps.
 */
export function fitAlternatives(options: AlternativesOptions): string[] {
  const config = configOf(options.layers);
  const firmware = roomierFirmware(options);
  if (config === undefined) return firmware;
  const single = [
    ...first(halvedHeads(config), options, headText),
    ...first(smallerAlphas(config, options), options, ({ alpha }) => `alpha ${alpha} with this head`),
    ...first(otherCuts(config), options, ({ output }) => `model.output ${output}`),
    ...first(smallerInputs(config), options, ({ input }) => `preprocess.image_size ${input.height}`),
    ...firmware,
  ];
  return single.length > 0 ? single : pairs(config, options);
}

function pairs(config: MobilenetConfig, options: AlternativesOptions): string[] {
  const narrower = smallerAlphas(config, options).flatMap(halvedHeads);
  const shorter = otherCuts(config).flatMap(halvedHeads);
  const others = Object.entries(options.device.firmware).filter(([, { name }]) => name !== options.firmware.name);
  return [
    ...first(narrower, options, (found) => `alpha ${found.alpha} and ${headText(found)}`),
    ...first(shorter, options, (found) => `model.output ${found.output} and ${headText(found)}`),
    ...others.flatMap(([name, firmware]) =>
      first(halvedHeads(config), { ...options, firmware }, (found) => `firmware "${name}" and ${headText(found)}`),
    ),
  ];
}

function smallerAlphas(config: MobilenetConfig, { alphas }: AlternativesOptions): MobilenetConfig[] {
  const smaller = alphas.filter((alpha) => alpha < config.alpha).sort((a, b) => b - a);
  return smaller.map((alpha) => ({ ...config, alpha }));
}

/** Earlier ones first, the nearest at the front; later ones help where the last feature map is too large. */
function otherCuts(config: MobilenetConfig): MobilenetConfig[] {
  const at = MOBILENET_OUTPUTS.indexOf(config.output);
  const outputs = [...MOBILENET_OUTPUTS.slice(0, at).reverse(), ...MOBILENET_OUTPUTS.slice(at + 1)];
  return outputs.map((output) => ({ ...config, output }));
}

function smallerInputs(config: MobilenetConfig): MobilenetConfig[] {
  const { height, width } = config.input;
  const sizes = height === width ? INPUT_SIZES.filter((size) => size < height) : [];
  return sizes.map((size) => ({ ...config, input: { height: size, width: size } }));
}

function roomierFirmware({ layers, device, firmware }: AlternativesOptions): string[] {
  return Object.entries(device.firmware)
    .filter(([, other]) => other.name !== firmware.name && fits(layers, device, other) !== undefined)
    .map(([name, { freeBytes }]) => `firmware "${name}" leaves ${formatMebibytes(freeBytes)}`);
}

/** Bytes needed with the buffers of the board, if they are there and the KPU can run every layer. */
function fits(layers: readonly LayerShape[], device: DeviceProfile, firmware: FirmwareProfile): number | undefined {
  const { kmodelBytes, mainMemoryBytes, violations } = networkNeeds(layers);
  const needed = kmodelBytes + mainMemoryBytes + device.reservedBytes;
  const fitting = violations.length === 0 && needed <= firmware.freeBytes && firmware.kmodelVersions.includes(3);
  return fitting ? needed : undefined;
}

function first(
  configs: readonly MobilenetConfig[],
  { device, firmware }: AlternativesOptions,
  text: (config: MobilenetConfig) => string,
): string[] {
  for (const config of configs) {
    const layers = shapeOf(config);
    const needed = layers === undefined ? undefined : fits(layers, device, firmware);
    if (needed !== undefined) return [`${text(config)} gives ${formatMebibytes(needed)}`];
  }
  return [];
}

/** The same head with half the units, a quarter, …; at last no layer before the one over the classes. */
function halvedHeads(config: MobilenetConfig): MobilenetConfig[] {
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

function headText(config: MobilenetConfig): string {
  return `head [${denses(config)
    .map(({ units }) => units)
    .join(', ')}]`;
}

/** Reads the configuration back from the shapes; undefined when they are of another network. */
function configOf(layers: readonly LayerShape[]): MobilenetConfig | undefined {
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
function shapeOf(config: MobilenetConfig): readonly LayerShape[] | undefined {
  try {
    return networkShape(config);
  } catch {
    return undefined;
  }
}
