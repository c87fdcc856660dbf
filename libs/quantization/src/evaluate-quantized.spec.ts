import { evaluateQuantized } from './evaluate-quantized';
import type { QuantizedConvolution, QuantizedGraph } from './quantized-graph';

const convolution: QuantizedConvolution = {
  kind: 'convolution',
  name: 'only',
  kernel: 3,
  stride: 2,
  input: { channels: 1, height: 4, width: 4, scale: 0.5, zeroPoint: 2 },
  output: { channels: 1, height: 2, width: 2, scale: 2, zeroPoint: 10 },
  // Only the centre (+2 steps) and the pixel left-above of it (+1 step) count.
  weights: Uint8Array.of(129, 128, 128, 128, 130, 128, 128, 128, 128),
  weightZeroPoint: 128,
  weightScales: Float64Array.of(3),
  bias: Float64Array.of(1),
  activation: 'linear',
};

const graph: QuantizedGraph = {
  name: 'by hand',
  input: convolution.input,
  convolutions: [convolution],
  tail: [],
};

const PICTURE = Uint8Array.of(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17);

test('one layer gives the bytes worked out by hand', () => {
  const seen: number[][] = [];
  const real = evaluateQuantized(graph, PICTURE, (_, bytes) => seen.push([...bytes]));
  // Kept pixels: (0,0), (0,2), (2,0), (2,2) with bytes 2, 4, 10, 12; left-above: pad 2, pad 2, pad 2, 7.
  // Sums 2·(byte − 2) + (left-above − 2): 0, 4, 16, 25; times 0.5·3, plus 1: 1, 7, 25, 38.5; over 2, plus 10:
  // 10.5, 13.5, 22.5, 29.25; halves go up.
  expect(seen).toEqual([[11, 14, 23, 29]]);
  expect([...real]).toEqual([2, 8, 26, 38]);
});

test('outputs are clamped to a byte', () => {
  const bright = { ...graph, convolutions: [{ ...convolution, bias: Float64Array.of(1e6) }] };
  const dark = { ...graph, convolutions: [{ ...convolution, bias: Float64Array.of(-1e6) }] };
  const bytesOf = (of: QuantizedGraph) => {
    let result: number[] = [];
    evaluateQuantized(of, PICTURE, (_, bytes) => (result = [...bytes]));
    return result;
  };
  expect(bytesOf(bright)).toEqual([255, 255, 255, 255]);
  expect(bytesOf(dark)).toEqual([0, 0, 0, 0]);
});

test('the tail pools, multiplies, activates and normalises in real numbers', () => {
  const tail: QuantizedGraph['tail'] = [
    { kind: 'globalAveragePool', name: 'pool' },
    {
      kind: 'dense',
      name: 'dense',
      inputs: 1,
      units: 3,
      weights: Float32Array.of(1, -1, 0.5),
      bias: Float32Array.of(0, 0, -4),
      activation: 'relu6',
    },
  ];
  // Mean of 2, 8, 26, 38 is 18.5: 18.5 → 6, −18.5 → 0, 9.25 − 4 = 5.25.
  expect([...evaluateQuantized({ ...graph, tail }, PICTURE)]).toEqual([6, 0, 5.25]);
  const scores = evaluateQuantized({ ...graph, tail: [...tail, { kind: 'softmax', name: 'softmax' }] }, PICTURE);
  // e^0, e^−6, e^−0.75 over their sum 1.474845
  expect([...scores]).toEqual([0.678038, 0.001681, 0.320282].map((score) => expect.closeTo(score, 5)));
});

test('means and maxima stand side by side, the maxima real values of the largest bytes', () => {
  const tail: QuantizedGraph['tail'] = [{ kind: 'globalAverageMaxPool', name: 'pool' }];
  // The values above: 29 is the largest byte, (29 − 10) · 2 its value.
  expect([...evaluateQuantized({ ...graph, tail }, PICTURE)]).toEqual([18.5, 38]);
});

test('a half zero point pads with the next byte up', () => {
  const half = { ...convolution, input: { ...convolution.input, zeroPoint: 127.5 } };
  let bytes: number[] = [];
  evaluateQuantized(
    { ...graph, convolutions: [half] },
    new Uint8Array(16).fill(128),
    (_, given) => (bytes = [...given]),
  );
  // Everywhere 0.5 · (2 + 1) = 1.5, at the border too: 1.5 · 1.5 + 1 = 3.25; over 2, plus 10: 11.6.
  expect(bytes).toEqual([12, 12, 12, 12]);
});

test('a picture of another size is E322', () => {
  expect(() => evaluateQuantized(graph, new Uint8Array(3))).toThrow(expect.objectContaining({ code: 'E322' }));
});
