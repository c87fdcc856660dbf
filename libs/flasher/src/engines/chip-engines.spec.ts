import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiagnosticsError, silent, type StageEvent } from '@graft/foundation';
import { DEVICES } from '@graft/k210';
import { ReplBoard, type ReplBoardOptions } from '@graft/testkit';

import { deliverPlan } from '../deliver-plan';
import type { FlashOptions } from '../flash-plan';
import { BOOT_IMAGE_OVERHEAD, buildBootImage, parseBootImage } from '../isp/boot-image';
import { readKfpkg } from '../kfpkg/read-kfpkg';
import type { SerialAccess } from '../serial/serial-access';
import { systemClock } from '../serial/system-clock';
import { makePlanFolder } from '../testing/plan-folder.fixture';
import { CH340, KMODEL, Machine, prepareTiny } from '../testing/tiny-plan.fixture';
import type { DeliveryWish } from './engine';

type Engine = FlashOptions['flash']['engine'];

let folder: string;
let planFolder: string;
let stub: string;
let dispose: () => Promise<void>;

beforeEach(async () => {
  ({ folder, planFolder, stub, dispose } = await makePlanFolder());
});
afterEach(() => dispose());

const prepare = (engine: Engine, changes: Partial<FlashOptions['flash']> = {}, device = 'maix-bit'): Promise<void> =>
  prepareTiny(planFolder, { engine, modelFrom: 'flash', ...changes }, { device: DEVICES[device] });

function deliver(wish: DeliveryWish, machine = new Machine(), report: (event: StageEvent) => void = silent) {
  return deliverPlan({ planFolder, wish, serial: machine, report }, () => undefined);
}

test.each(['kfpkg', 'isp', 'kflash'] as const)(
  '%s with a model that is loaded from the card is refused (E417)',
  async (engine) => {
    const error: unknown = await prepare(engine, { modelFrom: 'sd' }).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(DiagnosticsError);
    expect(error).toMatchObject({ code: 'E417' });
    expect(await readdir(planFolder)).toEqual([]);
  },
);

test('kfpkg leaves a package with the model at its address, and the card folder for the script', async () => {
  await prepare('kfpkg');
  const { files, comment } = await readKfpkg(await readFile(join(planFolder, 'tiny.kfpkg')), 'tiny.kfpkg');
  expect(comment).toBe('{"experiment":"tiny"}');
  expect(files).toEqual([
    { name: 'tiny.kmodel', address: 0x300000, isBootImage: false, bytes: new Uint8Array(await readFile(KMODEL)) },
  ]);
  expect(await readFile(join(planFolder, 'sd/main.py'), 'utf8')).toContain('0x300000');
  const lines = (await deliver({})).join('\n');
  expect(lines).toContain(join(planFolder, 'tiny.kfpkg'));
  expect(lines).toContain('main.py');
});

test('isp writes the model to the board at the only port there is, and closes it', async () => {
  await prepare('isp');
  const machine = new Machine();
  const lines = await deliver({ stub }, machine);
  const model = await readFile(KMODEL);
  expect(Buffer.compare(machine.board.chip.read(0x300000, model.length), model)).toBe(0);
  expect(machine.opened).toEqual(['/dev/ttyUSB0']);
  expect(machine.port.isOpen).toBe(false);
  expect(lines[0]).toMatch(/^\d+ bytes written over \/dev\/ttyUSB0 and confirmed$/);
});

test('isp takes the port and the rate that are named', async () => {
  await prepare('isp');
  const machine = new Machine();
  const lines = await deliver({ stub, port: 'COM7', baud: 460_800 }, machine);
  expect(machine.opened).toEqual(['COM7']);
  expect(lines[1]).toMatch(/^at 460800 baud/);
});

test('isp closes the port when it fails', async () => {
  await prepare('isp');
  const machine = new Machine({ vanishesAfterBytes: 3000 });
  await expect(deliver({ stub }, machine)).rejects.toMatchObject({ code: 'E423' });
  expect(machine.port.isOpen).toBe(false);
});

test('isp opens no port where the stub is missing', async () => {
  await prepare('isp');
  const machine = new Machine();
  await expect(deliver({ stub: join(folder, 'none.bin') }, machine)).rejects.toMatchObject({ code: 'E428' });
  expect(machine.opened).toEqual([]);
});

test('a stub that writes 64 KiB only is not given a model that begins within them: no port is opened (E405)', async () => {
  await prepare('isp', { address: 0x301000 });
  const machine = new Machine();
  const run = deliver({ stub, stubProfile: 'kendryte-0.9' }, machine);
  await expect(run).rejects.toMatchObject({ code: 'E405' });
  expect(machine.opened).toEqual([]);
});

