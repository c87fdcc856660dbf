import type { DeviceProfile, FirmwareProfile } from '@graft/k210';
import type { LayerShape, MobilenetConfig } from '@graft/model';

import { formatMebibytes } from './format-bytes';
import { chooseDense, needsFit } from './choose-dense';
import type { DensePolicy } from './choose-dense';
import { configOf, halvedHeads, headText, otherCuts, shapeOf, smallerAlphas, smallerInputs } from './network-variants';

export interface AlternativesOptions {
  readonly layers: readonly LayerShape[];
  readonly device: DeviceProfile;
  readonly firmware: FirmwareProfile;
  /** Where dense layers shall run. */
  readonly dense: DensePolicy;
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
  const elsewhere = [...onTheKpu(options), ...roomierFirmware(options)];
  if (config === undefined) return elsewhere;
  const single = [
    ...first(halvedHeads(config), options, headText),
    ...first(smallerAlphas(config, options.alphas), options, ({ alpha }) => `alpha ${alpha} with this head`),
    ...first(otherCuts(config), options, ({ output }) => `model.output ${output}`),
    ...first(smallerInputs(config), options, ({ input }) => `preprocess.image_size ${input.height}`),
    ...elsewhere,
  ];
  return single.length > 0 ? single : pairs(config, options);
}

function pairs(config: MobilenetConfig, options: AlternativesOptions): string[] {
  const narrower = smallerAlphas(config, options.alphas).flatMap(halvedHeads);
  const shorter = otherCuts(config).flatMap(halvedHeads);
  return [
    ...first(narrower, options, (found) => `alpha ${found.alpha} and ${headText(found)}`),
    ...first(shorter, options, (found) => `model.output ${found.output} and ${headText(found)}`),
    ...roomiest(options).flatMap(([name, firmware]) =>
      first(halvedHeads(config), { ...options, firmware }, (found) => `firmware "${name}" and ${headText(found)}`),
    ),
  ];
}

/** Hidden layers in bytes, where they were kept from it. */
function onTheKpu(options: AlternativesOptions): string[] {
  if (options.dense !== 'cpu') return [];
  const needed = fits(options.layers, { ...options, dense: 'kpu' });
  return needed === undefined ? [] : [`quantize.dense kpu gives ${formatMebibytes(needed)}`];
}

function roomierFirmware(options: AlternativesOptions): string[] {
  return roomiest(options)
    .filter(([, firmware]) => fits(options.layers, { ...options, firmware }) !== undefined)
    .map(([name, { freeBytes }]) => `firmware "${name}" leaves ${formatMebibytes(freeBytes)}`);
}

/** The other build of the board that loads kmodel v3 and leaves most; none where there is no other. */
function roomiest({ device, firmware }: AlternativesOptions): [string, FirmwareProfile][] {
  return Object.entries(device.firmware)
    .filter(([, { name, kmodelVersions }]) => name !== firmware.name && kmodelVersions.includes(3))
    .sort(([, a], [, b]) => b.freeBytes - a.freeBytes)
    .slice(0, 1);
}

/** Bytes needed with the buffers of the board, if they are there and the KPU can run every layer. */
function fits(
  layers: readonly LayerShape[],
  { device, firmware, dense }: Pick<AlternativesOptions, 'device' | 'firmware' | 'dense'>,
): number | undefined {
  const room = firmware.freeBytes - device.reservedBytes;
  const { needs } = chooseDense(layers, dense, room);
  if (!needsFit(needs, room) || !firmware.kmodelVersions.includes(3)) return undefined;
  return needs.kmodelBytes + needs.mainMemoryBytes + device.reservedBytes;
}

function first(
  configs: readonly MobilenetConfig[],
  options: AlternativesOptions,
  text: (config: MobilenetConfig) => string,
): string[] {
  for (const config of configs) {
    const layers = shapeOf(config);
    const needed = layers === undefined ? undefined : fits(layers, options);
    if (needed !== undefined) return [`${text(config)} gives ${formatMebibytes(needed)}`];
  }
  return [];
}
