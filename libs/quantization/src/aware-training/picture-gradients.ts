import { dequantize } from '../byte-values';
import { outputBytes } from '../quantized-convolution';
import type { QuantizedGraph } from '../quantized-graph';
import { convolutionBack, convolutionStep } from './convolution-gradient';
import type { ConvolutionStep, LayerGradient } from './convolution-gradient';
import { tailBack, tailForth } from './tail-gradient';

/** Sums over pictures. */
export interface PictureGradients {
  readonly loss: number;
  /** Of the convolutions that learn, then of the dense layers, in order. */
  readonly layers: readonly LayerGradient[];
}

/**
 * Runs a quantized network forth in the arithmetic of the device and back straight through its roundings.
 * The loss of a picture is half the squared distance of the logits from `targets`, summed over the classes.
 * @param frozen convolutions at the front that do not learn
 * @param pictures planar bytes of the graph's input
 */
export function pictureGradients(
  graph: QuantizedGraph,
  frozen: number,
  pictures: readonly Uint8Array[],
  targets: readonly Float32Array[],
): PictureGradients {
  const parts = pictures.map((picture, index) => gradientOf(graph, frozen, picture, targets[index]));
  const [first, ...others] = parts;
  for (const { layers } of others) first.layers.forEach((sum, at) => addTo(sum, layers[at]));
  return { loss: parts.reduce((sum, { loss }) => sum + loss, 0), layers: first.layers };
}

/** Adds a gradient to another one in place. */
export function addTo(sum: LayerGradient, other: LayerGradient): void {
  other.weights.forEach((value, at) => (sum.weights[at] += value));
  other.bias.forEach((value, at) => (sum.bias[at] += value));
}

function gradientOf(
  graph: QuantizedGraph,
  frozen: number,
  picture: Uint8Array,
  target: Float32Array,
): PictureGradients {
  const steps: ConvolutionStep[] = [];
  let bytes = picture;
  for (const layer of graph.convolutions.slice(0, frozen)) bytes = outputBytes(layer, bytes);
  for (const layer of graph.convolutions.slice(frozen)) {
    const step = convolutionStep(layer, bytes);
    steps.push(step);
    bytes = step.output;
  }
  const output = graph.convolutions.at(-1)?.output ?? graph.input;
  const answer = tailForth(graph.tail, dequantize(bytes, output), output.channels);
  const distance = Float64Array.from(answer.logits, (logit, index) => logit - target[index]);
  const { layers, input } = tailBack(answer, distance);
  let passed = input;
  const convolutions: LayerGradient[] = [];
  for (let at = steps.length - 1; at >= 0; at--) {
    const { weights, bias, input: next } = convolutionBack(steps[at], passed, at > 0);
    convolutions.unshift({ weights, bias });
    if (next !== undefined) passed = next;
  }
  return { loss: distance.reduce((sum, d) => sum + d * d, 0) / 2, layers: [...convolutions, ...layers] };
}
