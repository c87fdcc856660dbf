import type { DeviceProfile, FirmwareProfile } from '@graft/k210';
import type { LayerShape } from '@graft/model';

import { chooseDense } from './choose-dense';
import type { DenseChoice, DensePolicy } from './choose-dense';
import { firmwareWithoutVersion3, modelTooLarge } from './errors';
import type { TimeEstimate } from './estimate-time';
import { fitAlternatives } from './fit-alternatives';
import { formatMebibytes } from './format-bytes';
import type { FitLayer, NetworkNeeds } from './network-needs';

export interface CheckFitOptions {
  /** Of the whole network; at least one convolution. */
  readonly layers: readonly LayerShape[];
  readonly device: DeviceProfile;
  readonly firmware: FirmwareProfile;
  /** `model.head` as the spec has it, so that a finding names the right entry; default: no dropouts in it. */
  readonly head?: readonly { readonly type: string }[];
  /** Where dense layers shall run; default: auto. */
  readonly dense?: DensePolicy;
  /** Widths for which weights can be had: a smaller one is proposed only from these. Default: all four. */
  readonly alphas?: readonly number[];
}

/** Something that keeps the network off the board. */
export interface FitFinding {
  readonly code: string;
  /** The key of the experiment to look at, for example `model.head[0].dense`. */
  readonly keyPath: string;
  readonly message: string;
  /** Short, for exactly this key. */
  readonly note: string;
  /** What would fit, worked out. */
  readonly hint: string;
}

export interface FitReport {
  readonly device: string;
  readonly firmware: string;
  readonly layers: readonly FitLayer[];
  readonly dense: DenseChoice;
  readonly kmodelBytes: number;
  readonly mainMemoryBytes: number;
  /** Camera and screen buffers of the board. */
  readonly reservedBytes: number;
  /** The three above together. */
  readonly neededBytes: number;
  /** What the firmware leaves. */
  readonly availableBytes: number;
  readonly kpuPeakLines: number;
  readonly macs: number;
  /** Of one picture, estimated from published figures. */
  readonly time: TimeEstimate;
  readonly fits: boolean;
  readonly findings: readonly FitFinding[];
}

/** Says from the shapes alone, before anything is trained, whether the network will run on the board. */
export function checkFit(options: CheckFitOptions): FitReport {
  const { layers, device, firmware } = options;
  if (!layers.some(({ kind }) => kind === 'convolution' || kind === 'depthwise'))
    throw new Error('internal: a network without a convolution');
  const room = firmware.freeBytes - device.reservedBytes;
  const { choice, needs } = chooseDense(layers, options.dense ?? 'auto', room);
  const neededBytes = needs.kmodelBytes + needs.mainMemoryBytes + device.reservedBytes;
  const findings = findingsOf(options, needs, neededBytes);
  return {
    device: device.name,
    firmware: firmware.name,
    layers: needs.layers,
    dense: choice,
    kmodelBytes: needs.kmodelBytes,
    mainMemoryBytes: needs.mainMemoryBytes,
    reservedBytes: device.reservedBytes,
    neededBytes,
    availableBytes: firmware.freeBytes,
    kpuPeakLines: needs.kpuPeakLines,
    macs: needs.layers.reduce((sum, { macs }) => sum + macs, 0),
    time: needs.time,
    fits: findings.length === 0,
    findings,
  };
}

function findingsOf(options: CheckFitOptions, needs: NetworkNeeds, neededBytes: number): FitFinding[] {
  const { layers, device, firmware, head, dense = 'auto', alphas = [1, 0.75, 0.5, 0.25] } = options;
  const tooLarge = neededBytes > firmware.freeBytes;
  if (!tooLarge && needs.violations.length === 0 && firmware.kmodelVersions.includes(3)) return [];
  const alternatives = fitAlternatives({ layers, device, firmware, dense, alphas }).join('; ');
  const findings: FitFinding[] = needs.violations.map(({ layer, error }) => ({
    code: error.code,
    keyPath: keyOfHead(layer, layers, head) ?? KEY_OF_LIMIT[error.code] ?? 'model.alpha',
    message: error.message,
    note: `layer "${layer}" does not run on the KPU`,
    hint: alternatives === '' ? (error.hint ?? '') : alternatives,
  }));
  if (!firmware.kmodelVersions.includes(3)) {
    const error = firmwareWithoutVersion3(firmware.name, firmware.kmodelVersions);
    const note = 'a kmodel v3 is what is exported';
    findings.push({
      code: error.code,
      keyPath: 'target.firmware',
      message: error.message,
      note,
      hint: error.hint ?? '',
    });
  }
  if (tooLarge) findings.push(memoryFinding(options, needs, neededBytes, alternatives));
  return findings;
}

const KEY_OF_LIMIT: Readonly<Record<string, string>> = {
  E302: 'model.alpha',
  E304: 'preprocess.image_size',
  E305: 'preprocess.image_size',
  E306: 'preprocess.image_size',
  E308: 'model.output',
};

/**
 * Names the largest single piece: a layer of the file, or the main memory. Of layers that are alike to one percent it is one of
 * the head, which is made smaller more easily than a backbone with its pretrained weights.
 */
function memoryFinding(
  { layers, device, firmware, head }: CheckFitOptions,
  needs: NetworkNeeds,
  neededBytes: number,
  alternatives: string,
): FitFinding {
  const most = Math.max(...needs.layers.map(({ bytes }) => bytes));
  const alike = needs.layers.filter(({ bytes }) => bytes > 0.99 * most);
  const largest = alike.find(({ name }) => keyOfHead(name, layers, head) !== undefined) ?? alike[0];
  const mainMemoryRules = needs.mainMemoryBytes > largest.bytes;
  const piece = mainMemoryRules
    ? `the feature maps that the CPU works on need ${formatMebibytes(needs.mainMemoryBytes)}`
    : `this layer needs ${formatMebibytes(largest.bytes)}`;
  const error = modelTooLarge(device.name, firmware.name, mainMemoryRules ? undefined : largest.name, alternatives);
  return {
    code: error.code,
    keyPath: mainMemoryRules ? 'model.output' : (keyOfHead(largest.name, layers, head) ?? 'model.alpha'),
    message: error.message,
    note: `${piece}; total ${formatMebibytes(neededBytes)}, available ${formatMebibytes(firmware.freeBytes)}`,
    hint: error.hint ?? '',
  };
}

/** Undefined for the backbone and for the dense layer over the classes, which have no entry of their own. */
function keyOfHead(layer: string, layers: readonly LayerShape[], head: CheckFitOptions['head']): string | undefined {
  const denses = layers.filter(({ kind }) => kind === 'dense').map(({ name }) => name);
  const index = denses.slice(0, -1).indexOf(layer);
  if (index < 0) return undefined;
  const entries = head?.flatMap(({ type }, at) => (type === 'dense' ? [at] : [])) ?? [];
  return `model.head[${entries[index] ?? index}].dense`;
}
