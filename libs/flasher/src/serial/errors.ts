import { GraftError, reasonOf } from '@graft/foundation';
import type { PortFacts } from './choose-port';

export const noPort = (): GraftError =>
  new GraftError('E429', {
    message: 'no serial port of a board is there',
    hint: 'plug the board in with a cable that carries data, or name the port: --port=/dev/ttyUSB0, --port=COM5',
  });

export const severalPorts = (ports: readonly PortFacts[]): GraftError =>
  new GraftError('E430', {
    message: `${ports.length} serial ports could be the board`,
    details: ports.map(describePort),
    hint: `name one of them, for example --port=${ports[0]?.path ?? ''}; of two ports of one board only one answers`,
  });

/** @param port the only one that may have it; null: any */
export const noPortWithSerial = (
  device: string,
  serial: string,
  port: string | null,
  ports: readonly PortFacts[],
): GraftError =>
  new GraftError('E438', {
    message: `${port === null ? 'no serial port' : `not ${port}`} has the serial number "${serial}" of the board "${device}"`,
    details: ports.length === 0 ? ['no serial port with a USB adapter is there'] : ports.map(describePort),
    hint:
      `plug that board in, or change devices.${device}.serial in project.yaml (a CH340 has no serial number: name its ` +
      'port in place of it); --port=<port> takes another one for this run',
  });

/** The message of the driver says what the system said; what helps depends on it. */
export function portNotOpened(path: string, cause: unknown): GraftError {
  const reason = reasonOf(cause);
  return new GraftError('E431', {
    message: `the serial port ${path} cannot be opened: ${reason}`,
    hint: REMEDIES.find(([pattern]) => pattern.test(reason))?.[1] ?? 'plug the board in again, or try another USB port',
    cause,
  });
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/no such|not found|cannot find/i, 'there is no such port: plug the board in, and look at its name'],
  [
    /permission|denied|EACCES/i,
    'on Linux, add yourself to the group of the port (dialout, uucp) and log in again; elsewhere close the program that holds it',
  ],
  [
    /lock|busy|temporarily unavailable|in use/i,
    'another program holds the port: close terminals, editors and flashing tools',
  ],
];

function describePort({ path, vendorId, productId, manufacturer, serialNumber, interfaceNumber }: PortFacts): string {
  const ids = vendorId === undefined ? '' : ` ${vendorId}:${productId ?? '?'}`;
  return `${path}${ids}${manufacturer === undefined ? '' : ` ${manufacturer}`}${serialNumber === undefined ? '' : `, serial ${serialNumber}`}${interfaceNumber === undefined ? '' : `, interface ${interfaceNumber}`}`;
}
