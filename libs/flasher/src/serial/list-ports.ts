import { existsSync } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PortFacts } from './choose-port';

const SYSFS = '/sys/class/tty';

/** The serial ports of this machine with what is known of their adapters. */
export async function listPorts(): Promise<readonly PortFacts[]> {
  // The driver asks `udevadm` on Linux and takes the whole process down where that is missing, as in containers.
  if (process.platform === 'linux') return listLinuxPorts(SYSFS);
  const { SerialPort } = await import('serialport');
  return SerialPort.list();
}

/** @param sysfs the kernel's list of terminals: /sys/class/tty */
export async function listLinuxPorts(sysfs: string): Promise<readonly PortFacts[]> {
  const names = await readdir(sysfs).catch(() => []);
  const usb = names
    .filter((name) => /^tty(USB|ACM)\d+$/.test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return Promise.all(usb.map((name) => describe(sysfs, name)));
}

/** The adapter is the nearest folder above the terminal's device that has a vendor. */
async function describe(sysfs: string, name: string): Promise<PortFacts> {
  const path = `/dev/${name}`;
  let folder = await realpath(join(sysfs, name, 'device')).catch(() => '');
  let port = '';
  while (folder.length > 1 && !existsSync(join(folder, 'idVendor'))) {
    if (existsSync(join(folder, 'bInterfaceNumber'))) port = folder;
    folder = dirname(folder);
  }
  if (folder.length <= 1) return { path };
  const read = (file: string, from = folder): Promise<string | undefined> =>
    readFile(join(from, file), 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    );
  const [vendorId, productId, manufacturer, serialNumber] = await Promise.all(
    ['idVendor', 'idProduct', 'manufacturer', 'serial'].map((file) => read(file)),
  );
  const interfaceNumber = port === '' ? undefined : await read('bInterfaceNumber', port);
  return { path, vendorId, productId, manufacturer, serialNumber, interfaceNumber, locationId: basename(folder) };
}
