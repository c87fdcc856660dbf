import { Random } from '@graft/foundation';
import type { ConvolutionLayer } from '@graft/kmodel';
import fc from 'fast-check';

import type { Rounding } from './activation';
import { arbitraryLayer } from './arbitrary-layer';
import type { LayerCase } from './arbitrary-layer';
import { createFastConvolution } from './fast-convolution';
import { referenceConvolution } from './reference-convolution';
import { Scratch } from './scratch';

describe('random layers', () => {
  let compared = 0;
  /** Pool code, depthwise or not, bits of the weights, size of the kernel. */
  const met = new Set<string>();

  function compare({ layer, weightBits, input }: LayerCase, rounding: Rounding): void {
    const output = createFastConvolution(layer, weightBits, rounding)(input);
    expect(output).toEqual(referenceConvolution(input, layer, weightBits, rounding));
    const { poolType, depthwise, kernel } = layer.registers;
    met.add([poolType, depthwise, weightBits, kernel].join());
    compared++;
  }

  describe.each(['A', 'B'] as const)('rounding %s', (rounding) => {
    test('the fast kernels agree with the definition on layers as a compiler writes them', () => {
      const layers = arbitraryLayer({ maxChannels: 9, maxSide: 12 }, false);
      fc.assert(
        fc.property(layers, (one) => compare(one, rounding)),
        { numRuns: 200 },
      );
    });

    test('the fast kernels agree with the definition on wide layers of few channels', () => {
      // All three row layouts, and tiles that end inside of a row.
      const layers = arbitraryLayer({ maxChannels: 3, maxSide: 72 }, false);
      fc.assert(
        fc.property(layers, (one) => compare(one, rounding)),
        { numRuns: 25 },
      );
    });

    test('the fast kernels agree with the definition at the ends of every field', () => {
      const layers = arbitraryLayer({ maxChannels: 5, maxSide: 8 }, true);
      fc.assert(
        fc.property(layers, (one) => compare(one, rounding)),
        { numRuns: 200 },
      );
    });

    test('two layers that share their work memory do not see each other', () => {
      const layers = arbitraryLayer({ maxChannels: 5, maxSide: 9 }, false);
      fc.assert(
        fc.property(layers, layers, (one, other) => {
          const scratch = new Scratch();
          const [first, second] = [one, other].map(({ layer, weightBits }) =>
            createFastConvolution(layer, weightBits, rounding, scratch),
          );
          const before = first(one.input);
          second(other.input);
          expect(first(one.input)).toEqual(before);
          expect(before).toEqual(referenceConvolution(one.input, one.layer, one.weightBits, rounding));
          compared++;
        }),
        { numRuns: 40 },
      );
    });
  });

  test('at least 500 were compared, with every pool, both kinds of layer, weights and kernel', () => {
    expect(compared).toBeGreaterThanOrEqual(500);
    const pools = Array.from({ length: 10 }, (_, poolType) => poolType);
    const wanted = pools.flatMap((pool) => [true, false].flatMap((depthwise) => [`${pool},${depthwise},8`, `${pool},${depthwise},16`])); // prettier-ignore
    const missed = wanted.filter((combination) => ![...met].some((one) => one.startsWith(`${combination},`)));
    expect(missed).toEqual([]);
    expect(new Set([...met].map((one) => one.at(-1)))).toEqual(new Set(['1', '3']));
  });
});

/** A layer with all weights and inputs at 255, where sums are largest, or random. */
function wideLayer(inputChannels: number, kernel: 1 | 3, weightBits: 8 | 16, random?: Random) {
  const taps = inputChannels * kernel * kernel;
  const fill = (length: number) =>
    Uint8Array.from({ length }, () => (random === undefined ? 255 : random.integer(256)));
  const layer: ConvolutionLayer = {
    kind: 'convolution',
    flags: 0,
    mainOut: 0,
    registers: {
      depthwise: false,
      sourceLine: 0,
      destinationLine: 16384,
      inputChannels,
      outputChannels: 5,
      inputHeight: 5,
      inputWidth: 7,
      outputHeight: 5,
      outputWidth: 7,
      kernel,
      poolType: 0,
      padValue: 255,
      shiftW: 1,
      shiftX: 1,
      argW: random === undefined ? 0 : -255,
      argX: random === undefined ? 0 : -255,
      argAdd: 16256 * kernel * kernel,
    },
    weights: fill(5 * taps * (weightBits / 8)),
    batchNorm: [3, 5, 7, 11, 13].map((multiplier) => ({ multiplier, add: 0, shift: 4 })),
    // The low bits of the sum come out: an error of 1 shows.
    activation: Array.from({ length: 16 }, (_, index) => ({
      start: index === 0 ? -(2 ** 35) : 0,
      multiplier: 1,
      shift: 0,
      bias: 0,
    })),
  };
  return { layer, input: fill(inputChannels * 35) };
}

/** 16 segments that bring the sum of one pixel into the range of a byte. */
function around(layer: ConvolutionLayer, sum: number): ConvolutionLayer {
  return {
    ...layer,
    activation: layer.activation.map((segment, index) => (index === 0 ? segment : { ...segment, start: sum - 128 })),
    batchNorm: layer.batchNorm.map((_, channel) => ({ multiplier: 1, add: -channel, shift: 0 })),
  };
}

describe('sums of many taps', () => {
  test.each([
    [1024, 1, 8],
    [1024, 3, 8],
    [115, 3, 8],
    [1024, 1, 16],
    [300, 3, 16],
  ] as const)(
    '%i channels, kernel %i, %i-bit weights, all at their largest, give the exact sum',
    (channels, kernel, bits) => {
      const { layer, input } = wideLayer(channels, kernel, bits);
      const taps = channels * kernel * kernel;
      const exact = taps * 255 * (2 ** bits - 1) + layer.registers.argAdd * channels;
      const output = createFastConvolution(around(layer, exact), bits, 'A')(input);
      expect([...output]).toEqual([128, 127, 126, 125, 124].flatMap((value) => Array<number>(35).fill(value)));
    },
  );

  test.each([
    [1024, 1, 8],
    [130, 3, 8],
    [130, 3, 16],
  ] as const)('%i channels, kernel %i, %i-bit weights agree with the definition', (channels, kernel, bits) => {
    const { layer, input } = wideLayer(channels, kernel, bits, Random.of(1, 'wide', channels, kernel, bits));
    // Sums of zero-mean terms scatter by about √taps · 255²/12: the slope brings a part of them into the bytes.
    const spread = Math.round(Math.sqrt(channels * kernel ** 2) * 5000) * (bits === 8 ? 1 : 256);
    const shift = Math.ceil(Math.log2(spread / 64));
    const scaled = {
      ...layer,
      activation: layer.activation.map((segment, index) =>
        index === 0 ? { ...segment, multiplier: 0 } : { ...segment, start: -spread, multiplier: 3, shift },
      ),
    };
    const output = createFastConvolution(scaled, bits, 'A')(input);
    expect(output).toEqual(referenceConvolution(input, scaled, bits, 'A'));
    expect(new Set(output).size).toBeGreaterThan(20);
  });
});

test('a second picture does not see the first', () => {
  const { layer, input } = wideLayer(20, 3, 8, Random.of(2, 'again'));
  const convolution = createFastConvolution(layer, 8, 'A');
  const first = convolution(input);
  convolution(new Uint8Array(input.length));
  expect(convolution(input)).toEqual(first);
});
