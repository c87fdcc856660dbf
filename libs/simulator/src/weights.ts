/** Weight number `index` of a convolution: one byte, or two with the low one first. */
export function weightAt(weights: Uint8Array, weightBits: 8 | 16, index: number): number {
  return weightBits === 8 ? weights[index] : weights[2 * index] + 256 * weights[2 * index + 1];
}
