import { noPort, severalPorts } from './errors';

/** What the system tells of a port. */
export interface PortFacts {
  readonly path: string;
  /** Four hexadecimal digits. */
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
  /** Of an adapter with several ports: two hexadecimal digits, from 00. */
  readonly interfaceNumber?: string | undefined;
}

/** Makers of the USB-to-serial chips on these boards: WCH, FTDI, Prolific, Silicon Labs, Keil (CMSIS-DAP). */
const VENDORS = ['1a86', '0403', '067b', '10c4', 'c251'];

/**
 * The one port that can be the board. Where several can, nobody guesses: the wrong one may belong to another device.
 * @throws GraftError E429 where none can, E430 where several can
 */
export function choosePort(ports: readonly PortFacts[]): string {
  const candidates = ports.filter(({ vendorId }) => vendorId !== undefined && VENDORS.includes(vendorId.toLowerCase()));
  const [only, ...others] = candidates;
  if (only === undefined) throw noPort();
  if (others.length > 0) throw severalPorts(candidates);
  return only.path;
}

/** The port that is named, or the only one that can be the board. @throws GraftError E429, E430 */
export async function portFor(
  machine: { list(): Promise<readonly PortFacts[]> },
  named: string | undefined,
): Promise<string> {
  return named ?? choosePort(await machine.list());
}
