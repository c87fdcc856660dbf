import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { choosePort, type PortFacts } from './choose-port';
import { portNotOpened } from './errors';
import { listLinuxPorts } from './list-ports';
import { openSerial } from './serial-transport';

const CH340: PortFacts = { path: '/dev/ttyUSB0', vendorId: '1a86', productId: '7523', manufacturer: 'QinHeng' };
const MODEM: PortFacts = { path: '/dev/ttyACM0', vendorId: '1234', productId: '0001' };

test('the one port with the chip of such a board is taken', () => {
  expect(choosePort([MODEM, CH340, { path: '/dev/ttyS0' }])).toBe('/dev/ttyUSB0');
  expect(choosePort([{ path: 'COM5', vendorId: '1A86' }])).toBe('COM5');
});

test('of several nobody guesses: all are listed (E430)', () => {
  const second = { ...CH340, path: '/dev/ttyUSB1', serialNumber: 'A9007K2x', interfaceNumber: '02' };
  expect(() => choosePort([CH340, second])).toThrow(
    expect.objectContaining({
      code: 'E430',
      details: ['/dev/ttyUSB0 1a86:7523 QinHeng', '/dev/ttyUSB1 1a86:7523 QinHeng, serial A9007K2x, interface 02'],
    }),
  );
});

test('where none can be the board, the message says how to name one (E429)', () => {
  expect(() => choosePort([MODEM])).toThrow(
    expect.objectContaining({ code: 'E429', hint: expect.stringContaining('--port=') as unknown }),
  );
});

test.each([
  ['Error: No such file or directory, cannot open /dev/ttyUSB7', /plug the board in/],
  ['Error: Permission denied, cannot open /dev/ttyUSB0', /dialout/],
  ['Error: Resource temporarily unavailable Cannot lock port', /another program/],
  ['Opening COM5: Access denied', /close the program/],
  ['Error: Unknown error code 31', /another USB port/],
])('"%s" comes with what helps (E431)', (reason, hint) => {
  expect(portNotOpened('x', new Error(reason))).toMatchObject({
    code: 'E431',
    hint: expect.stringMatching(hint) as unknown,
  });
});

test('a port that is not there is told so by the real driver (E431)', async () => {
  await expect(openSerial('/dev/graft-no-such-port')).rejects.toMatchObject({
    code: 'E431',
    message: expect.stringContaining('/dev/graft-no-such-port') as unknown,
  });
});

describe('the list of the kernel', () => {
  let root: string;
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'graft-tty-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('gives USB ports with the ids of their adapters', async () => {
    const adapter = join(root, 'devices', 'usb1', '1-2');
    mkdirSync(join(adapter, '1-2:1.0', 'ttyUSB0'), { recursive: true });
    for (const [file, text] of Object.entries({ idVendor: '1a86', idProduct: '7523', manufacturer: 'QinHeng' })) {
      writeFileSync(join(adapter, file), `${text}\n`);
    }
    writeFileSync(join(adapter, '1-2:1.0', 'bInterfaceNumber'), '00\n');
    for (const name of ['ttyUSB0', 'ttyUSB10', 'ttyACM1', 'tty1', 'console'])
      mkdirSync(join(root, 'tty', name), { recursive: true });
    symlinkSync(join(adapter, '1-2:1.0', 'ttyUSB0'), join(root, 'tty', 'ttyUSB0', 'device'));
    expect(await listLinuxPorts(join(root, 'tty'))).toEqual([
      { path: '/dev/ttyACM1' },
      {
        path: '/dev/ttyUSB0',
        vendorId: '1a86',
        productId: '7523',
        manufacturer: 'QinHeng',
        serialNumber: undefined,
        interfaceNumber: '00',
        locationId: '1-2',
      },
      { path: '/dev/ttyUSB10' },
    ]);
  });

  test('that is not there gives no port', async () => {
    expect(await listLinuxPorts(join(root, 'none'))).toEqual([]);
  });
});
