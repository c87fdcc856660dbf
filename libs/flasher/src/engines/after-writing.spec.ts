import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent, type StageEvent } from '@graft/foundation';
import type { MaixPyBoard } from '@graft/testkit';

import { deliverPlan } from '../deliver-plan';
import { BOOT_IMAGE_OVERHEAD } from '../isp/boot-image';
import { FlashedBoard } from '../testing/flashed-board.fixture';
import { KMODEL, prepareTiny, STUB } from '../testing/tiny-plan.fixture';
import type { DeliveryWish } from './engine';

const FIRMWARE = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) & 0x7f);
const GOLDEN = { name: 'golden-0.bmp', bitmap: new Uint8Array(3000).fill(7), expected: [1, 0, 0] };
const SELF_TEST = { tolerance: 0.001, pictures: [GOLDEN] };

let folder: string;
let planFolder: string;
let stub: string;
let firmware: string;
let board: FlashedBoard | undefined;
const boards: FlashedBoard[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graft-after-'));
  planFolder = join(folder, 'plan');
  await mkdir(planFolder);
  [stub, firmware] = [join(folder, 'stub.bin'), join(folder, 'maixpy.bin')];
  await writeFile(stub, STUB);
  await writeFile(firmware, FIRMWARE);
});
afterEach(async () => {
  await Promise.all(boards.splice(0).map((one) => one.stop()));
  await rm(folder, { recursive: true, force: true });
});

interface Run {
  readonly wish: DeliveryWish;
  readonly runs?: Partial<MaixPyBoard> | null;
  readonly wear?: (chip: Uint8Array) => void;
  readonly signal?: AbortSignal;
  readonly report?: (event: StageEvent) => void;
}

function boardOn(...of: ConstructorParameters<typeof FlashedBoard>): FlashedBoard {
  const made = new FlashedBoard(...of);
  boards.push(made);
  return made;
}

function deliver({ wish, runs = {}, wear, signal, report = silent }: Run): Promise<readonly string[]> {
  board = boardOn(runs, wear);
  const context = { planFolder, wish: { stub, ...wish }, serial: board, report };
  return deliverPlan({ ...context, ...(signal && { signal }) }, () => undefined);
}

const prepare = () => prepareTiny(planFolder, { engine: 'isp', modelFrom: 'flash' }, { selfTest: SELF_TEST });

test('--readBack lets the firmware read what was written, and compares, over the line at 115200 baud', async () => {
  await prepare();
  const events: StageEvent[] = [];
  const lines = await deliver({ wish: { firmware, readBack: true }, report: (event) => events.push(event) });
  const bytes = FIRMWARE.length + BOOT_IMAGE_OVERHEAD + (await readFile(KMODEL)).length;
  expect(lines[2]).toBe(`${bytes} bytes read back from the flash chip by the firmware: as they were written`);
  expect(board?.rates.at(-1)).toBe(115_200);
  expect(board?.machine.port.isOpen).toBe(false);
  const last = events.filter(({ type }) => type === 'progress').at(-1);
  expect(last).toMatchObject({ task: 'reading tiny.kmodel back', done: bytes, total: bytes });
}, 30_000);

test.each([
  ['tiny.kmodel at 0x300000', 0x300000 + 3000],
  ['firmware.bin at 0x0', 69_000],
])(
  '--readBack tells where the chip has lost one bit of %s that it had confirmed (E445)',
  async (what, at) => {
    await prepare();
    const wear = (chip: Uint8Array): void => void (chip[at] ^= 0x10);
    await expect(deliver({ wish: { firmware, readBack: true }, wear })).rejects.toMatchObject({
      code: 'E445',
      message: expect.stringContaining(`does not hold ${what},`) as unknown,
    });
    expect(board?.machine.port.isOpen).toBe(false);
  },
  30_000,
);

test('--readBack on a board without MaixPy says that all is written, and what is missing (E446)', async () => {
  await prepare();
  await expect(deliver({ wish: { readBack: true }, runs: null })).rejects.toMatchObject({
    code: 'E446',
    message: expect.stringMatching(/^the flash chip is written and confirmed; .*does not answer/) as unknown,
    hint: expect.stringContaining('--firmware') as unknown,
  });
  await expect(deliver({ wish: { readBack: true }, runs: { lacks: ['Maix'] } })).rejects.toMatchObject({
    code: 'E446',
    message: expect.stringContaining('Maix') as unknown,
  });
}, 60_000);

test('--sendScript brings script and self-test to the files of the board, without the model, which is in the chip', async () => {
  await prepare();
  const lines = await deliver({ wish: { readBack: true, sendScript: true } });
  expect(lines.at(-1)).toMatch(/^\d files sent to \/flash of the board and read back/);
  for (const name of await readdir(join(planFolder, 'sd'))) {
    const planned = await readFile(join(planFolder, 'sd', name));
    expect(await board?.maixpy?.file(`/flash/${name}`)).toEqual(name.endsWith('.kmodel') ? null : planned);
  }
}, 30_000);

test('--sendScript that is stopped says what the chip holds, and starts the board again (E412)', async () => {
  await prepare();
  const controller = new AbortController();
  const report = (event: StageEvent): void => {
    if (event.type === 'progress' && event.task.startsWith('sending')) controller.abort();
  };
  const run = deliver({ wish: { sendScript: true }, signal: controller.signal, report });
  await expect(run).rejects.toMatchObject({
    code: 'E412',
    details: [/every byte of the flash chip/, /told to start/].map((one) => expect.stringMatching(one) as unknown),
  });
  expect(await board?.maixpy?.file('/flash/main.py')).toBeNull();
}, 30_000);

test('kflash is read back as well, whatever it says of its success (E445)', async () => {
  await prepareTiny(planFolder, { engine: 'kflash', modelFrom: 'flash' });
  const program = join(folder, 'kflash');
  await writeFile(program, '#!/bin/sh\nexit 0\n');
  await chmod(program, 0o755);
  const oldPath = process.env['PATH'];
  process.env['PATH'] = `${folder}:${oldPath ?? ''}`;
  try {
    board = boardOn({});
    board.machine.board.state = 'running';
    const context = { planFolder, wish: { readBack: true }, serial: board, report: silent };
    await expect(deliverPlan(context, () => undefined)).rejects.toMatchObject({ code: 'E445' });
  } finally {
    process.env['PATH'] = oldPath;
  }
}, 30_000);

test('without them nothing waits for a firmware, and what is left to do is said', async () => {
  await prepare();
  const lines = await deliver({ wish: {}, runs: null });
  expect(lines.at(-1)).toMatch(/^neither script nor self-test are on the chip: copy all files of .* but the model/);
});
