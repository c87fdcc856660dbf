import { GraftError, type StageEvent } from '@graft/foundation';
import {
  type BoardFaults,
  FakeK210,
  FakePort,
  VirtualClock,
  type FakeK210Options,
  type FakePortOptions,
} from '@graft/testkit';
import fc from 'fast-check';

import { flashOverIsp, type IspOptions, type IspResult } from './flash-over-isp';
import { STUB_PROFILES } from './stub-profiles';

const STUB = Uint8Array.from({ length: 3000 }, (_, index) => index * 31 + 5);
const ADDRESS = 0x300000;
const noise = (bytes: number, seed = 1): Uint8Array => {
  let state = seed;
  return Uint8Array.from({ length: bytes }, () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) >> 16);
};

interface Setting {
  readonly board?: Partial<FakeK210Options>;
  readonly port?: FakePortOptions;
  readonly options?: Partial<IspOptions>;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: StageEvent) => void;
}

class Bench {
  readonly clock = new VirtualClock();
  readonly board: FakeK210;
  readonly port: FakePort;
  readonly events: StageEvent[] = [];

  constructor(
    readonly image: Uint8Array,
    private readonly setting: Setting = {},
  ) {
    this.board = new FakeK210({ wiring: 'A', stub: STUB, ...setting.board });
    this.port = new FakePort(this.board, this.clock, setting.port);
  }

  flash(): Promise<IspResult> {
    const options: IspOptions = {
      device: 'maix-bit',
      images: [{ name: 'model.kmodel', address: ADDRESS, bytes: this.image }],
      stub: STUB,
      baud: 1_500_000,
      baudIsPinned: false,
      reset: 'auto',
      ...this.setting.options,
    };
    const report = (event: StageEvent): void => {
      this.events.push(event);
      this.setting.onEvent?.(event);
    };
    const { port: transport, clock } = this;
    return flashOverIsp(options, {
      transport,
      clock,
      report,
      ...(this.setting.signal && { signal: this.setting.signal }),
    });
  }

  async failure(): Promise<GraftError> {
    const error: unknown = await this.flash().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof GraftError) return error;
    throw new Error(`not refused: ${String(error)}`);
  }

  get holds(): boolean {
    return Buffer.compare(this.board.chip.read(ADDRESS, this.image.length), this.image) === 0;
  }

  count(op: number): number {
    return this.board.commands.get(op) ?? 0;
  }
}

test('an image arrives, the rest of its last sector is 0xFF, and the board starts its program', async () => {
  const bench = new Bench(noise(200_001));
  const result = await bench.flash();
  expect(bench.holds).toBe(true);
  expect(bench.board.chip.read(ADDRESS + 200_001, 4096 * 49 - 200_001).every((byte) => byte === 0xff)).toBe(true);
  expect(result).toMatchObject({ baud: 1_500_000, bytes: 4096 * 49, resends: 0 });
  expect([0xc2, 0xc3, 0xc5, 0xd6, 0xd7, 0xd4, 0xd5].map((op) => bench.count(op))).toEqual([1, 3, 1, 1, 1, 4, 1]);
  expect(bench.board.state).not.toBe('stub');
});

test('a step of the reset sets both lines at once', async () => {
  const bench = new Bench(noise(10));
  await bench.flash();
  const lines = bench.board.lineEvents.map(({ dtr, rts }) => `${Number(dtr)}${Number(rts)}`);
  expect(lines).toEqual(['00', '01', '10', '00', '01', '00']);
});

test.each([
  ['maix-bit', 'A'],
  ['maix-bit-mic', 'B'],
  ['maix-bit', 'B'],
  ['maixduino', 'A'],
] as const)('a %s that is wired %s is found', async (device, wiring) => {
  const bench = new Bench(noise(5000), { board: { wiring }, options: { device } });
  await bench.flash();
  expect(bench.holds).toBe(true);
});

