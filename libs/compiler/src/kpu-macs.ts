import type { KpuGeometry } from './kpu-program';

/** Multiplications of one run: the KPU computes every pixel of the input, also those that subsampling drops. */
export function kpuMacs({ kind, kernel, input, output }: KpuGeometry): number {
  const inputsPerOutput = kind === 'depthwise' ? 1 : input.channels;
  return output.channels * inputsPerOutput * kernel ** 2 * input.height * input.width;
}
