import { padByte } from '../quantized-convolution';
import type { QuantizedConvolution } from '../quantized-graph';

/** What each output pixel sees, in steps from the zero point: [pixel][tap], taps in the order of the weights. */
export function unfoldWindows(layer: QuantizedConvolution, bytes: Uint8Array): Float32Array {
  const { zeroPoint } = layer.input;
  const taps = layer.input.channels * layer.kernel ** 2;
  const windows = new Float32Array(layer.output.height * layer.output.width * taps);
  const outside = padByte(layer.input) - zeroPoint;
  overWindows(layer, (pixel, tap, place) => {
    windows[pixel * taps + tap] = place < 0 ? outside : bytes[place] - zeroPoint;
  });
  return windows;
}

/** Adds what each window gives, [tap][pixel], to the places of the input that it sees; planar. */
export function foldWindows(layer: QuantizedConvolution, windows: Float64Array): Float64Array {
  const { channels, height, width } = layer.input;
  // A window of one pixel at each place is the map itself.
  if (layer.kernel === 1 && layer.stride === 1) return windows;
  const map = new Float64Array(channels * height * width);
  const pixels = layer.output.height * layer.output.width;
  overWindows(layer, (pixel, tap, place) => {
    if (place >= 0) map[place] += windows[tap * pixels + pixel];
  });
  return map;
}

/** `place` is in the planar input, −1 outside. */
function overWindows(
  { kernel, stride, input, output }: QuantizedConvolution,
  visit: (pixel: number, tap: number, place: number) => void,
): void {
  const reach = (kernel - 1) / 2;
  for (let row = 0; row < output.height; row++) {
    for (let column = 0; column < output.width; column++) {
      const pixel = row * output.width + column;
      for (let within = 0; within < kernel * kernel; within++) {
        const y = row * stride + Math.floor(within / kernel) - reach;
        const x = column * stride + (within % kernel) - reach;
        const inside = y >= 0 && y < input.height && x >= 0 && x < input.width;
        for (let channel = 0; channel < input.channels; channel++) {
          const place = inside ? (channel * input.height + y) * input.width + x : -1;
          visit(pixel, channel * kernel * kernel + within, place);
        }
      }
    }
  }
}
