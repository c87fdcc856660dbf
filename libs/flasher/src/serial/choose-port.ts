import type { BenchDevice } from '@graft/spec';
import { noPort, noPortWithSerial, severalPorts } from './errors';

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
  /** Where the adapter is plugged in, in words of the system. */
  readonly locationId?: string | undefined;
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

/** What is known of the port of a board on the bench. */
export type BenchPort = Pick<BenchDevice, 'name' | 'port' | 'serial'>;

/**
 * The port that is named; that of the board on the bench; the only one that can be a board.
 * @throws GraftError E429, E430, E438
 */
export async function portFor(
  machine: { list(): Promise<readonly PortFacts[]> },
  named: string | undefined,
  bench?: BenchPort,
): Promise<string> {
  if (named !== undefined) return named;
  if (bench !== undefined && bench.serial !== null) return portWithSerial(bench, bench.serial, await machine.list());
  return bench?.port ?? choosePort(await machine.list());
}

function portWithSerial({ name, port }: BenchPort, serial: string, ports: readonly PortFacts[]): string {
  // Some systems change the case.
  const isIts = ({ serialNumber }: PortFacts): boolean => serialNumber?.toLowerCase() === serial.toLowerCase();
  const found = ports.filter((one) => isIts(one) && (port === null || one.path === port));
  if (found.length === 0) throw noPortWithSerial(name, serial, port, ports);
  if (found.length > 1) throw severalPorts(found);
  return found[0].path;
}

/** The other ports of the adapter that has this one. */
export function siblingsOf(path: string, ports: readonly PortFacts[]): readonly PortFacts[] {
  const own = ports.find((port) => port.path === path);
  if (own === undefined) return [];
  const others = ports.filter((port) => port !== own);
  if (own.locationId !== undefined) return others.filter(({ locationId }) => locationId === own.locationId);
  const { serialNumber, vendorId } = own;
  return serialNumber === undefined
    ? []
    : others.filter((port) => port.serialNumber === serialNumber && port.vendorId === vendorId);
}
