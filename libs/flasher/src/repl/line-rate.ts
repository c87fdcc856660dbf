import { GraftError } from '@graft/foundation';
import { ROM_BAUD } from '../isp/enter-isp';
import type { Clock, Transport } from '../isp/transport';
import type { RawRepl } from './raw-repl';

/** The last byte of an answer leaves at the old rate. */
const SETTLE_MS = 100;

const program = (rate: number): string => `from machine import UART
import time
time.sleep_ms(20)
UART.repl_uart().init(${rate}, 8, None, 1, read_buf_len=2048)`;

type Interpreter = Pick<RawRepl, 'enter' | 'tell'>;
export interface Line {
  readonly transport: Transport;
  readonly clock: Clock;
}

/**
 * Asks the interpreter for another rate of its line, as the firmware itself does for its own editor. Where that does not
 * work, both are at 115200 baud again.
 * @returns whether the new rate works
 * @throws GraftError E432 where the board answers at neither
 */
export async function setLineRate(repl: Interpreter, line: Line, rate: number): Promise<boolean> {
  await repl.tell(program(rate));
  await line.clock.sleep(SETTLE_MS);
  if (await isTaken(repl, line.transport, rate)) return true;
  await line.transport.setBaud(ROM_BAUD);
  await repl.enter();
  return false;
}

async function isTaken(repl: Interpreter, transport: Transport, rate: number): Promise<boolean> {
  try {
    await transport.setBaud(rate);
    await repl.enter();
    return true;
  } catch (error) {
    if (error instanceof GraftError && error.code !== 'E432') throw error;
    return false;
  }
}
