/**
 * [a][b][c] to [c][b][a]. Turns the graph's kernels [output][input][tap] into the back end's [tap][input][output] and back;
 * with b = 1, [channel][tap] and [unit][input] likewise.
 */
export function reverseAxes(values: Float32Array, a: number, b: number, c: number): Float32Array {
  const turned = new Float32Array(values.length);
  let from = 0;
  for (let first = 0; first < a; first++) {
    for (let middle = 0; middle < b; middle++) {
      for (let last = 0; last < c; last++) turned[(last * b + middle) * a + first] = values[from++];
    }
  }
  return turned;
}
