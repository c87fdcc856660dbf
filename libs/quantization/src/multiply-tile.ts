import { Code, moduleOf } from './wasm-code';

/** Pixels that are worked on at a time: 64 windows of 9 · 512 doubles still fit the second-level cache. */
export const TILE = 64;

/** Output channels that share the loads of a window. */
export const OUTPUTS_AT_ONCE = 4;

const FLOAT = 8;
const ROW = TILE * FLOAT;
const PAGE = 65_536;
/** Two vectors of two pixels, and what one step of the counters moves. */
const PIXELS_AT_ONCE = 4;

/**
 * Sums of products of one tile in float64. Each lane of a vector is one pixel and adds its products tap by tap, so that
 * every sum is the one that a plain loop gives, to the last bit.
 */
export interface TileMultiplier {
  /** [tap][pixel of the tile] */
  readonly windows: Float64Array;
  /** [block of four outputs][tap][output of the block] */
  readonly weights: Float64Array;
  /** [output][pixel of the tile] */
  readonly sums: Float64Array;
  /** Works out the first `pixels` sums of every output. */
  run(pixels: number): void;
}

/** A multiplier whose arrays are views of one shared memory: valid until the next call. */
export function tileMultiplier(taps: number, outputs: number): TileMultiplier {
  instance ??= new WebAssembly.Instance(new WebAssembly.Module(multiplyModule())).exports;
  const { memory, run } = instance;
  const blocks = Math.ceil(outputs / OUTPUTS_AT_ONCE);
  const padded = blocks * OUTPUTS_AT_ONCE;
  const lengths = [taps * TILE, padded * taps, padded * TILE];
  const bytes = lengths.reduce((a, b) => a + b) * FLOAT;
  if (memory.buffer.byteLength < bytes) memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / PAGE));
  const weightsAt = lengths[0] * FLOAT;
  const sumsAt = weightsAt + lengths[1] * FLOAT;
  return {
    windows: new Float64Array(memory.buffer, 0, lengths[0]),
    weights: new Float64Array(memory.buffer, weightsAt, lengths[1]),
    sums: new Float64Array(memory.buffer, sumsAt, lengths[2]),
    run: (pixels) => run(0, weightsAt, sumsAt, taps, Math.ceil(pixels / PIXELS_AT_ONCE), blocks),
  };
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly run: (...numbers: readonly number[]) => void;
}

/** Part of Node, though not of the type declarations in use. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
};

let instance: Exports | undefined;

/** For each block of outputs, for each block of pixels: eight vectors of sums stay in registers over all taps. */
function multiplyModule(): Uint8Array {
  const [windows, weights, sums, taps, pixelBlocks, outputBlocks] = [0, 1, 2, 3, 4, 5];
  const [window, weight, tap, pixelBlock, sum, column] = [6, 7, 8, 9, 10, 11];
  const [left, right, factor] = [12, 13, 14];
  const totals = Array.from({ length: OUTPUTS_AT_ONCE }, (_, output) => [15 + 2 * output, 16 + 2 * output]);
  const bothOf = (action: (local: number, output: number, half: number) => void): void =>
    totals.forEach((halves, output) => halves.forEach((local, half) => action(local, output, half)));

  const code = new Code().repeat(outputBlocks, (outer) => {
    outer.get(windows).set(column).get(sums).set(sum).get(pixelBlocks).set(pixelBlock);
    outer.repeat(pixelBlock, (middle) => {
      middle.get(column).set(window).get(weights).set(weight).get(taps).set(tap);
      bothOf((total) => middle.zeroVector().set(total));
      middle.repeat(tap, (inner) => {
        inner.get(window).loadVector(0).set(left).get(window).loadVector(16).set(right);
        totals.forEach(([low, high], output) => {
          inner
            .get(weight)
            .loadSplat(output * FLOAT)
            .set(factor);
          inner.get(low).get(factor).get(left).multiplyFloats().addFloats().set(low);
          inner.get(high).get(factor).get(right).multiplyFloats().addFloats().set(high);
        });
        inner.advance(window, ROW).advance(weight, OUTPUTS_AT_ONCE * FLOAT);
      });
      bothOf((total, output, half) =>
        middle
          .get(sum)
          .get(total)
          .storeVector(output * ROW + half * 16),
      );
      middle.advance(column, PIXELS_AT_ONCE * FLOAT).advance(sum, PIXELS_AT_ONCE * FLOAT);
    });
    outer.advance(sums, OUTPUTS_AT_ONCE * ROW);
    outer
      .get(weights)
      .get(taps)
      .constant(OUTPUTS_AT_ONCE * FLOAT)
      .multiply()
      .add()
      .set(weights);
  });
  return moduleOf(6, { integers: 6, vectors: 11 }, code);
}