test('several files are written in order of their addresses, and nothing between them', async () => {
  const bench = new Bench(noise(5000), {
    options: {
      images: [
        { name: 'b', address: 0x500000, bytes: noise(70_000, 2) },
        { name: 'a', address: 0x300000, bytes: noise(5000) },
      ],
    },
  });
  await bench.flash();
  expect(bench.holds).toBe(true);
  expect(Buffer.compare(bench.board.chip.read(0x500000, 70_000), noise(70_000, 2))).toBe(0);
  expect(
    [...bench.board.chip.erases.keys()].every((sector) => [0x300, 0x301].includes(sector) || sector >= 0x500),
  ).toBe(true);
});

describe('a fault', () => {
  const image = noise(140_000);
  const BLOCK = 0xd4;

  test.each<[string, Setting]>([
    ['one byte dropped in a block', { board: { faults: { toBoard: (at, byte) => (at === 60_000 ? [] : [byte]) } } }],
    [
      'one byte changed in a block',
      { board: { faults: { toBoard: (at, byte) => (at === 60_000 ? [byte ^ 4] : [byte]) } } },
    ],
    ['a wrong checksum that is none', { board: onAnswer(BLOCK, 1, { code: 0xe2, ignoreCommand: true }) }],
    ['busy once', { board: onAnswer(BLOCK, 1, { code: 0xe7, ignoreCommand: true }) }],
    ['no answer to a block', { board: onAnswer(BLOCK, 1, { silent: true }) }],
    ['an answer twice', { board: onAnswer(BLOCK, 1, { twice: true }) }],
    ['an answer twice, the second one late', { board: onAnswer(BLOCK, 0, { twice: true }) }],
    ['garbage before an answer', { board: onAnswer(BLOCK, 1, { before: [1, 2, 0xdb, 7] }) }],
    ['an answer that carries C0 and DB', { board: onAnswer(BLOCK, 1, { text: [0xc0, 0xdb, 0xdc, 0xdd, 0xc0] }) }],
    ['answers that are read byte by byte', { port: { reads: 'bytes' } }],
    [
      'a debug message and the answer behind it in one read',
      { port: { reads: 'bursts' }, board: onAnswer(BLOCK, 1, { before: [0xc0, 0xd1, 0, 0x68, 0x69, 0xc0] }) },
    ],
    ['two answers in one read', { port: { reads: 'bursts' }, board: onAnswer(BLOCK, 1, { twice: true }) }],
    ['garbage before the first answer of the boot ROM', { board: onAnswer(0xc2, 0, { before: [0, 0xff, 0x0d] }) }],
    ['an answer to the boot command', { board: onAnswer(0xc5, 0, { code: 0xe0 }) }],
    ['a debug message before an answer', { board: onAnswer(BLOCK, 1, { before: [0xc0, 0xd1, 0, 0x68, 0x69, 0xc0] }) }],
    [
      'a byte dropped while the stub is loaded',
      { board: { faults: { toBoard: (at, byte) => (at === 1500 ? [] : [byte]) } } },
    ],
    ['no answer to a piece of the stub', { board: onAnswer(0xc3, 1, { silent: true }) }],
    ['a slow stub', { board: { stubBootMs: 800 } }],
    ['the first greeting of the stub lost', { board: onAnswer(0xd2, 0, { silent: true }) }],
    ['an answer to the new rate', { board: { answersBaud: true } }],
    ['a slow flash chip', { board: { flashMsPer64KiB: 330 } }],
  ])('%s: the image arrives', async (_, setting) => {
    const bench = new Bench(image, setting);
    await bench.flash();
    expect(bench.holds).toBe(true);
  });

  test('a byte lost while the stub is loaded costs that piece again, at the same address', async () => {
    const bench = new Bench(image, { board: { faults: { toBoard: (at, byte) => (at === 1500 ? [] : [byte]) } } });
    await bench.flash();
    expect(bench.count(0xc5)).toBe(1);
    expect(bench.count(0xc3)).toBe(4);
  });

  test('a debug message of the board is passed on', async () => {
    const bench = new Bench(image, { board: onAnswer(BLOCK, 0, { before: [0xc0, 0xd1, 0, 0x68, 0x69, 0xc0] }) });
    await bench.flash();
    expect(bench.events).toContainEqual({ type: 'note', message: 'the board says: hi' });
  });

  test.each([
    [0xe1, 'E1 (wrong data length)'],
    [0xe6, 'E6 (writing failed)'],
  ])('answer %i to a block ends the run at once, with the address (E422)', async (code, text) => {
    const bench = new Bench(image, { board: onAnswer(BLOCK, 1, { code, ignoreCommand: true }) });
    const error = await bench.failure();
    expect(error).toMatchObject({ code: 'E422' });
    expect(error.message).toBe(`model.kmodel could not be written at 0x310000: the board answers ${text}`);
  });

  test('a block that is never confirmed ends the run after five attempts (E422)', async () => {
    const answer = (op: number) => (op === BLOCK ? { silent: true } : undefined);
    const bench = new Bench(image, { board: { faults: { answer } } });
    expect(await bench.failure()).toMatchObject({ code: 'E422' });
    expect(bench.count(BLOCK)).toBe(5);
    expect(bench.clock.now()).toBeLessThan(60_000);
  });

  test('a flash chip that does not start ends the run (E426)', async () => {
    const answer = (op: number) => (op === 0xd7 ? { code: 0xe4, ignoreCommand: true } : undefined);
    expect(await new Bench(image, { board: { faults: { answer } } }).failure()).toMatchObject({ code: 'E426' });
  });

  test('a stub that never starts ends the run (E424)', async () => {
    const bench = new Bench(image, { options: { stub: STUB.map((byte) => byte ^ 1) } });
    expect(await bench.failure()).toMatchObject({ code: 'E424' });
    expect(bench.count(0xc5)).toBe(3);
  });

  test('an erase of the whole chip in place of a block is made good from the first block on', async () => {
    let blocks = 0;
    const toBoard = (at: number, byte: number): readonly number[] => {
      // The command of the second block arrives as another one; its checksum does not cover it.
      if (byte === BLOCK && at > 60_000 && blocks++ === 0) return [0xd3];
      return [byte];
    };
    const plain = Uint8Array.from({ length: 140_000 }, (_, index) => index % 0x80);
    const bench = new Bench(plain, { board: { faults: { toBoard } } });
    await bench.flash();
    expect(bench.count(0xd3)).toBe(1);
    expect(bench.holds).toBe(true);
  });
});

