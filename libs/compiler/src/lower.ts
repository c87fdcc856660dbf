import type { QuantizedGraph } from '@graft/quantization';

import type { Program } from './kpu-program';
import { PASSES, programOf } from './passes';
import { verify } from './verify';

/** A program after the pass of that name; the first one is as it came in and is called "lower". */
export interface PassState {
  readonly pass: string;
  readonly program: Program;
}

/**
 * Runs pass after pass and checks the program after each; the last state is finished. A caller sees every state up to
 * the one at which a pass gives up. @throws GraftError E302 … E313
 */
export function* lower(graph: QuantizedGraph): Generator<PassState, void, undefined> {
  let program = programOf(graph);
  verify(program, 'lower');
  yield { pass: 'lower', program };
  for (const { name, run } of PASSES) {
    program = run(program);
    verify(program, name);
    yield { pass: name, program };
  }
}
