import type { Clock, Transport } from '../isp/transport';
import type { PortFacts } from './choose-port';
import { listPorts } from './list-ports';
import { openSerial } from './serial-transport';
import { systemClock } from './system-clock';

/** The serial ports of a machine; tests have a board of their own behind it. */
export interface SerialAccess {
  list(): Promise<readonly PortFacts[]>;
  /** @throws GraftError E431 */
  open(path: string): Promise<Transport>;
  readonly clock: Clock;
}

export const systemSerial: SerialAccess = { list: listPorts, open: openSerial, clock: systemClock };