test('C0 and DB arrive wherever they lie in a block, also at its edges', async () => {
  const image = Uint8Array.from(
    { length: 2 * 65_536 + 4096 },
    (_, at) => [0xc0, 0xdb, 0xdc, 0xdd][at % 3 ? at % 4 : 0],
  );
  for (const edge of [0, 65_535, 65_536, 131_071, 131_072, image.length - 1])
    image[edge] = edge % 2 === 0 ? 0xc0 : 0xdb;
  const bench = new Bench(image);
  expect(await bench.flash()).toMatchObject({ resends: 0 });
  expect(bench.holds).toBe(true);
});

describe('a stub', () => {
  const image = noise(140_000);

  test.each([
    ['sipeed-1.0', { writeLengths: [65_536, 4096] }],
    ['ktool', { writeLengths: [65_536, 4096], stubAddress: 0x805e_0000, answersBaud: true, executesStatus: true }],
    ['kendryte-0.9', { writeLengths: [65_536] }],
    ['kflash-1.1', {}],
  ] as const)('like %s is loaded where it belongs and given what it takes', async (name, board) => {
    const busy = onAnswer(0xd4, 1, { code: 0xe7, ignoreCommand: true });
    const bench = new Bench(image, { board: { ...board, ...busy }, options: { stubProfile: STUB_PROFILES[name] } });
    await bench.flash();
    expect(bench.holds).toBe(true);
  });

  test('that writes 64 KiB only gets the end of a file padded with 0xFF', async () => {
    const options = { stubProfile: STUB_PROFILES['kendryte-0.9'] };
    const bench = new Bench(image, { board: { writeLengths: [65_536] }, options });
    expect(await bench.flash()).toMatchObject({ bytes: 3 * 65_536 });
    const rest = bench.board.chip.read(ADDRESS + image.length, 3 * 65_536 - image.length);
    expect(rest.every((byte) => byte === 0xff)).toBe(true);
  });

  test('of another kind than it was taken for ends the run at the first block (E422)', async () => {
    const bench = new Bench(image.subarray(0, 5000), { board: { writeLengths: [65_536] } });
    expect(await bench.failure()).toMatchObject({ code: 'E422', message: expect.stringContaining('E1') as unknown });
  });
});

