/** A block of this many rows and columns stays in the cache while it is turned. */
const BLOCK = 32;

/**
 * [a][b][c] to [c][b][a]. Turns kernels [output][input][tap] into [tap][input][output] and back;
 * with b = 1, [channel][tap] and [unit][input] likewise.
 */
export function reverseAxes(values: Float32Array, a: number, b: number, c: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let middle = 0; middle < b; middle++)
    for (let top = 0; top < a; top += BLOCK)
      for (let left = 0; left < c; left += BLOCK) {
        const [bottom, right] = [Math.min(a, top + BLOCK), Math.min(c, left + BLOCK)];
        for (let first = top; first < bottom; first++)
          for (let last = left; last < right; last++)
            turned[(last * b + middle) * a + first] = values[(first * b + middle) * c + last];
      }
  return turned;
}
