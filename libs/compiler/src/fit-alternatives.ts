import type { DeviceProfile, FirmwareProfile } from '@graft/k210';
import type { LayerShape, MobilenetConfig } from '@graft/model';

import { formatMebibytes } from './format-bytes';
import { networkNeeds } from './network-needs';
import { configOf, halvedHeads, headText, otherCuts, shapeOf, smallerAlphas, smallerInputs } from './network-variants';

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
    ...first(smallerAlphas(config, options.alphas), options, ({ alpha }) => `alpha ${alpha} with this head`),
    ...first(otherCuts(config), options, ({ output }) => `model.output ${output}`),
    ...first(smallerInputs(config), options, ({ input }) => `preprocess.image_size ${input.height}`),
    ...firmware,
  ];
  return single.length > 0 ? single : pairs(config, options);
}

function pairs(config: MobilenetConfig, options: AlternativesOptions): string[] {
  const narrower = smallerAlphas(config, options.alphas).flatMap(halvedHeads);
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