test('which wiring the board answers to is told where it is not the usual one of that board', async () => {
  const told = async (wiring: 'A' | 'B'): Promise<StageEvent[]> => {
    const bench = new Bench(noise(10), { board: { wiring } });
    await bench.flash();
    return bench.events.filter(({ type }) => type === 'note');
  };
  expect(await told('B')).toEqual([{ type: 'note', message: 'the board answers to reset wiring B' }]);
  expect(await told('A')).toEqual([]);
});

test('each step of a reset is held for 100 ms, or as long as is asked for', async () => {
  const gaps = async (options: Partial<IspOptions>): Promise<number[]> => {
    const bench = new Bench(noise(10), { options });
    await bench.flash();
    const [first, second, third] = bench.board.lineEvents.map(({ at }) => at);
    return [second - first, third - second];
  };
  expect(await gaps({})).toEqual([100, 100]);
  expect(await gaps({ resetHoldMs: 30 })).toEqual([30, 30]);
});

test('a board without lines that is too busy to restart is asked once more after five seconds', async () => {
  const options = { reset: 'none' as const };
  const busy = onAnswer(0xd5, 0, { code: 0xe7, ignoreCommand: true });
  const bench = new Bench(noise(10), { board: busy, port: { hasModemLines: false }, options });
  bench.board.setLines({ dtr: false, rts: true }, 0);
  bench.board.setLines({ dtr: true, rts: false }, 10);
  await bench.flash();
  expect(bench.count(0xd5)).toBe(2);
  expect(bench.clock.now()).toBeGreaterThan(5000);
  expect(bench.board.state).not.toBe('stub');
});

describe('a chip that is busy', () => {
  const busyBoard: BoardFaults = {
    answer: (op, nth) => {
      if (op === 0xd4 && nth === 0) return { code: 0xe7, ignoreCommand: true };
      return op === 0xd9 && nth < 3 ? { code: 0xe7 } : undefined;
    },
  };

  test('is asked each half second until it is through, and then given the block again', async () => {
    const bench = new Bench(noise(70_000), {
      board: { faults: busyBoard },
      options: { stubProfile: STUB_PROFILES['kflash-1.1'] },
    });
    await bench.flash();
    expect(bench.holds).toBe(true);
    expect(bench.count(0xd9)).toBe(4);
  });

  test('is not asked by a stub that may take the question for a command', async () => {
    const bench = new Bench(noise(70_000), { board: { faults: busyBoard } });
    await bench.flash();
    expect(bench.holds).toBe(true);
    expect(bench.count(0xd9)).toBe(0);
  });
});