test('a model over the files of the board is planned with leave only, and written then', async () => {
  await expect(prepare('isp', { address: 0xd00000 })).rejects.toMatchObject({ code: 'E406' });
  await prepare('isp', { address: 0xd00000, allowFilesystem: true });
  const machine = new Machine();
  await deliver({ stub }, machine);
  const model = await readFile(KMODEL);
  expect(Buffer.compare(machine.board.chip.read(0xd00000, model.length), model)).toBe(0);
});

test('a package that was changed or removed is refused before a port is opened (E416, E415)', async () => {
  await prepare('isp');
  const machine = new Machine();
  await writeFile(join(planFolder, 'tiny.kfpkg'), 'no package');
  await expect(deliver({ stub }, machine)).rejects.toMatchObject({ code: 'E416' });
  await rm(join(planFolder, 'tiny.kfpkg'));
  await expect(deliver({ stub }, machine)).rejects.toMatchObject({ code: 'E415' });
  expect(machine.opened).toEqual([]);
});

test.each<[Engine, DeliveryWish]>([
  ['kfpkg', { port: 'COM7' }],
  ['sd', { baud: 115_200 }],
  ['isp', { card: '/media/card' }],
  ['kflash', { stub: 'stub.bin', reset: 'none' }],
])('an option that %s has no use for is refused, not ignored (E414)', async (engine, wish) => {
  await prepare(engine);
  await expect(deliver(wish)).rejects.toMatchObject({ code: 'E414' });
});

test('isp that is stopped closes the port and says what is written; flashing again mends the chip (E412)', async () => {
  await prepare('isp');
  const machine = new Machine();
  const controller = new AbortController();
  const report = (event: StageEvent): void => {
    if (event.type === 'progress' && event.done > 4096) controller.abort();
  };
  const context = { planFolder, wish: { stub }, serial: machine, report, signal: controller.signal };
  const error: unknown = await deliverPlan(context, () => undefined).catch((one: unknown) => one);
  expect(error).toMatchObject({
    code: 'E412',
    details: [expect.stringMatching(/^4096 of \d+ bytes/), /tiny/, /RESET/].map(matching),
  });
  expect(machine.port.isOpen).toBe(false);

  machine.port.isOpen = true;
  await deliver({ stub }, machine);
  const model = await readFile(KMODEL);
  expect(Buffer.compare(machine.board.chip.read(0x300000, model.length), model)).toBe(0);
});

const matching = (pattern: unknown): unknown => (pattern instanceof RegExp ? expect.stringMatching(pattern) : pattern);

describe('a firmware in the same run', () => {
  const PROGRAM = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) & 0x7f);
  const program = async (bytes: Uint8Array): Promise<string> => {
    const path = join(folder, 'maixpy.bin');
    await writeFile(path, bytes);
    return path;
  };
  const model = async (): Promise<Buffer> => readFile(KMODEL);

  test.each([
    ['dio', PROGRAM, undefined],
    ['qio', PROGRAM, 'qio' as const],
    ['dio', buildBootImage(PROGRAM, 'qio'), undefined],
  ] as const)('is written by isp as a boot image (%s), and the model after it', async (ioMode, bytes, wanted) => {
    await prepare('isp');
    const machine = new Machine();
    await deliver({ stub, firmware: await program(bytes), ...(wanted && { ioMode: wanted }) }, machine);
    const { chip } = machine.board;
    expect(parseBootImage(chip.read(0, PROGRAM.length + BOOT_IMAGE_OVERHEAD))).toEqual({ payload: PROGRAM, ioMode });
    expect(Buffer.compare(chip.read(0x300000, (await model()).length), await model())).toBe(0);
  });

  test('goes into a package of its own, which keeps the provenance; the one of the plan stays as it was', async () => {
    await prepare('kfpkg');
    const before = await readFile(join(planFolder, 'tiny.kfpkg'));
    const [line] = await deliver({ firmware: await program(PROGRAM) });
    const path = join(folder, 'flash', 'tiny-with-firmware.kfpkg');
    expect(line).toBe(`package: ${path} (2 files)`);
    expect(await readKfpkg(await readFile(path), path)).toEqual({
      files: [
        { name: 'firmware.bin', address: 0, isBootImage: true, bytes: PROGRAM },
        { name: 'tiny.kmodel', address: 0x300000, isBootImage: false, bytes: new Uint8Array(await model()) },
      ],
      comment: '{"experiment":"tiny"}',
    });
    expect((await readFile(join(planFolder, 'tiny.kfpkg'))).equals(before)).toBe(true);
  });

  test('that reaches into the model with its digest is refused before a port is opened (E407)', async () => {
    await prepare('isp', { address: 0x12000 });
    const machine = new Machine();
    const fits = new Uint8Array(0x12000 - BOOT_IMAGE_OVERHEAD);
    await deliver({ stub, firmware: await program(fits) }, machine);
    const tooLarge = deliver({ stub, firmware: await program(new Uint8Array(fits.length + 1)) }, machine);
    await expect(tooLarge).rejects.toMatchObject({ code: 'E407' });
    expect(machine.opened).toHaveLength(1);
  });

  test.each([
    ['an archive', () => Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(5000)]), /unpack it/],
    ['an ELF file', () => Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(5000)]), /\.bin/],
    ['a kmodel', model, /kmodel/],
    ['an empty file', () => Buffer.alloc(0), /0 bytes/],
  ])('that is %s is refused (E436)', async (_, bytes, reason) => {
    await prepare('kfpkg');
    const run = deliver({ firmware: await program(await bytes()) });
    await expect(run).rejects.toMatchObject({ code: 'E436', message: expect.stringMatching(reason) as unknown });
  });

  test('that is not there is refused (E436)', async () => {
    await prepare('kfpkg');
    await expect(deliver({ firmware: join(folder, 'none.bin') })).rejects.toMatchObject({ code: 'E436' });
  });
});

