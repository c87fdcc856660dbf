import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

import { pooledSize, weightBytes } from '@graft/kmodel';
import type { ActivationSegment, BatchNormEntry, ConvolutionLayer, ConvolutionRegisters } from '@graft/kmodel';

// For tests only: layers as a compiler would write them, and layers at the ends of every field.

const signed = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const byte = fc.integer({ min: 0, max: 255 });
const nibble = fc.integer({ min: 0, max: 15 });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

export interface LayerCase {
  readonly layer: ConvolutionLayer;
  readonly weightBits: 8 | 16;
  readonly input: Uint8Array;
}

export interface Sizes {
  readonly maxChannels: number;
  readonly maxSide: number;
}

const geometryOf = ({ maxChannels, maxSide }: Sizes) =>
  fc.record({
    depthwise: fc.boolean(),
    inputChannels: fc.integer({ min: 1, max: maxChannels }),
    outputChannels: fc.integer({ min: 1, max: maxChannels }),
    inputHeight: fc.integer({ min: 4, max: maxSide }),
    inputWidth: fc.integer({ min: 4, max: maxSide }),
    kernel: fc.constantFrom(1 as const, 3 as const),
    poolType: fc.integer({ min: 0, max: 9 }),
    padValue: byte,
  });

/** Zero points of the usual kind, or anything the registers hold. */
const offsets = (extreme: boolean) =>
  extreme
    ? fc.record({ shiftW: nibble, shiftX: nibble, argW: signed(24), argX: signed(24), argAdd: signed(40) })
    : fc.record({
        shiftW: fc.integer({ min: 0, max: 3 }),
        shiftX: fc.integer({ min: 0, max: 3 }),
        argW: fc.integer({ min: -600, max: 0 }),
        argX: fc.integer({ min: -600, max: 0 }),
        argAdd: fc.integer({ min: 0, max: 600000 }),
      });

function registersOf(sizes: Sizes, extreme: boolean): Arbitrary<ConvolutionRegisters> {
  return fc.tuple(geometryOf(sizes), offsets(extreme)).map(([geometry, numbers]) => ({
    ...geometry,
    ...numbers,
    outputChannels: geometry.depthwise ? geometry.inputChannels : geometry.outputChannels,
    outputHeight: pooledSize(geometry.inputHeight, geometry.poolType) ?? 0,
    outputWidth: pooledSize(geometry.inputWidth, geometry.poolType) ?? 0,
    sourceLine: 0,
    destinationLine: 16384,
  }));
}

export const arbitraryNorm = (extreme: boolean): Arbitrary<BatchNormEntry> =>
  extreme
    ? fc.record({ multiplier: signed(24), add: signed(32), shift: nibble })
    : fc.record({
        multiplier: fc.integer({ min: -20000, max: 40000 }),
        add: fc.integer({ min: -(2 ** 18), max: 2 ** 18 }),
        shift: fc.integer({ min: 4, max: 12 }),
      });

/** Ascending starts around zero with mostly rising slopes; extreme: any order, any number. */
export function arbitraryTable(extreme: boolean): Arbitrary<readonly ActivationSegment[]> {
  const segment = extreme
    ? fc.record({ start: signed36, multiplier: signed(16), shift: fc.integer({ min: 0, max: 255 }), bias: byte })
    : fc.record({
        start: fc.integer({ min: -(2 ** 19), max: 2 ** 19 }),
        multiplier: fc.integer({ min: -50, max: 4096 }),
        shift: fc.integer({ min: 0, max: 20 }),
        bias: byte,
      });
  return fc
    .array(segment, { minLength: 16, maxLength: 16 })
    .map((table) => (extreme ? table : [...table].sort((a, b) => a.start - b.start)))
    .map(([first, ...rest]) => [{ ...first, start: -(2 ** 35) }, ...rest]);
}

const signed36 = fc
  .tuple(signed(18), fc.integer({ min: 0, max: 2 ** 18 - 1 }))
  .map(([high, low]) => high * 2 ** 18 + low);

export function arbitraryLayer(sizes: Sizes, extreme: boolean): Arbitrary<LayerCase> {
  return fc
    .tuple(registersOf(sizes, extreme), fc.constantFrom(8 as const, 16 as const))
    .chain(([registers, weightBits]) =>
      fc
        .record({
          weights: bytes(weightBytes(registers, weightBits)),
          batchNorm: fc.array(arbitraryNorm(extreme), {
            minLength: registers.outputChannels,
            maxLength: registers.outputChannels,
          }),
          activation: arbitraryTable(extreme),
          input: bytes(registers.inputChannels * registers.inputHeight * registers.inputWidth),
        })
        .map(({ weights, batchNorm, activation, input }) => ({
          layer: { kind: 'convolution', flags: 0, mainOut: 0, registers, weights, batchNorm, activation },
          weightBits,
          input,
        })),
    );
}