describe('the rate', () => {
  test('goes down when two blocks in a row needed another attempt, and what is written stays', async () => {
    const answer = (op: number, nth: number) =>
      op === 0xd4 && (nth === 0 || nth === 2) ? { code: 0xe2, ignoreCommand: true } : undefined;
    const bench = new Bench(noise(300_000), { board: { faults: { answer } } });
    expect(await bench.flash()).toMatchObject({ baud: 921_600, resends: 2 });
    expect(bench.holds).toBe(true);
    expect(bench.board.writes[2].address).toBe(ADDRESS + 0x20000);
  });

  test('goes down where the port refuses one', async () => {
    const bench = new Bench(noise(5000), { port: { highestBaud: 500_000 } });
    expect(await bench.flash()).toMatchObject({ baud: 460_800 });
    expect(bench.holds).toBe(true);
  });

  test('goes down where the board cannot keep one', async () => {
    const bench = new Bench(noise(5000), { board: { garblesAbove: 1_000_000 } });
    expect(await bench.flash()).toMatchObject({ baud: 921_600 });
  });

  test('stays where it is pinned: a rate that does not work is an error (E424)', async () => {
    const options = { baud: 2_000_000, baudIsPinned: true };
    const bench = new Bench(noise(5000), { options, board: { garblesAbove: 1_000_000 } });
    expect(await bench.failure()).toMatchObject({ code: 'E424' });
  });

  test.each([115_200, 921_600, 1_500_000, 2_000_000])('at %i baud the line is used to 95 %% and more', async (baud) => {
    const bench = new Bench(noise(10 * 65_536), { options: { baud, baudIsPinned: true } });
    const { bytes, milliseconds } = await bench.flash();
    expect((bytes * 10_000) / (baud * milliseconds)).toBeGreaterThan(0.95);
  });
});

describe('a board that is not there', () => {
  test('is told after 15 resets, within 15 seconds (E421)', async () => {
    const silentBoard = { faults: { toHost: () => [] } };
    const bench = new Bench(noise(10), { board: silentBoard });
    expect(await bench.failure()).toMatchObject({ code: 'E421' });
    expect(bench.clock.now()).toBeLessThan(15_000);
    expect(bench.board.chip.erases.size).toBe(0);
  });

  test('cannot be reset through a port without lines, which is told with what to do (E425)', async () => {
    const bench = new Bench(noise(10), { port: { hasModemLines: false } });
    const error = await bench.failure();
    expect(error.code).toBe('E425');
    expect(error.hint).toContain('BOOT');
  });

  test.each(['none', 'manual'] as const)('is waited for, without lines, with reset "%s"', async (reset) => {
    const bench = new Bench(noise(10), { port: { hasModemLines: false }, options: { reset } });
    // Somebody has pressed the buttons.
    bench.board.setLines({ dtr: false, rts: true }, 0);
    bench.board.setLines({ dtr: true, rts: false }, 10);
    await bench.flash();
    expect(bench.holds).toBe(true);
    const asked = bench.events.some((event) => event.type === 'note' && event.message.includes('BOOT'));
    expect(asked).toBe(reset === 'manual');
  });
});

describe('an end in the middle', () => {
  const HALF = [
    '65536 of 200704 bytes are written and confirmed; what lies from 0x310000 on is not',
    'not whole: model.kmodel; the board must not use it before it is flashed again, which mends it',
    'the board is still in its loader: flash again, or press RESET to start what it holds',
  ];

  test('by the port says what is written (E423)', async () => {
    const bench = new Bench(noise(200_000), { port: { vanishesAfterBytes: 100_000 } });
    const error = await bench.failure();
    expect(error.code).toBe('E423');
    expect(error.details).toEqual(HALF);
  });

  test('before anything was written says so', async () => {
    const bench = new Bench(noise(200_000), { port: { vanishesAfterBytes: 1000 } });
    expect((await bench.failure()).details).toEqual(['nothing was written; the flash chip is as it was']);
  });

  test('by the user stops between pieces and says what is written (E412)', async () => {
    const controller = new AbortController();
    const bench = new Bench(noise(200_000), {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'progress' && event.done > 100_000) controller.abort();
      },
    });
    const error = await bench.failure();
    expect(error.code).toBe('E412');
    expect(error.details).toEqual(HALF);
  });
});

test('a block that cannot be written says, too, what the chip holds (E422)', async () => {
  const bench = new Bench(noise(200_000), { board: onAnswer(0xd4, 1, { code: 0xe6, ignoreCommand: true }) });
  const error = await bench.failure();
  expect(error.code).toBe('E422');
  expect(error.details[0]).toBe('65536 of 200704 bytes are written and confirmed; what lies from 0x310000 on is not');
});

