import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random, silent, type StageEvent } from '@graft/foundation';
import { encodeBitmap, planarFromInterleaved } from '@graft/image';
import { DEVICES } from '@graft/k210';
import { loadSimulator } from '@graft/simulator';
import { ReplBoard, type MaixPyBoard, type ReplBoardOptions } from '@graft/testkit';
import sharp from 'sharp';

import { deliverPlan } from '../deliver-plan';
import { flash } from '../flash';
import type { FlashOptions } from '../flash-plan';
import { systemClock } from '../serial/system-clock';
import { NO_KIT, TOLERANCE, type SelfTestKit } from './kit';
import { verifyBoard } from './verify-board';

const FIXTURES = join(__dirname, '../../fixtures');
const SIDE = 32;
const COUNT = 4;

// Each test starts an interpreter of its own, which takes its time on a busy machine.
jest.setTimeout(30_000);

let planFolder: string;
let kmodel: Uint8Array;
let kit: SelfTestKit;

beforeAll(async () => {
  kmodel = await readFile(join(FIXTURES, 'tiny-own.kmodel'));
  const random = Random.of(3, 'golden');
  const noise = (most: number) => Uint8Array.from({ length: SIDE * SIDE * 3 }, () => random.integer(most));
  kit = kitOf(kmodel, [64, 128, 192, 256].map(noise));
});
beforeEach(async () => void (planFolder = await mkdtemp(join(tmpdir(), 'graft-verify-'))));
afterEach(() => rm(planFolder, { recursive: true, force: true }));

/** What stage `self-test` makes of pictures in the size of the model, RGB. */
function kitOf(model: Uint8Array, pictures: readonly Uint8Array[]): SelfTestKit {
  const simulator = loadSimulator(model);
  const { height, width } = simulator.input;
  const golden = pictures.map((picture, index) => {
    const { file, pixels } = encodeBitmap(picture, height, width);
    const expected = Array.from(simulator.run(planarFromInterleaved(pixels, height, width))[0]);
    return { name: `golden-${index}.bmp`, bitmap: file, expected };
  });
  return { tolerance: TOLERANCE, pictures: golden };
}

async function plan(modelFrom: 'sd' | 'flash' = 'sd', changes: Partial<FlashOptions> = {}): Promise<void> {
  const options: FlashOptions = {
    ...{ name: 'tiny', classes: ['ant', 'bee', 'fly'], imageSize: { height: SIDE, width: SIDE }, resize: 'crop' },
    ...{
      normalize: { scale: 1, offset: 0 },
      provenance: '{}\n',
      kmodel,
      device: DEVICES['maix-bit'],
      firmware: 'full',
      selfTest: kit,
    },
    flash: {
      ...{ engine: 'repl', modelFrom, address: 0x300000, threshold: 0.5, screenRotation: 0 },
      ...{ camera: { vflip: false, hmirror: false }, gcHeapBytes: 0, allowFilesystem: false },
    },
    ...changes,
  };
  await flash(options, { outputFolder: planFolder, report: silent });
}

/** The planned files as they lie on a board. */
async function planned(folder: '/sd' | '/flash'): Promise<Record<string, Uint8Array>> {
  const names = await readdir(join(planFolder, 'sd'));
  const read = async (name: string) => [`${folder}/${name}`, await readFile(join(planFolder, 'sd', name))] as const;
  return Object.fromEntries(await Promise.all(names.map(read)));
}

interface Run {
  readonly result: ReturnType<typeof verifyBoard>;
  readonly events: readonly StageEvent[];
  readonly board: ReplBoard;
}

/** Verifies a board with the planned files on its card, and looks at what came of it. */
async function onBoard(
  maixpy: Partial<MaixPyBoard>,
  look: (run: Run) => Promise<void>,
  options: ReplBoardOptions = {},
): Promise<void> {
  const kpu = join(FIXTURES, 'simulated-kpu.cjs');
  const files = maixpy.files ?? (await planned('/sd'));
  const board = await ReplBoard.start({ card: true, ...options, maixpy: { kpu, ...maixpy, files } });
  const events: StageEvent[] = [];
  try {
    const serial = { list: async () => [], open: async () => board, clock: systemClock };
    const report = (event: StageEvent): void => void events.push(event);
    const result = verifyBoard({ planFolder, port: 'COM7', serial, report, silenceMs: 10_000 });
    await result.catch(() => undefined);
    await look({ result, events, board });
    expect(board.isOpen).toBe(false);
  } finally {
    await board.stop();
  }
}

const failureOf = async ({ result }: Run) => (await result).failure;
const label = (expected: readonly number[]): string => ['ant', 'bee', 'fly'][expected.indexOf(Math.max(...expected))];

