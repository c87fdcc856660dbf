import { GraftError } from '@graft/foundation';
import type { Clock, Transport } from '../isp/transport';
import { replStopped } from './errors';
import { RawRepl } from './raw-repl';

export interface ReplContext {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** What a stopped run leaves on the board, for people. */
  readonly state?: readonly string[];
}

const TOLD = 'the board was told to start its own program again; where it does not, press RESET';
const NOT_TOLD = 'its program is halted: press RESET to start it again';

/**
 * Lets `work` use the interpreter of a board. However that ends, the board starts its own program anew: left in raw mode it
 * would answer neither a terminal nor its camera.
 * @throws GraftError E412 with what the board does now, E432, and what `work` throws
 */
export async function withRepl<T>(
  { transport, clock, signal, state = [] }: ReplContext,
  work: (repl: RawRepl) => Promise<T>,
): Promise<T> {
  const repl = new RawRepl(transport, clock, signal);
  try {
    await repl.enter();
    const result = await work(repl);
    await repl.leave();
    return result;
  } catch (error) {
    const isTold = await repl.letGo();
    if (!(error instanceof GraftError) || error.code !== 'E412') throw error;
    throw replStopped([...state, isTold ? TOLD : NOT_TOLD]);
  }
}
