/**
 * What the operations of training define, in double precision and in the plainest way: one output, one weight, one input at a
 * time. `magnitude` is the sum of the absolute terms of each answer: rounding errors of float32 sums grow with it, not with the sum.
 */
export interface Reference {
  readonly values: Float64Array;
  readonly magnitude: Float64Array;
}

export interface MapShape {
  readonly pictures: number;
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
}

class Sums implements Reference {
  readonly values: Float64Array;
  readonly magnitude: Float64Array;

  constructor(length: number) {
    this.values = new Float64Array(length);
    this.magnitude = new Float64Array(length);
  }

  add(at: number, term: number, magnitude = Math.abs(term)): void {
    this.values[at] += term;
    this.magnitude[at] += magnitude;
  }
}

/** Visits every product of a convolution; of a depthwise one where `perChannel`. */
function eachProduct(
  { pictures, height, width, inputs, outputs, kernel, stride }: MapShape,
  perChannel: boolean,
  visit: (output: number, weight: number, input: number) => void,
): void {
  const border = kernel === 3 ? 1 : 0;
  const [rows, columns] = [height / stride, width / stride];
  const answers = perChannel ? inputs : outputs;
  for (let n = 0; n < pictures; n++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++)
        for (let ky = 0; ky < kernel; ky++)
          for (let kx = 0; kx < kernel; kx++) {
            const [row, column] = [y * stride + ky - border, x * stride + kx - border];
            if (row < 0 || column < 0 || row >= height || column >= width) continue;
            for (let i = 0; i < inputs; i++)
              for (let o = perChannel ? i : 0; o < (perChannel ? i + 1 : outputs); o++) {
                const output = ((n * rows + y) * columns + x) * answers + o;
                const tap = ky * kernel + kx;
                const weight = perChannel ? tap * inputs + i : (tap * inputs + i) * outputs + o;
                visit(output, weight, ((n * height + row) * width + column) * inputs + i);
              }
          }
}

export interface ConvolutionReference {
  readonly output: Reference;
  readonly input: Reference;
  readonly kernel: Reference;
}

/** Answers, and gradients by input and kernel, of the loss whose gradient by the output is `dy`. */
export function convolutionReference(
  shape: MapShape,
  perChannel: boolean,
  { x, w, dy }: { x: Float32Array; w: Float32Array; dy: Float32Array },
): ConvolutionReference {
  const [output, input, kernel] = [new Sums(dy.length), new Sums(x.length), new Sums(w.length)];
  eachProduct(shape, perChannel, (o, k, i) => {
    output.add(o, w[k] * x[i]);
    input.add(i, dy[o] * w[k]);
    kernel.add(k, dy[o] * x[i]);
  });
  return { output, input, kernel };
}

export function channelSumReference(map: Float32Array, channels: number): Reference {
  const sums = new Sums(channels);
  map.forEach((value, at) => sums.add(at % channels, value));
  return sums;
}

export function biasReference(map: Float32Array, bias: Float32Array): Reference {
  const sums = new Sums(map.length);
  map.forEach((value, at) => {
    sums.add(at, value);
    sums.add(at, bias[at % bias.length]);
  });
  return sums;
}

export function clampReference(x: Float32Array, dy: Float32Array, limit: number) {
  const [output, input] = [new Sums(x.length), new Sums(x.length)];
  x.forEach((value, at) => {
    output.add(at, Math.min(limit, Math.max(0, value)));
    input.add(at, value > 0 && value < limit ? dy[at] : 0);
  });
  return { output, input };
}

export interface NormReference {
  readonly output: Reference;
  readonly input: Reference;
  readonly gamma: Reference;
  readonly beta: Reference;
  readonly mean: Reference;
  readonly variance: Reference;
}