test('a board that computes what the simulator computes passes, picture by picture', async () => {
  await plan();
  await onBoard({}, async ({ result, events }) => {
    const { lines, failure } = await result;
    expect(failure).toBeNull();
    expect(lines[0]).toMatch(/^firmware: MaixPy .*v0\.6\.2-75/);
    expect(lines[1]).toMatch(/^picture +expected +got +delta$/);
    kit.pictures.forEach(({ name, expected }, index) => {
      const answer = `${label(expected)} ${Math.max(...expected).toFixed(4)}`;
      expect(lines[2 + index]).toMatch(new RegExp(`^${name} +${answer} +${answer} +0\\.00000\\d +PASS$`));
    });
    expect(events.map((event) => event.type === 'progress' && event.done)).toEqual([1, 2, 3, 4]);
  });
});

test('a model in the flash chip is read there, with the script on the card or in the file system of the board', async () => {
  await plan('flash');
  const chip = { address: 0x300000, bytes: kmodel };
  await onBoard({ chip }, async (run) => expect(await failureOf(run)).toBeNull());
  const files = await planned('/flash');
  await onBoard({ chip, files }, async (run) => expect(await failureOf(run)).toBeNull(), { card: false });
}, 20_000);

test('what the engine repl has sent passes on the same board', async () => {
  await plan();
  const look = async ({ board }: Run): Promise<void> => {
    board.isOpen = true;
    const serial = { list: async () => [], open: async () => board, clock: systemClock };
    await deliverPlan({ planFolder, wish: { port: 'COM7' }, serial, report: silent }, () => undefined);
    const { failure } = await verifyBoard({ planFolder, port: 'COM7', serial, report: silent });
    expect(failure).toBeNull();
  };
  // Empty at first: nothing to verify yet.
  await onBoard({ files: {} }, look);
});

const SHARED = join(__dirname, '../../../../../shared');
const withPhotographs = existsSync(join(SHARED, 'data')) && existsSync(join(SHARED, 'fixtures')) ? test : test.skip;
if (withPhotographs === test.skip) console.warn('skipped: the shared photographs and kmodels are absent');

withPhotographs(
  'photographs of 224 × 224 pass in the memory of a board, with a model of another maker',
  async () => {
    const model = await readFile(join(SHARED, 'fixtures/kmodel/poke_model.kmodel'));
    const photograph = async (label: string): Promise<Uint8Array> => {
      const folder = join(SHARED, 'data/pokedex-photos', label);
      const names = (await readdir(folder)).filter((name) => /\.(png|jpe?g)$/i.test(name)).sort();
      return sharp(join(folder, names[0])).resize(224, 224).flatten().toColourspace('srgb').raw().toBuffer();
    };
    const classes = ['charizard', 'pikachu'];
    const selfTest = kitOf(model, await Promise.all(classes.map(photograph)));
    await plan('sd', { classes, imageSize: { height: 224, width: 224 }, kmodel: model, selfTest });
    await onBoard({ freeBytes: 4_000_000 }, async ({ result }) => {
      const { lines, failure } = await result;
      expect(failure).toBeNull();
      expect(lines.slice(2).map((line) => line.split(/ +/)[1])).toEqual(classes);
    });
  },
  60_000,
);

describe('a model that is not the exported one fails without being run', () => {
  const expectDamaged = async (run: Run): Promise<void> => {
    const failure = await failureOf(run);
    expect(failure).toMatchObject({
      code: 'E442',
      message: expect.stringContaining('not the one that was exported') as unknown,
      hint: expect.stringMatching(/flash again.*card or the flash chip fails/) as unknown,
    });
    expect(failure?.details?.[0]).toContain(`${kmodel.length} bytes`);
    expect((await run.result).lines.join('\n')).not.toContain('golden');
  };
  const damaged = (): Uint8Array => kmodel.map((byte, at) => (at === 3000 ? byte ^ 1 : byte));

  test('on the card, with one bit changed', async () => {
    await plan();
    await onBoard({ files: { ...(await planned('/sd')), '/sd/tiny.kmodel': damaged() } }, expectDamaged);
  });

  test('in the flash chip, with one bit changed, and where nothing was written', async () => {
    await plan('flash');
    await onBoard({ chip: { address: 0x300000, bytes: damaged() } }, expectDamaged);
    await onBoard({ chip: null }, expectDamaged);
  });
});

describe('a board that computes something else', () => {
  test('fails with the differences, and what they mean', async () => {
    await plan();
    await onBoard({ deviation: 0.3 }, async (run) => {
      expect(await failureOf(run)).toMatchObject({
        code: 'E442',
        message: '4 of 4 pictures failed, though the board holds the model byte for byte',
        hint: expect.stringContaining('computes something else') as unknown,
      });
      expect((await run.result).lines.filter((line) => /0\.3000\d\d +FAIL$/.test(line))).toHaveLength(COUNT);
    });
  });

  test('by little and with the right answers is told apart', async () => {
    await plan();
    await onBoard({ deviation: 0.002 }, async (run) =>
      expect(await failureOf(run)).toMatchObject({
        code: 'E442',
        hint: expect.stringContaining('every answer is right and little differs') as unknown,
      }),
    );
  });

  test('within the tolerance passes', async () => {
    await plan();
    await onBoard({ deviation: 0.0005 }, async (run) => expect(await failureOf(run)).toBeNull());
  });
});