describe('repl', () => {
  async function onBoard(options: ReplBoardOptions, run: (board: ReplBoard, machine: SerialAccess) => Promise<void>) {
    const board = await ReplBoard.start(options);
    try {
      await run(board, { list: async () => [CH340], open: async () => board, clock: systemClock });
    } finally {
      await board.stop();
    }
  }

  test('sends the card files to the card, restarts the board, and closes the port', async () => {
    await prepare('repl', { modelFrom: 'sd' });
    await onBoard({ card: true, busy: true }, async (board, serial) => {
      const lines = await deliverPlan({ planFolder, wish: {}, serial, report: silent }, () => undefined);
      for (const name of await readdir(join(planFolder, 'sd'))) {
        expect(await board.file(`/sd/${name}`)).toEqual(await readFile(join(planFolder, 'sd', name)));
      }
      expect(board.isOpen).toBe(false);
      expect(lines).toEqual([expect.stringMatching(/^6 files sent to \/sd of the board at \/dev\/ttyUSB0/)]);
    });
  }, 30_000);

  test('sends no model that is loaded from the flash chip, and says who writes it', async () => {
    await prepare('repl');
    await onBoard({}, async (board, serial) => {
      const lines = await deliverPlan({ planFolder, wish: {}, serial, report: silent }, () => undefined);
      expect(await board.file('/flash/tiny.kmodel')).toBeNull();
      expect(await board.file('/flash/main.py')).toEqual(await readFile(join(planFolder, 'sd/main.py')));
      expect(lines[1]).toContain('isp');
    });
  }, 30_000);

  test('that is stopped closes the port, and says what the board starts (E412)', async () => {
    await prepare('repl');
    await onBoard({}, async (board, serial) => {
      const controller = new AbortController();
      const report = (event: StageEvent): void => {
        if (event.type === 'progress') controller.abort();
      };
      const context = { planFolder, wish: {}, serial, report, signal: controller.signal };
      const run = deliverPlan(context, () => undefined);
      await expect(run).rejects.toMatchObject({
        code: 'E412',
        details: [/old program/, /115200/, /RESET/].map(matching),
      });
      expect(board.isOpen).toBe(false);
      expect(await board.file('/flash/main.py')).toBeNull();
    });
  }, 30_000);

  test.each([
    [921_600, 4_500_000, /^sending \d+ bytes takes about [12] s$/],
    [921_600, 500_000, /^the board does not take 921600 baud: staying at 115200$/],
  ])(
    'asked for %i baud of a board that takes %i sends all files, and leaves the line at 115200',
    async (baud, ...row) => {
      const [highestRate, note] = row;
      await prepare('repl');
      await onBoard({ maixpy: { highestRate } }, async (board, serial) => {
        const notes: string[] = [];
        const report = (event: StageEvent): void => void (event.type === 'note' && notes.push(event.message));
        await deliverPlan({ planFolder, wish: { baud }, serial, report }, () => undefined);
        expect(notes).toContainEqual(expect.stringMatching(note));
        expect(await board.file('/flash/main.py')).toEqual(await readFile(join(planFolder, 'sd/main.py')));
        // The next one finds it where every board is.
        await board.setBaud(115_200);
        board.isOpen = true;
        await deliverPlan({ planFolder, wish: {}, serial, report }, () => undefined);
      });
    },
    60_000,
  );

  test('says what runs on the board, and warns where it has no KPU (W430)', async () => {
    await prepare('repl');
    const eventsOf = async (lacks: string[]): Promise<StageEvent[]> => {
      const events: StageEvent[] = [];
      const report = (event: StageEvent): void => void events.push(event);
      await onBoard({ maixpy: { lacks } }, async (_, serial) => {
        await deliverPlan({ planFolder, wish: {}, serial, report }, () => undefined);
      });
      return events;
    };
    const usual = await eventsOf([]);
    expect(usual[0]).toEqual({
      type: 'note',
      message: expect.stringMatching(/^the board runs micropython.*v0\.6\.2/) as unknown,
    });
    expect(usual.some(({ type }) => type === 'warning')).toBe(false);
    expect(await eventsOf(['KPU'])).toContainEqual(expect.objectContaining({ type: 'warning', code: 'W430' }));
  }, 60_000);

  test('closes the port when it fails (E435)', async () => {
    await prepare('repl', { modelFrom: 'sd' });
    await onBoard({ card: false }, async (board, serial) => {
      const run = deliverPlan({ planFolder, wish: {}, serial, report: silent }, () => undefined);
      await expect(run).rejects.toMatchObject({ code: 'E435' });
      expect(board.isOpen).toBe(false);
    });
  }, 30_000);
});

