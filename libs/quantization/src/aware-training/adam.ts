const MEAN_DECAY = 0.9;
const SQUARE_DECAY = 0.999;
const EPSILON = 1e-12;

/** Changes the numbers by one step against their gradients, one array for each array of numbers, at this rate. */
export type StepRule = (gradients: readonly Float64Array[], rate: number) => void;

/** Kingma and Ba (2015). The rate is the size of a first step, whatever the size of the gradient. */
export function adam(numbers: readonly Float64Array[]): StepRule {
  const means = numbers.map(({ length }) => new Float64Array(length));
  const squares = numbers.map(({ length }) => new Float64Array(length));
  let steps = 0;
  return (gradients, rate) => {
    steps++;
    const corrected = (rate * Math.sqrt(1 - SQUARE_DECAY ** steps)) / (1 - MEAN_DECAY ** steps);
    numbers.forEach((values, array) => {
      const [mean, square, gradient] = [means[array], squares[array], gradients[array]];
      for (let at = 0; at < values.length; at++) {
        mean[at] += (gradient[at] - mean[at]) * (1 - MEAN_DECAY);
        square[at] += (gradient[at] ** 2 - square[at]) * (1 - SQUARE_DECAY);
        values[at] -= (corrected * mean[at]) / (Math.sqrt(square[at]) + EPSILON);
      }
    });
  };
}
