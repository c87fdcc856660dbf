import type { DeviceProfile, FirmwareProfile } from '@graft/k210';
import type { LayerShape, MobilenetConfig } from '@graft/model';
import { MOBILENET_OUTPUTS } from '@graft/model';

import type { TimeEstimate } from './estimate-time';
import { chooseDense, needsFit } from './choose-dense';
import type { DensePolicy } from './choose-dense';
import type { NetworkNeeds } from './network-needs';
import { configOf, halvedHeads, headText, otherCuts, shapeOf, smallerAlphas, smallerInputs } from './network-variants';

/** Another network that fits the board, worked out as the one that was asked for. */
export interface NetworkSuggestion {
  /** What to write into the experiment. */
  readonly change: string;
  /** What is given up. */
  readonly cost: string;
  readonly kmodelBytes: number;
  readonly mainMemoryBytes: number;
  /** With the buffers of the board. */
  readonly neededBytes: number;
  readonly kpuPeakLines: number;
  readonly macs: number;
  readonly time: TimeEstimate;
}

export interface SuggestOptions {
  readonly layers: readonly LayerShape[];
  readonly device: DeviceProfile;
  readonly firmware: FirmwareProfile;
  /** Where dense layers shall run; default: auto. */
  readonly dense?: DensePolicy;
  /** Widths for which weights can be had; default: all four. */
  readonly alphas?: readonly number[];
}

/** Of one kind of change; more would hide the others. */
const MOST_OF_A_KIND = 3;
/** A network that fits is replaced only by one that takes less than this share of its time or of its memory. */
const WORTHWHILE = 0.9;

interface Variant {
  readonly config: MobilenetConfig;
  /** Where another place for dense layers is a part of the change. */
  readonly dense?: DensePolicy;
  readonly change: string;
  readonly cost: string;
}

/**
 * Networks like the given one that fit, those first that keep most of its work: less work, as a rule, knows less. For a
 * network that does not fit, the ways to make it fit, two changes together where no single one will do; for one that
 * does, what would be faster or smaller. Empty where nothing helps, or when the network is not a MobileNet v1.
 */
export function suggestNetworks({
  layers,
  device,
  firmware,
  dense = 'auto',
  alphas = [1, 0.75, 0.5, 0.25],
}: SuggestOptions): NetworkSuggestion[] {
  const config = configOf(layers);
  if (config === undefined || !firmware.kmodelVersions.includes(3)) return [];
  const room = firmware.freeBytes - device.reservedBytes;
  const needsOf: NeedsOf = (shapes, policy = dense) => chooseDense(shapes, policy, room).needs;
  const asked = needsOf(layers);
  const fits = (needs: NetworkNeeds) => needsFit(needs, room);
  const better = (needs: NetworkNeeds) =>
    !fits(asked) ||
    needs.time.totalMs < WORTHWHILE * asked.time.totalMs ||
    bytesOf(needs) < WORTHWHILE * bytesOf(asked);
  const search: Search = { needsOf, wanted: (needs) => fits(needs) && better(needs) };
  const kinds = [...kindsOf(config, alphas), dense === 'cpu' && config.head.length > 0 ? [onTheKpu(config)] : []];
  const single = kinds.flatMap((variants) => worked(variants, search, MOST_OF_A_KIND));
  const suggestions = single.length > 0 ? single : workedPairs(config, alphas, search);
  return suggestions
    .map(({ variant: { change, cost }, needs }) => suggestion(change, cost, needs, device))
    .sort((a, b) => b.macs - a.macs || b.kmodelBytes - a.kmodelBytes);
}

function bytesOf({ kmodelBytes, mainMemoryBytes }: NetworkNeeds): number {
  return kmodelBytes + mainMemoryBytes;
}

interface Worked {
  readonly variant: Variant;
  readonly needs: NetworkNeeds;
}

type NeedsOf = (layers: readonly LayerShape[], dense?: DensePolicy) => NetworkNeeds;

interface Search {
  readonly needsOf: NeedsOf;
  readonly wanted: (needs: NetworkNeeds) => boolean;
}

function worked(variants: readonly Variant[], { needsOf, wanted }: Search, most: number): Worked[] {
  const results: Worked[] = [];
  for (const variant of variants) {
    if (results.length === most) break;
    const layers = shapeOf(variant.config);
    const needs = layers === undefined ? undefined : needsOf(layers, variant.dense);
    if (needs !== undefined && wanted(needs)) results.push({ variant, needs });
  }
  return results;
}