describe('kflash', () => {
  /** A program of that name which notes its arguments and then does as told. */
  async function install(script: string): Promise<void> {
    const program = join(folder, 'kflash');
    await writeFile(program, `#!/bin/sh\nprintf '%s ' "$@" > ${join(folder, 'arguments')}\n${script}\n`);
    await chmod(program, 0o755);
    process.env['PATH'] = `${folder}:${process.env['PATH'] ?? ''}`;
  }

  test.each([
    ['maix-bit', 'bit'],
    ['maix-bit-mic', 'bit_mic'],
    ['maix-go', 'goE'],
  ])('is given the package, the port and its own name for a %s', async (device, board) => {
    await install(`printf '\\rProgramming BIN: |=---| 25.0%% 84kiB/s\\rProgramming BIN: |====| 100.0%% 84kiB/s\\n'`);
    await prepare('kflash', {}, device);
    const events: StageEvent[] = [];
    const lines = await deliver({}, new Machine(), (event) => events.push(event));
    const words = (await readFile(join(folder, 'arguments'), 'utf8')).trim();
    expect(words).toBe(`-n -p /dev/ttyUSB0 -b 1500000 -B ${board} ${join(planFolder, 'tiny.kfpkg')}`);
    const size = (await readFile(KMODEL)).length;
    expect(events.at(-1)).toMatchObject({ type: 'progress', done: size, total: size, unit: 'byte' });
    expect(lines[0]).toContain('/dev/ttyUSB0');
  });

  test.each([
    ['ends with an error', 'echo "[ERROR] Greeting fail"; exit 1', 'Greeting fail'],
    ['says that a block was refused, and ends well', 'echo "[WARN] Checksum Error"; exit 0', 'Checksum Error'],
  ])('that %s has failed (E418)', async (_, script, words) => {
    await install(script);
    await prepare('kflash');
    const error = await deliver({}).catch((one: unknown) => one as { code: string; details: string[] });
    expect(error).toMatchObject({ code: 'E418' });
    expect((error as { details: string[] }).details.join('\n')).toContain(words);
  });

  test('that is stopped is ended, and how far it was is told (E412)', async () => {
    await install(`printf '\\rProgramming BIN: |=---| 25.0%% 84kiB/s\\r'; exec sleep 60`);
    await prepare('kflash');
    const controller = new AbortController();
    const report = (event: StageEvent): void => {
      if (event.type === 'progress') controller.abort();
    };
    const context = { planFolder, wish: {}, serial: new Machine(), report, signal: controller.signal };
    const run = deliverPlan(context, () => undefined);
    await expect(run).rejects.toMatchObject({ code: 'E412', details: [/about 25 %/, /mends/].map(matching) });
  });

  test('that is not installed is told so (E419)', async () => {
    process.env['PATH'] = folder;
    await prepare('kflash');
    await expect(deliver({})).rejects.toMatchObject({ code: 'E419' });
  });
});
