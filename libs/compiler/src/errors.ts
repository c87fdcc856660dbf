import { GraftError } from '@graft/foundation';
import { KPU } from '@graft/k210';
import { activationName, type Activation } from '@graft/model';
import type { MapShape } from '@graft/tensor';

/** Pixels per channel that the DMA register can count. */
export const STREAMED_PIXELS = 65536;

const size = ({ height, width }: MapShape) => `${height}×${width}`;

export const modelTooLarge = (device: string, firmware: string, layer: string | undefined, alternatives: string) =>
  new GraftError('E301', {
    message: `the model will not fit on ${device} with firmware "${firmware}"${layer === undefined ? '' : `; its largest layer is "${layer}"`}`,
    hint: alternatives === '' ? 'lower model.alpha, cut the backbone earlier, or make the head smaller' : alternatives,
  });

export const firmwareWithoutVersion3 = (firmware: string, versions: readonly number[]) =>
  new GraftError('E307', {
    message: `firmware "${firmware}" loads kmodel ${versions.map((version) => `v${version}`).join(', ')}, not v3`,
    hint: 'choose a firmware that loads v3: every MaixPy build does',
  });

export const tooManyChannels = (layer: string, which: 'takes' | 'gives', channels: number) =>
  new GraftError('E302', {
    message: `layer "${layer}" ${which} ${channels} channels; one run of the KPU ${which} 1 to ${KPU.maxChannels}`,
    hint: 'lower model.alpha; of a dense layer, take fewer units, or set quantize.dense to cpu',
  });

export const badMapSize = (layer: string, which: 'takes' | 'gives', map: MapShape, least: MapShape, most: MapShape) =>
  new GraftError('E304', {
    message: `layer "${layer}" ${which} a map of ${size(map)}; the KPU ${which} ${size(least)} to ${size(most)} (height × width)`,
    hint:
      map.height < least.height || map.width < least.width
        ? 'enlarge preprocess.image_size, or set model.output to an earlier layer'
        : 'make preprocess.image_size smaller',
  });

export const oddMapSize = (layer: string, map: MapShape) =>
  new GraftError('E305', {
    message: `layer "${layer}" halves a map of ${size(map)}; the KPU halves even sizes only`,
    hint: 'make preprocess.image_size a multiple of 32',
  });

export const tooMuchKpuRam = (layer: string, inputLines: number, outputLines: number) =>
  new GraftError('E306', {
    message: `layer "${layer}" needs ${inputLines} + ${outputLines} lines of KPU RAM for its input and output; there are ${KPU.lines}`,
    hint: 'make preprocess.image_size smaller, or lower model.alpha',
  });

export const mapTooLargeToStream = (layer: string, map: MapShape) =>
  new GraftError('E308', {
    message: `layer "${layer}" hands a map of ${size(map)} to the CPU; the KPU sends at most ${STREAMED_PIXELS} pixels per channel`,
    hint: 'make preprocess.image_size smaller, or set model.output to a later layer',
  });

export const multiplierTooLarge = (layer: string, channel: number, multiplier: number) =>
  new GraftError('E310', {
    message: `layer "${layer}", channel ${channel}: the step from sums to output bytes is ${multiplier.toPrecision(4)}; the KPU multiplies by less than 2097152`,
    hint: 'the output range of this layer is far smaller than its weights: calibrate with more pictures, or train again',
  });

export const addTooLarge = (layer: string, channel: number, add: number) =>
  new GraftError('E311', {
    message: `layer "${layer}", channel ${channel}: the bias becomes ${add.toPrecision(4)}; the KPU adds numbers of 32 bits`,
    hint: 'the output range of this layer is far smaller than its bias: calibrate with more pictures, or train again',
  });

export const sumTooLarge = (layer: string, channel: number, what: 'convolution' | 'batch norm', largest: number) =>
  new GraftError('E312', {
    message: `layer "${layer}", channel ${channel}: the ${what} can reach ${largest.toPrecision(4)}; the KPU computes with 36 bits`,
    hint: 'the output range of this layer is far smaller than its weights: calibrate with more pictures, or train again',
  });

export const notForTheKpu = (layer: string, reason: string) =>
  new GraftError('E313', {
    message: `layer "${layer}" cannot be put on the KPU: ${reason}`,
    hint: 'quantize the network again with this version',
  });

export const notForTheCpu = (layer: string, activation: Activation, reason: string) =>
  new GraftError('E314', {
    message: `dense layer "${layer}" cannot have the activation ${activationName(activation)}: ${reason}`,
    hint: 'use linear, relu, relu6 or sigmoid in this layer',
  });
