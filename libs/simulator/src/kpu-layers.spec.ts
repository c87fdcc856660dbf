import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { TO_MAIN_MEMORY, writeKModel } from '@graft/kmodel';
import type { ConvolutionLayer } from '@graft/kmodel';
import { mapLines } from '@graft/k210';

import { referenceConvolution } from './reference-convolution';
import { loadSimulator } from './simulator';

/** Single layers with the bytes that a simulator of another maker gave for them (see the note in the file). */
interface LayerVector {
  readonly name: string;
  readonly inChannels: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outChannels: number;
  readonly kernel: 1 | 3;
  readonly depthwise: boolean;
  readonly poolType: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly padValue: number;
  readonly argX: number;
  readonly shrX: number;
  readonly argW: number;
  readonly shrW: number;
  readonly argAdd: number;
  readonly bn: readonly { readonly mul: number; readonly add: number; readonly shift: number }[];
  readonly act: readonly {
    readonly xStart: number;
    readonly yMul: number;
    readonly shift: number;
    readonly bias: number;
  }[];
  readonly inputB64: string;
  readonly weightsB64: string;
  readonly expectedHalfEvenB64: string;
  readonly expectedHalfUpB64: string;
}

const { vectors } = JSON.parse(readFileSync(join(__dirname, '../fixtures/kpu-layers.json'), 'utf8')) as {
  vectors: LayerVector[];
};
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

function layerOf(vector: LayerVector): ConvolutionLayer {
  return {
    kind: 'convolution',
    flags: TO_MAIN_MEMORY,
    mainOut: 0,
    registers: {
      depthwise: vector.depthwise,
      sourceLine: 0,
      destinationLine: 32768 - mapLines(vector.outChannels, vector.outHeight, vector.outWidth),
      inputChannels: vector.inChannels,
      outputChannels: vector.outChannels,
      inputHeight: vector.inHeight,
      inputWidth: vector.inWidth,
      outputHeight: vector.outHeight,
      outputWidth: vector.outWidth,
      kernel: vector.kernel,
      poolType: vector.poolType,
      padValue: vector.padValue,
      shiftW: vector.shrW,
      shiftX: vector.shrX,
      argW: vector.argW,
      argX: vector.argX,
      argAdd: vector.argAdd,
    },
    weights: bytesOf(vector.weightsB64),
    batchNorm: vector.bn.map(({ mul, add, shift }) => ({ multiplier: mul, add, shift })),
    activation: vector.act.map(({ xStart, yMul, shift, bias }) => ({ start: xStart, multiplier: yMul, shift, bias })),
  };
}

describe.each([
  { rounding: 'A', expected: 'expectedHalfUpB64' },
  { rounding: 'B', expected: 'expectedHalfEvenB64' },
] as const)('rounding $rounding', ({ rounding, expected }) => {
  test.each(vectors)('the definition gives the bytes of $name', (vector) => {
    const output = referenceConvolution(bytesOf(vector.inputB64), layerOf(vector), 8, rounding);
    expect(output).toEqual(bytesOf(vector[expected]));
  });

  test.each(vectors)('a file with $name gives its bytes', (vector) => {
    const layer = layerOf(vector);
    const size = vector.outChannels * vector.outHeight * vector.outWidth;
    const mainMemoryBytes = Math.ceil(size / 8) * 8;
    const file = writeKModel({ weightBits: 8, maxStartAddress: 0, mainMemoryBytes, outputs: [], layers: [layer] });
    const seen: (Uint8Array | Float32Array)[] = [];
    loadSimulator(file, { rounding }).run(bytesOf(vector.inputB64), (index, kind, output) => {
      expect([index, kind]).toEqual([0, 'convolution']);
      seen.push(output.slice());
    });
    expect(seen).toEqual([bytesOf(vector[expected])]);
  });
});
