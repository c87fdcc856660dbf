import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent, type StageEvent } from '@graft/foundation';
import type { BenchDevice } from '@graft/spec';

import { deliverPlan } from '../deliver-plan';
import type { PortFacts } from '../serial/choose-port';
import { verifyBoard } from '../self-test/verify-board';
import { makePlanFolder } from '../testing/plan-folder.fixture';
import { CH340, KMODEL, Machine, prepareTiny } from '../testing/tiny-plan.fixture';
import type { DeliveryWish } from './engine';

const LEFT: PortFacts = { path: '/dev/ttyUSB1', vendorId: '0403', productId: '6010', serialNumber: 'A9007K2X' };
const RIGHT: PortFacts = { ...LEFT, path: '/dev/ttyUSB2', serialNumber: 'B1234567' };
const DESK: BenchDevice = {
  ...{ name: 'desk-bit', profile: 'maix-bit', port: null, serial: 'A9007K2x', baudRate: null, engine: 'auto' },
};

let folder: string;
let planFolder: string;
let stub: string;
let dispose: () => Promise<void>;

beforeEach(async () => {
  ({ folder, planFolder, stub, dispose } = await makePlanFolder());
});
afterEach(() => dispose());

async function deliver(
  changes: Partial<BenchDevice>,
  wish: DeliveryWish,
  machine: Machine,
  report: (event: StageEvent) => void = silent,
): Promise<readonly string[]> {
  const context = { planFolder, wish, bench: { ...DESK, ...changes }, serial: machine, report };
  return deliverPlan(context, () => undefined);
}

const plan = (engine: 'isp' | 'kflash' | 'repl' = 'isp') => prepareTiny(planFolder, { engine, modelFrom: 'flash' });
const among = (...ports: PortFacts[]): Machine => new Machine({}, {}, ports);

test('of several boards the one with the serial number is written, however the system spells it', async () => {
  await plan();
  const machine = among(CH340, RIGHT, LEFT);
  await deliver({}, { stub }, machine);
  expect(machine.opened).toEqual([LEFT.path]);
  const model = await readFile(KMODEL);
  expect(Buffer.compare(machine.board.chip.read(0x300000, model.length), model)).toBe(0);
});

test('a port that is named on the command line wins, also over a board that is not there', async () => {
  await plan();
  const machine = among(CH340);
  await deliver({}, { stub, port: 'COM7' }, machine);
  expect(machine.opened).toEqual(['COM7']);
});

test('a port of the bench is taken as it is named', async () => {
  await plan();
  const machine = among(CH340, LEFT);
  await deliver({ serial: null, port: '/dev/ttyS5' }, { stub }, machine);
  expect(machine.opened).toEqual(['/dev/ttyS5']);
});

test.each<[string, Partial<BenchDevice>, readonly PortFacts[], RegExp, readonly string[]]>([
  [
    'nothing is there',
    {},
    [],
    /^no serial port has the serial number "A9007K2x"/,
    ['no serial port with a USB adapter is there'],
  ],
  [
    'others are there',
    {},
    [CH340, RIGHT],
    /of the board "desk-bit"$/,
    ['/dev/ttyUSB0 1a86:?', '/dev/ttyUSB2 0403:6010, serial B1234567'],
  ],
  [
    'its port belongs to another one',
    { port: RIGHT.path },
    [LEFT, RIGHT],
    /^not \/dev\/ttyUSB2 has the serial number/,
    ['/dev/ttyUSB1 0403:6010, serial A9007K2X', '/dev/ttyUSB2 0403:6010, serial B1234567'],
  ],
])('a serial number that is not found is told with what is there, and no port is opened: %s (E438)', async (...row) => {
  const [, changes, ports, message, details] = row;
  await plan();
  const machine = among(...ports);
  const error: unknown = await deliver(changes, { stub }, machine).catch((one: unknown) => one);
  expect(error).toMatchObject({ code: 'E438', message: expect.stringMatching(message) as unknown, details });
  expect(machine.opened).toEqual([]);
});

