import type { TrainSection } from '@graft/spec';

import { HostGradients, type GradientSums } from './chain';
import type { Parameter } from './layer';

type Choice = TrainSection['optimizer'];

/** An optimizer that goes step by step. */
export type StepRule = Exclude<Choice, { name: 'ridge' }>;

/** @throws Error where nothing goes step by step */
export function stepRule(optimizer: Choice): StepRule {
  if (optimizer.name === 'ridge') throw new Error('internal: ridge has no steps');
  return optimizer;
}

export interface OptimizerOptions {
  readonly optimizer: StepRule;
  /** Decoupled (Loshchilov and Hutter, 2019), as in Keras: each step takes rate · weightDecay of every kernel away. */
  readonly weightDecay: number;
}

/** Gathers gradients and changes the parameters' values by one step. */
export interface Optimizer extends GradientSums {
  /** By the gradients that were added since the last step. */
  step(rate: number): void;
  /** What it remembers of a parameter. Before the first step it may be overwritten by what was remembered in an earlier run. */
  memory(parameter: Parameter): readonly Float32Array[];
  /** Takes up an earlier run after so many steps. */
  resume(steps: number): void;
  dispose(): void;
}

/** Works on plain numbers in float32 storage and double precision, so that it is the same on every back end. */
export function createOptimizer(options: OptimizerOptions): Optimizer {
  const rule = options.optimizer.name === 'adam' ? adam(options.optimizer) : sgd(options.optimizer);
  const gradients = new HostGradients();
  let steps = 0;
  return {
    add: (parameter, gradient) => gradients.add(parameter, gradient),
    step: (rate) => {
      const shrink = 1 - rate * options.weightDecay;
      steps++;
      for (const [parameter, gradient] of gradients) {
        const { values, decays } = parameter;
        if (decays && shrink !== 1) for (let at = 0; at < values.length; at++) values[at] *= shrink;
        rule.move(parameter, gradient, { rate, steps });
        parameter.refresh();
      }
      gradients.clear();
    },
    memory: (parameter) => rule.memories.map((memory) => memory.of(parameter)),
    resume: (earlier) => void (steps = earlier),
    dispose: () => gradients.clear(),
  };
}

interface Step {
  readonly rate: number;
  /** From 1. */
  readonly steps: number;
}

interface Rule {
  readonly memories: readonly Memory[];
  move(parameter: Parameter, gradient: Float32Array, step: Step): void;
}

/** Kingma and Ba (2015), with the corrections of both means drawn into the rate as in Keras. */
function adam(options: Extract<StepRule, { name: 'adam' }>): Rule {
  const { beta1, beta2, epsilon } = options;
  const means = new Memory();
  const squares = new Memory();
  return {
    memories: [means, squares],
    move: (parameter, gradient, { rate: given, steps }) => {
      const { values } = parameter;
      const mean = means.of(parameter);
      const square = squares.of(parameter);
      const rate = (given * Math.sqrt(1 - beta2 ** steps)) / (1 - beta1 ** steps);
      const [toMean, toSquare] = [1 - beta1, 1 - beta2];
      for (let at = 0; at < values.length; at++) {
        const slope = gradient[at];
        const first = Math.fround(mean[at] + (slope - mean[at]) * toMean);
        const second = Math.fround(square[at] + (slope * slope - square[at]) * toSquare);
        mean[at] = first;
        square[at] = second;
        values[at] -= (rate * first) / (Math.sqrt(second) + epsilon);
      }
    },
  };
}

function sgd(options: Extract<StepRule, { name: 'sgd' }>): Rule {
  const { momentum, nesterov } = options;
  const velocities = new Memory();
  return {
    memories: [velocities],
    move: (parameter, gradient, { rate }) => {
      const { values } = parameter;
      const velocity = velocities.of(parameter);
      for (let at = 0; at < values.length; at++) {
        velocity[at] = momentum * velocity[at] - rate * gradient[at];
        values[at] += nesterov ? momentum * velocity[at] - rate * gradient[at] : velocity[at];
      }
    },
  };
}

/** Numbers that an optimizer remembers for each parameter; 0 at first. */
class Memory {
  private readonly arrays = new Map<Parameter, Float32Array>();

  of(parameter: Parameter): Float32Array {
    const known = this.arrays.get(parameter) ?? new Float32Array(parameter.values.length);
    this.arrays.set(parameter, known);
    return known;
  }
}
