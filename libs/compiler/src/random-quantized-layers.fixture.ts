import { Random } from '@graft/foundation';
import type { QuantizedConvolution, QuantizedGraph } from '@graft/quantization';
import type { MapShape } from '@graft/tensor';

/** The outline of one layer; its input is the output of the one before. */
export interface LayerOutline {
  readonly kind: 'convolution' | 'depthwise';
  readonly outputs: number;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
}

/** A quantized chain with random bytes as weights, whose sums spread over the output bytes. No tail, no calibration. */
export function randomQuantizedLayers(
  seed: number,
  input: MapShape,
  outlines: readonly LayerOutline[],
): QuantizedGraph {
  const random = Random.of(seed, 'layers');
  const picture = { ...input, scale: 1 / 127.5, zeroPoint: random.integer(3) * 127.5 };
  let map: QuantizedConvolution['input'] = picture;
  const convolutions = outlines.map((outline, index) => {
    const convolution = randomConvolution(random, `layer_${index}`, map, outline);
    map = convolution.output;
    return convolution;
  });
  return { name: `layers_${seed}`, input: picture, convolutions, tail: [] };
}

function randomConvolution(
  random: Random,
  name: string,
  input: QuantizedConvolution['input'],
  { kind, outputs, kernel, stride }: LayerOutline,
): QuantizedConvolution {
  const channels = kind === 'depthwise' ? input.channels : outputs;
  const taps = kernel ** 2 * (kind === 'depthwise' ? 1 : input.channels);
  const weightZeroPoint = random.integer(2) === 0 ? 128 : 127.5;
  const scale = 0.01 * (1 + random.uniform());
  // Weights and inputs both deviate by about 74 from their zero points: then sums deviate by 50 output bytes.
  const weightScale = (50 * scale) / (input.scale * 74 * 74 * Math.sqrt(taps));
  return {
    kind,
    name,
    kernel,
    stride,
    input,
    output: {
      channels,
      height: input.height / stride,
      width: input.width / stride,
      scale,
      zeroPoint: random.integer(256),
    },
    weights: new Uint8Array(channels * taps).map(() => random.integer(256)),
    weightZeroPoint,
    weightScales: new Float64Array(channels).map(() => weightScale * (0.5 + random.uniform())),
    bias: new Float64Array(channels).map(() => 40 * scale * random.normal()),
    activation: 'linear',
  };
}

export function randomBytes(seed: number, count: number): Uint8Array {
  const random = Random.of(seed, 'bytes');
  return new Uint8Array(count).map(() => random.integer(256));
}