test.each<[string, Partial<MaixPyBoard>, RegExp]>([
  ['too little memory', { freeBytes: 5000 }, /^Not enough memory/],
  ['a firmware that loads another version', { kmodelVersions: [] }, /^This firmware does not load kmodel v3/],
  ['a heap that holds no picture', { gcHeapBytes: 4096 }, /^Not enough memory for a picture/],
  ['a firmware without a KPU', { lacks: ['KPU'] }, /^This firmware cannot run the script/],
])('%s is told in the words of the board (E442)', async (_, maixpy, sentence) => {
  await plan();
  await onBoard(maixpy, async (run) =>
    expect(await failureOf(run)).toMatchObject({ code: 'E442', hint: expect.stringMatching(sentence) as unknown }),
  );
});

test('a picture that is missing on the card fails, not passes', async () => {
  await plan();
  const { '/sd/golden-2.bmp': _, ...files } = await planned('/sd');
  await onBoard({ files }, async (run) => {
    expect(await failureOf(run)).toMatchObject({ code: 'E442', hint: expect.stringContaining('OSError') as unknown });
    expect((await run.result).lines.at(-1)).toMatch(/^golden-3\.bmp .* nothing +- +FAIL$/);
  });
});

test('a board that falls silent in the middle ends in an error, not in waiting (E443)', async () => {
  await plan();
  await onBoard({ hangsAt: 2 }, async ({ result, events }) => {
    await expect(result).rejects.toMatchObject({ code: 'E443', message: expect.stringContaining('10 s') as unknown });
    expect(events).toHaveLength(2);
  });
}, 20_000);

test('a run that is stopped lets the board start its own program again, and says so (E412)', async () => {
  await plan();
  const files = await planned('/sd');
  const kpu = join(FIXTURES, 'simulated-kpu.cjs');
  const board = await ReplBoard.start({ card: true, maixpy: { kpu, files } });
  try {
    const controller = new AbortController();
    const serial = { list: async () => [], open: async () => board, clock: systemClock };
    const report = (event: StageEvent): void => {
      if (event.type === 'progress') controller.abort();
    };
    const run = verifyBoard({ planFolder, port: 'COM7', serial, report, signal: controller.signal });
    await expect(run).rejects.toMatchObject({
      code: 'E412',
      details: [expect.stringMatching(/told to start its own program again; where it does not, press RESET/)],
    });
    expect(board.isOpen).toBe(false);
    // Out of the raw mode: a terminal on the board is answered at once.
    await board.dropInput();
    await board.write(Buffer.from('6 * 7\r'));
    let answer = '';
    while (!answer.includes('>>> ')) {
      const bytes = await board.read(5000);
      if (bytes.length === 0) break;
      answer += Buffer.from(bytes).toString();
    }
    expect(answer).toMatch(/42\s+>>> $/);
  } finally {
    await board.stop();
  }
}, 20_000);

test('a board that never answers is told so (E432)', async () => {
  await plan();
  await onBoard({}, ({ result }) => expect(result).rejects.toMatchObject({ code: 'E432' }), { silent: true });
}, 20_000);

describe('a board without the self-test comes with the next step (E440)', () => {
  const expectNone = async ({ result }: Run): Promise<void> =>
    expect(result).rejects.toMatchObject({ code: 'E440', hint: expect.stringContaining(':flash') as unknown });

  test('no card and no script', async () => {
    await plan();
    await onBoard({ files: {} }, expectNone, { card: false });
  });

  test('a script of somebody else, which is not run', async () => {
    await plan();
    const files = { '/sd/main.py': Buffer.from('open("/sd/was-run", "w").close()\n') };
    await onBoard({ files }, async (run) => {
      await expectNone(run);
      expect(await run.board.file('/sd/was-run')).toBeNull();
    });
  });

  test('a script of ours that was made without one', async () => {
    await plan('sd', { selfTest: NO_KIT });
    const files = await planned('/sd');
    await plan();
    await onBoard({ files }, expectNone);
  });
});

test('a self-test of another export is not compared with (E441)', async () => {
  await plan('sd', { selfTest: { ...kit, pictures: kit.pictures.slice(0, 2) } });
  const files = await planned('/sd');
  await plan();
  await onBoard({ files }, ({ result }) => expect(result).rejects.toMatchObject({ code: 'E441' }));
});

test('a plan without a self-test is told so before a port is opened (E444)', async () => {
  const open = jest.fn();
  const serial = { list: async () => [], open, clock: systemClock };
  const run = () => verifyBoard({ planFolder, port: 'COM7', serial, report: silent });
  await plan('sd', { selfTest: NO_KIT });
  await expect(run()).rejects.toMatchObject({ code: 'E444' });
  await writeFile(join(planFolder, 'sd/self-test.txt'), 'something else\n');
  await expect(run()).rejects.toMatchObject({ code: 'E444' });
  expect(open).not.toHaveBeenCalled();
});
