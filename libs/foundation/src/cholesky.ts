/** Overwrites the lower triangle of a positive definite matrix [row][column] with that of L, L Lᵀ = matrix. */
export function choleskyInPlace(matrix: Float64Array, size: number): void {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = matrix[row * size + column];
      for (let at = 0; at < column; at++) rest -= matrix[row * size + at] * matrix[column * size + at];
      matrix[row * size + column] = column === row ? Math.sqrt(rest) : rest / matrix[column * size + column];
    }
  }
}

/** Overwrites `target` with the x of L Lᵀ x = target, and returns it. */
export function solveInPlace(lower: Float64Array, target: Float64Array, size: number): Float64Array {
  for (let row = 0; row < size; row++) {
    for (let at = 0; at < row; at++) target[row] -= lower[row * size + at] * target[at];
    target[row] /= lower[row * size + row];
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let at = row + 1; at < size; at++) target[row] -= lower[at * size + row] * target[at];
    target[row] /= lower[row * size + row];
  }
  return target;
}