test('two ports of one adapter are listed (E430), until the port says which of them', async () => {
  await plan();
  const second = { ...LEFT, path: '/dev/ttyUSB3', interfaceNumber: '01' };
  await expect(deliver({}, { stub }, among(LEFT, second))).rejects.toMatchObject({
    code: 'E430',
    details: [/ttyUSB1/, /ttyUSB3/].map((pattern) => expect.stringMatching(pattern) as unknown),
  });
  const machine = among(LEFT, second);
  await deliver({ port: second.path }, { stub }, machine);
  expect(machine.opened).toEqual([second.path]);
});

test('its rate is where the run begins, not where it must stay', async () => {
  await plan();
  const [, fast] = await deliver({ baudRate: 921_600 }, { stub }, among(LEFT));
  expect(fast).toMatch(/^at 921600 baud/);
  const [, lower] = await deliver({ baudRate: 921_600 }, { stub }, new Machine({ highestBaud: 500_000 }, {}, [LEFT]));
  expect(lower).toMatch(/^at 460800 baud/);
  const [, asked] = await deliver({ baudRate: 921_600 }, { stub, baud: 115_200 }, among(LEFT));
  expect(asked).toMatch(/^at 115200 baud/);
});

test('its engine writes what another one was planned for: the package is the same', async () => {
  const program = join(folder, 'kflash');
  await writeFile(program, `#!/bin/sh\nprintf '%s ' "$@" > ${join(folder, 'arguments')}\n`);
  await chmod(program, 0o755);
  process.env['PATH'] = `${folder}:${process.env['PATH'] ?? ''}`;
  await plan('isp');
  await deliver({ engine: 'kflash', baudRate: 460_800 }, {}, among(LEFT));
  expect(await readFile(join(folder, 'arguments'), 'utf8')).toMatch(/-p \/dev\/ttyUSB1 -b 460800 -B bit .*tiny\.kfpkg/);

  await plan('kflash');
  const machine = among(LEFT);
  await deliver({ engine: 'builtin' }, { stub }, machine);
  expect(machine.board.writes.length).toBeGreaterThan(0);

  await plan('isp');
  await expect(deliver({ engine: 'kflash' }, { stub }, among(LEFT))).rejects.toMatchObject({
    code: 'E414',
    message: expect.stringContaining('engine "kflash" has no use for --stub') as unknown,
  });
});

test.each(['repl', 'verify-device'])('%s looks for the board by its serial number, too (E438)', async (what) => {
  const bitmap = new Uint8Array(8);
  const selfTest = { tolerance: 0.001, pictures: [{ name: 'golden-0.bmp', bitmap, expected: [1, 0, 0] }] };
  await prepareTiny(planFolder, { engine: 'repl' }, { selfTest });
  const serial = among(RIGHT);
  const context = { planFolder, bench: DESK, serial, report: silent };
  const run = what === 'repl' ? deliverPlan({ ...context, wish: {} }, () => undefined) : verifyBoard(context);
  await expect(run).rejects.toMatchObject({ code: 'E438' });
  expect(serial.opened).toEqual([]);
});

test('no answer on one of two ports of an adapter names the other one (E421)', async () => {
  await prepareTiny(planFolder, { engine: 'isp', modelFrom: 'flash' });
  const silentBoard = { faults: { toHost: () => [] } };
  const ports = [
    { path: 'COM5', vendorId: '1A86', locationId: '1-2' },
    { path: 'COM6', vendorId: '1A86', locationId: '1-2' },
    { path: 'COM9', vendorId: '1A86', locationId: '1-4' },
  ];
  const wish = { stub, port: 'COM5' };
  const fail = (list: readonly PortFacts[]): Promise<unknown> =>
    deliverPlan(
      { planFolder, wish, serial: new Machine({}, silentBoard, list), report: silent },
      () => undefined,
    ).catch((error: unknown) => error);
  expect(await fail(ports)).toMatchObject({
    code: 'E421',
    message: expect.stringMatching(/on COM5$/) as unknown,
    hint: expect.stringMatching(/^COM6 belongs to the same USB device: use it with --port=COM6/) as unknown,
  });
  expect(await fail(ports.slice(0, 1))).toMatchObject({
    code: 'E421',
    hint: expect.not.stringContaining('COM6') as unknown,
  });
  const twins = [
    { path: 'COM5', vendorId: '0403', serialNumber: 'X1' },
    { path: 'COM8', vendorId: '0403', serialNumber: 'X1' },
  ];
  expect(await fail(twins)).toMatchObject({ hint: expect.stringContaining('--port=COM8') as unknown });
});