function suggestion(change: string, cost: string, needs: NetworkNeeds, device: DeviceProfile): NetworkSuggestion {
  const { kmodelBytes, mainMemoryBytes, kpuPeakLines, time } = needs;
  return {
    change,
    cost,
    kmodelBytes,
    mainMemoryBytes,
    neededBytes: bytesOf(needs) + device.reservedBytes,
    kpuPeakLines,
    macs: needs.layers.reduce((sum, { macs }) => sum + macs, 0),
    time,
  };
}

function kindsOf(config: MobilenetConfig, alphas: readonly number[]): Variant[][] {
  return [
    headsOf(config),
    smallerAlphas(config, alphas).map((found) => ({
      config: found,
      change: `model.alpha ${found.alpha}`,
      cost: widthCost(config, found),
    })),
    otherCuts(config).map((found) => ({
      config: found,
      change: `model.output ${found.output}`,
      cost: cutCost(config.output, found.output),
    })),
    sizesOf(config),
  ];
}

function onTheKpu(config: MobilenetConfig): Variant {
  return { config, dense: 'kpu', change: 'quantize.dense kpu', cost: 'hidden layers in 8 bits' };
}

function headsOf(config: MobilenetConfig): Variant[] {
  return halvedHeads(config).map((found) => ({
    config: found,
    change: `model.${headText(found)}`,
    cost: found.head.length === 0 ? 'no layer before the classes' : 'a smaller head',
  }));
}

function sizesOf(config: MobilenetConfig): Variant[] {
  return smallerInputs(config).map((found) => ({
    config: found,
    change: `preprocess.image_size ${found.input.height}`,
    cost: sizeCost(config, found),
  }));
}

/** Each other change with the largest head, or the largest picture, that then fits. */
function workedPairs(config: MobilenetConfig, alphas: readonly number[], search: Search): Worked[] {
  const [, ...others] = kindsOf(config, alphas);
  const both = (first: Variant, second: Variant): Variant => ({
    config: second.config,
    change: `${first.change}, ${second.change}`,
    cost: `${first.cost}; ${second.cost}`,
  });
  return others.flatMap((variants) => {
    const results: Worked[] = [];
    for (const first of variants) {
      if (results.length >= MOST_OF_A_KIND) break;
      for (const seconds of [headsOf(first.config), sizesOf(first.config)]) {
        const pairs = seconds.map((second) => both(first, second));
        results.push(...worked(pairs, search, 1));
      }
    }
    return results;
  });
}

/**
 * Top-1 accuracy on ImageNet, percent: tables 6 (width, 224 pixels) and 7 (pixels, width 1) of "MobileNets: Efficient
 * Convolutional Neural Networks for Mobile Vision Applications" (Howard and others, 2017).
 */
const ACCURACY_OF_WIDTH: Readonly<Record<number, number>> = { 1: 70.6, 0.75: 68.4, 0.5: 63.7, 0.25: 50.6 };
const ACCURACY_OF_SIZE: Readonly<Record<number, number>> = { 224: 70.6, 192: 69.1, 160: 67.2, 128: 64.4 };

function widthCost({ alpha, input }: MobilenetConfig, found: MobilenetConfig): string {
  const known = input.height === 224;
  return `other pretrained weights${known ? published(ACCURACY_OF_WIDTH, alpha, found.alpha) : ''}`;
}

function sizeCost({ alpha, input }: MobilenetConfig, found: MobilenetConfig): string {
  const less = Math.round(100 * (1 - found.input.height / input.height));
  const known = alpha === 1 ? published(ACCURACY_OF_SIZE, input.height, found.input.height) : '';
  return `${less} % less detail each way${known}`;
}

/** Of the whole network; a cut one is not ranked there, but loses in the same order. */
function published(accuracy: Readonly<Record<number, number>>, from: number, to: number): string {
  const [before, after] = [accuracy[from], accuracy[to]];
  if (before === undefined || after === undefined) return '';
  return ` (whole network on ImageNet: ${after} % right, not ${before} %)`;
}

function cutCost(from: string, to: string): string {
  const blocks = MOBILENET_OUTPUTS.indexOf(from) - MOBILENET_OUTPUTS.indexOf(to);
  const count = Math.abs(blocks) === 1 ? 'block' : 'blocks';
  return blocks > 0 ? `${blocks} ${count} less` : `${-blocks} ${count} more to train or to freeze`;
}
