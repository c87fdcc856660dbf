import { printNode } from '@graft/model';
import type { MapShape, QuantizationParameters } from '@graft/tensor';
import { shortNumber, summarizeArray } from '@graft/tensor';

import type { Interval } from './arithmetic-bounds';
import { weightLoading } from './kpu-limits';
import type { KpuArithmetic, KpuDense, KpuLayer, Program } from './kpu-program';
import { printMemoryPlan } from './print-memory-plan';
import { runsOf } from './split-channels';

export interface PrintProgramOptions {
  /** Also every segment of the activation tables and every channel's batch norm; default: no. */
  readonly everyNumber?: boolean;
}

/**
 * The state of a program between two passes, for people and for `diff`: a block of lines for the input, each layer, each
 * node of the tail and the memory plan, as far as they are worked out. Equal programs give equal text.
 */
export function printProgram(program: Program, options: PrintProgramOptions = {}): string {
  const { name, input, layers, tail, plan } = program;
  return [
    `program ${name}\n${field('picture', `${mapText(input)}, ${realText(input)}`)}`,
    ...layers.map((layer) => layerBlock(layer, options)),
    ...tail.flatMap((node) => (node.kind === 'kpuDense' ? denseBlocks(node, options) : [printNode(node)])),
    ...(plan === undefined ? [] : [`memory\n\n${printMemoryPlan(plan)}`]),
  ].join('\n');
}

/** The layers stand in the run's place. */
function denseBlocks({ name, layers }: KpuDense, options: PrintProgramOptions): string[] {
  const { input } = layers[0];
  return [
    `${name}: dense layers on the KPU\n${field('takes', `${input.channels} values in bytes, ${realText(input)}`)}`,
    ...layers.map((layer) => layerBlock(layer, options)),
  ];
}

function layerBlock(layer: KpuLayer, { everyNumber = false }: PrintProgramOptions): string {
  const { name, kind, kernel, input, output, subsample, arithmetic } = layer;
  const halved = subsample ? ', keeps the left-top pixel of each 2×2' : '';
  return [
    `${name}: ${kind} ${kernel}×${kernel}, ${mapText(input)} → ${mapText(output)}${halved}\n`,
    field('output', `${layer.activation}, ${realText(output)}`),
    field('weights', `${summarizeArray(layer.weights)}, around ${layer.weightZeroPoint}`),
    field('steps', summarizeArray(layer.weightScales)),
    field('bias', summarizeArray(layer.bias)),
    ...(layer.parts === undefined ? [] : partLines(layer)),
    ...(arithmetic === undefined ? [] : arithmeticLines(layer, arithmetic)),
    ...(arithmetic === undefined || !everyNumber ? [] : tableLines(arithmetic)),
  ].join('');
}

function partLines(layer: KpuLayer): string[] {
  return runsOf(layer).map((run, index) => {
    const { first, count } = run.channels;
    return field(
      `part ${index + 1}`,
      `channels ${first} … ${first + count - 1}, weights in ${weightLoading(run).loads} loads`,
    );
  });
}

/** The names of registers mislead: argX goes with the sum of bytes x, argW with the sum of weights w. */
function arithmeticLines({ kind, input }: KpuLayer, arithmetic: KpuArithmetic): string[] {
  const { padValue, argX, shiftX, argW, shiftW, argAdd, proven } = arithmetic;
  const inputs = kind === 'depthwise' ? 1 : input.channels;
  const terms = ['Σwx', `(${argX} · Σx >> ${shiftX})`, `(${argW} · Σw >> ${shiftW})`, `${argAdd} · ${inputs}`];
  return [
    field('sum', `${terms.join(' + ')}; padding reads ${padValue}`),
    field('proven', `sum ${range(proven.convolution)}; after the batch norm ${range(proven.batchNorm)}`),
  ];
}

function tableLines({ batchNorm, activation }: KpuArithmetic): string[] {
  return [
    ...activation.map(({ start, multiplier, shift, bias }, index) =>
      field(`piece ${index}`, `from ${start}: ((sum - start) · ${multiplier} >> ${shift}) + ${bias}`),
    ),
    ...batchNorm.map(({ multiplier, shift, add }, channel) =>
      field(`norm ${channel}`, `(sum · ${multiplier} >> ${shift}) + ${add}`),
    ),
  ];
}

function field(name: string, text: string): string {
  return `  ${name.padEnd(9)} ${text}\n`;
}

function mapText({ channels, height, width }: MapShape): string {
  return `${channels}×${height}×${width}`;
}

function realText({ scale, zeroPoint }: QuantizationParameters): string {
  return `real = (byte - ${shortNumber(zeroPoint)}) · ${shortNumber(scale)}`;
}

function range({ low, high }: Interval): string {
  return `${low} … ${high}`;
}