/** Batch norm over all axes but the last, by the batch's own moments or by `averages`. */
export function normReference(
  { x, dy, gamma, beta }: { x: Float32Array; dy: Float32Array; gamma: Float32Array; beta: Float32Array },
  epsilon: number,
  averages: { readonly mean: Float32Array; readonly variance: Float32Array } | null,
): NormReference {
  const channels = gamma.length;
  const count = x.length / channels;
  const [output, input] = [new Sums(x.length), new Sums(x.length)];
  const [gammas, betas] = [new Sums(channels), new Sums(channels)];
  const [means, variances] = [new Sums(channels), new Sums(channels)];
  if (averages === null) {
    x.forEach((value, at) => means.add(at % channels, value / count));
    x.forEach((value, at) => {
      const channel = at % channels;
      const centred = value - means.values[channel];
      variances.add(channel, centred ** 2 / count, (Math.abs(value) + means.magnitude[channel]) ** 2 / count);
    });
  } else {
    averages.mean.forEach((value, channel) => means.add(channel, value));
    averages.variance.forEach((value, channel) => variances.add(channel, value));
  }
  const inverse = variances.values.map((value) => 1 / Math.sqrt(value + epsilon));
  const normal = Float64Array.from(x, (value, at) => (value - means.values[at % channels]) * inverse[at % channels]);
  // A difference of two rounded numbers is as wrong as the larger of them.
  const normalMagnitude = Float64Array.from(x, (value, at) => {
    const channel = at % channels;
    return (Math.abs(value) + means.magnitude[channel]) * inverse[channel];
  });
  x.forEach((_, at) => {
    const channel = at % channels;
    output.add(at, gamma[channel] * normal[at], Math.abs(gamma[channel]) * normalMagnitude[at]);
    output.add(at, beta[channel]);
    gammas.add(channel, dy[at] * normal[at], Math.abs(dy[at]) * normalMagnitude[at]);
    betas.add(channel, dy[at]);
  });
  x.forEach((_, at) => {
    const channel = at % channels;
    const factor = gamma[channel] * inverse[channel];
    input.add(at, factor * dy[at]);
    if (averages !== null) return;
    input.add(at, (-factor * betas.values[channel]) / count, (Math.abs(factor) * betas.magnitude[channel]) / count);
    input.add(
      at,
      (-factor * normal[at] * gammas.values[channel]) / count,
      (Math.abs(factor) * normalMagnitude[at] * gammas.magnitude[channel]) / count,
    );
  });
  return { output, input, gamma: gammas, beta: betas, mean: means, variance: variances };
}

/** Mean over rows and columns; the gradient spreads evenly. */
export function poolReference(shape: MapShape, x: Float32Array, dy: Float32Array) {
  const { pictures, height, width, inputs } = shape;
  const [output, input] = [new Sums(pictures * inputs), new Sums(x.length)];
  x.forEach((value, at) => {
    const pooled = Math.floor(at / (height * width * inputs)) * inputs + (at % inputs);
    output.add(pooled, value / (height * width));
    input.add(at, dy[pooled] / (height * width));
  });
  return { output, input };
}

/** Pixels that are the maximum of their channel share the gradient. */
export function maxPoolReference(shape: MapShape, x: Float32Array, dy: Float32Array) {
  const { pictures, height, width, inputs } = shape;
  const [output, input] = [new Sums(pictures * inputs), new Sums(x.length)];
  for (let pooled = 0; pooled < pictures * inputs; pooled++) {
    const start = Math.floor(pooled / inputs) * height * width * inputs + (pooled % inputs);
    const places = Array.from({ length: height * width }, (_, pixel) => start + pixel * inputs);
    const largest = Math.max(...places.map((at) => x[at]));
    const winners = places.filter((at) => x[at] === largest);
    output.add(pooled, largest);
    winners.forEach((at) => input.add(at, dy[pooled] / winners.length));
  }
  return { output, input };
}

/** x [row][input] times w [input][unit], plus bias. */
export function denseReference(
  { x, w, dy, bias }: { x: Float32Array; w: Float32Array; dy: Float32Array; bias: Float32Array },
  inputs: number,
) {
  const units = bias.length;
  const rows = x.length / inputs;
  const [output, input, weights] = [new Sums(rows * units), new Sums(x.length), new Sums(w.length)];
  for (let row = 0; row < rows; row++)
    for (let unit = 0; unit < units; unit++) {
      output.add(row * units + unit, bias[unit]);
      for (let i = 0; i < inputs; i++) {
        output.add(row * units + unit, x[row * inputs + i] * w[i * units + unit]);
        input.add(row * inputs + i, dy[row * units + unit] * w[i * units + unit]);
        weights.add(i * units + unit, dy[row * units + unit] * x[row * inputs + i]);
      }
    }
  return { output, input, weights };
}

/** Mean cross-entropy of softmax by its definition, of one row of scores. */
export function crossEntropyReference(scores: readonly number[], targets: readonly number[]) {
  const exponentials = scores.map((score) => Math.exp(score));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  const shares = exponentials.map((value) => value / total);
  return {
    loss: -targets.reduce((sum, target, at) => sum + target * Math.log(shares[at]), 0),
    gradient: shares.map((share, at) => share - targets[at]),
  };
}

/** One number under Adam (Kingma and Ba, 2015, algorithm 1, epsilon inside as in Keras) with decoupled weight decay. */
export function adamReference(
  start: number,
  gradients: readonly number[],
  { rate, beta1, beta2, epsilon, weightDecay }: Record<'rate' | 'beta1' | 'beta2' | 'epsilon' | 'weightDecay', number>,
) {
  let [value, mean, square] = [start, 0, 0];
  gradients.forEach((gradient, step) => {
    value *= 1 - rate * weightDecay;
    mean = beta1 * mean + (1 - beta1) * gradient;
    square = beta2 * square + (1 - beta2) * gradient ** 2;
    const corrected = (rate * Math.sqrt(1 - beta2 ** (step + 1))) / (1 - beta1 ** (step + 1));
    value -= (corrected * mean) / (Math.sqrt(square) + epsilon);
  });
  return { value, mean, square };
}
