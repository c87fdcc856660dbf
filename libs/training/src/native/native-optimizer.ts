import * as tf from '@tensorflow/tfjs-core';

import type { Parameter } from '../layer';
import type { Optimizer, OptimizerOptions, StepRule } from '../optimizer';
import { flag, type } from './addon';
import { nativeBackend, type Attributes } from './native-backend';
import { Variable } from './variable';

/** Parameters and what the optimizer remembers stay in the addon and are changed there; no number is copied in a step. */
export function nativeOptimizer(options: OptimizerOptions): Optimizer {
  return new NativeOptimizer(options);
}

/** One operation that moves a parameter by its gradient. */
interface Rule {
  readonly operation: string;
  readonly settings: Attributes;
  readonly memories: number;
  /** Numbers between the variables and the gradient, and those behind the gradient. */
  numbers(rate: number, steps: number): { readonly before: readonly number[]; readonly after: readonly number[] };
}

interface State {
  /** As they were before the first step, and wherever they are asked for. */
  readonly host: readonly Float32Array[];
  resident: { readonly parameter: Variable; readonly memories: readonly Variable[] } | null;
}

class NativeOptimizer implements Optimizer {
  private readonly rule: Rule;
  private readonly weightDecay: number;
  private readonly sums = new Map<Parameter, tf.Tensor>();
  private readonly states = new Map<Parameter, State>();
  private steps = 0;

  constructor({ optimizer, weightDecay }: OptimizerOptions) {
    this.rule = optimizer.name === 'adam' ? adam(optimizer) : momentum(optimizer);
    this.weightDecay = weightDecay;
  }

  add(parameter: Parameter, gradient: tf.Tensor): void {
    const before = this.sums.get(parameter);
    if (before === undefined) return void this.sums.set(parameter, gradient);
    this.sums.set(parameter, tf.add(before, gradient));
    tf.dispose([before, gradient]);
  }

  step(rate: number): void {
    this.steps++;
    const { before, after } = this.rule.numbers(rate, this.steps);
    const scalars = (values: readonly number[]) => values.map((value) => tf.scalar(value));
    const [first, last] = [scalars(before), scalars(after)];
    for (const [parameter, gradient] of this.sums) {
      const { variable, memories } = this.residentOf(parameter);
      if (parameter.decays && this.weightDecay !== 0) variable.scale(1 - rate * this.weightDecay);
      const variables = [variable, ...memories];
      for (const one of variables) one.moves();
      const native = nativeBackend();
      const ids = [...first, gradient, ...last].map(({ dataId }) => native.idOf(dataId));
      native.executeIds(this.rule.operation, this.rule.settings, [...variables.map(({ id }) => id), ...ids], 0);
      parameter.moved();
      gradient.dispose();
    }
    this.sums.clear();
    tf.dispose([...first, ...last]);
  }

  memory(parameter: Parameter): readonly Float32Array[] {
    const { host, resident } = this.stateOf(parameter);
    resident?.memories.forEach((memory, index) => memory.read(host[index]));
    return host;
  }

  resume(steps: number): void {
    this.steps = steps;
  }

  dispose(): void {
    tf.dispose([...this.sums.values()]);
    this.sums.clear();
    for (const { resident } of this.states.values()) resident?.memories.forEach((memory) => memory.dispose());
    this.states.clear();
  }

  private stateOf(parameter: Parameter): State {
    const known = this.states.get(parameter);
    if (known !== undefined) return known;
    const zeros = () => new Float32Array(parameter.values.length);
    const state: State = { host: Array.from({ length: this.rule.memories }, zeros), resident: null };
    this.states.set(parameter, state);
    return state;
  }

  private residentOf(parameter: Parameter) {
    const state = this.stateOf(parameter);
    const variable = (values: Float32Array) => new Variable(values, parameter.shape);
    const memories = state.resident?.memories ?? state.host.map(variable);
    // Who wrote into the parameter's values since has called the truth back.
    const kept = parameter.resides ? state.resident?.parameter : undefined;
    const own = kept ?? variable(parameter.values);
    if (kept === undefined) parameter.reside(own);
    state.resident = { parameter: own, memories };
    return { variable: own, memories };
  }
}

/** Kingma and Ba (2015), with the corrections of both means drawn into the rate as in Keras. */
function adam({ beta1, beta2, epsilon }: Extract<StepRule, { name: 'adam' }>): Rule {
  return {
    operation: 'ResourceApplyAdam',
    settings: { T: type('float32'), use_locking: flag(false), use_nesterov: flag(false) },
    memories: 2,
    // The corrections of both means in double precision: TensorFlow's own would lose digits in 1 − 0.999ⁿ. Without powers it makes none.
    numbers: (rate, steps) => ({
      before: [0, 0, (rate * Math.sqrt(1 - beta2 ** steps)) / (1 - beta1 ** steps), beta1, beta2, epsilon],
      after: [],
    }),
  };
}

/** velocity = momentum · velocity − rate · gradient, which is added; with Nesterov, its next value. */
function momentum({ momentum, nesterov }: Extract<StepRule, { name: 'sgd' }>): Rule {
  return {
    operation: 'ResourceApplyKerasMomentum',
    settings: { T: type('float32'), use_locking: flag(false), use_nesterov: flag(nesterov) },
    memories: 1,
    numbers: (rate) => ({ before: [rate], after: [momentum] }),
  };
}