test('whatever single byte is lost, added or changed on the line, the image arrives or the run fails', async () => {
  const change = fc.constantFrom(
    (): number[] => [],
    (byte: number): number[] => [byte, byte],
    (byte: number): number[] => [byte ^ 0x01],
    (byte: number): number[] => [byte ^ 0x07],
    (): number[] => [0xc0],
    (): number[] => [0xdb],
    (byte: number): number[] => [0xc0, byte],
  );
  const setting = fc.record({
    size: fc.oneof(
      fc.integer({ min: 1, max: 20_000 }),
      fc.integer({ min: 1, max: 20_000 }),
      fc.integer({ min: 20_000, max: 300_000 }),
    ),
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    headers: fc.boolean(),
    change,
    direction: fc.constantFrom('toBoard' as const, 'toHost' as const),
  });
  let arrived = 0;
  await fc.assert(
    fc.asyncProperty(setting, async ({ size, place, headers, change, direction }) => {
      const image = noise(size, size);
      // About as many as are sent, escapes included; a byte that is never sent is no fault.
      const sent = direction === 'toBoard' ? 3300 + 1.01 * size : 60;
      // Half of the faults hit what comes before the blocks.
      const at = Math.floor(place * (headers ? Math.min(3300, sent) : sent));
      const faults = { [direction]: (index: number, byte: number) => (index === at ? change(byte) : [byte]) };
      const bench = new Bench(image, { board: { faults } });
      const succeeded = await bench.flash().then(
        () => true,
        (error: unknown) => {
          if (error instanceof GraftError) return false;
          throw error;
        },
      );
      if (succeeded) {
        arrived++;
        expect(bench.holds).toBe(true);
      }
    }),
    { numRuns: 120 },
  );
  // A single fault is made good nearly always.
  expect(arrived).toBeGreaterThan(95);
});

test('whatever single answer is lost, wrong, late, doubled or disturbed, the image arrives or the run fails', async () => {
  const fault = fc.oneof(
    fc.record({ code: fc.constantFrom(0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7), ignoreCommand: fc.boolean() }),
    fc.record({ silent: fc.constant(true), ignoreCommand: fc.boolean() }),
    fc.record({ twice: fc.constant(true) }),
    fc.record({ delayMs: fc.integer({ min: 1, max: 15_000 }) }),
    fc.record({ before: fc.array(fc.constantFrom(0xc0, 0xdb, 0xd1, 0xd4, 0xe0, 0), { minLength: 1, maxLength: 6 }) }),
    fc.record({ text: fc.array(fc.constantFrom(0xc0, 0xdb, 0xdc, 0x41), { minLength: 1, maxLength: 6 }) }),
  );
  const setting = fc.record({
    size: fc.oneof(fc.integer({ min: 1, max: 30_000 }), fc.constantFrom(65_536, 300_000)),
    op: fc.constantFrom(0xc2, 0xc3, 0xd2, 0xd4, 0xd4, 0xd4, 0xd7),
    nth: fc.nat(3),
    fault,
  });
  await fc.assert(
    fc.asyncProperty(setting, async ({ size, op, nth, fault }) => {
      // A board that says "written" and has not written is beyond what any protocol can find out; `--readBack` does.
      fc.pre(!('code' in fault && fault.code === 0xe0 && fault.ignoreCommand));
      const bench = new Bench(noise(size, size), { board: onAnswer(op, nth, fault) });
      const end = await bench.flash().catch((error: unknown) => error);
      if (!(end instanceof Error)) expect(bench.holds).toBe(true);
      else expect(end).toBeInstanceOf(GraftError);
    }),
    { numRuns: 80 },
  );
});

function onAnswer(op: number, nth: number, fault: object): Partial<FakeK210Options> {
  return { faults: { answer: (asked, count) => (asked === op && count === nth ? fault : undefined) } };
}
