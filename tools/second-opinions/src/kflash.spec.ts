import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { buildBootImage, deliverPlan, findStub, flash, NO_KIT, systemSerial } from '@graft/flasher';
import { silent, type StageEvent } from '@graft/foundation';
import { DEVICES } from '@graft/k210';
import { FakeK210, ModemLines, PtyBoard, type BoardFaults } from '@graft/testkit';

import { installKflash } from './kflash';

const asked = process.env['GRAFT_KFLASH'] === '1';
if (!asked) {
  process.stderr.write(
    '"kflash 1.1.6, unmodified …" is skipped: GRAFT_KFLASH=1 npm test -- kflash (needs Python with pip)\n',
  );
}

const ADDRESS = 0x301000;
/** Begins like a kmodel, whose header is all that a plan looks at; two blocks and a tail that fills no sector. */
const kmodel = Buffer.concat([
  readFileSync(join(__dirname, '../../../libs/flasher/fixtures/tiny-own.kmodel')),
  Buffer.from(Uint8Array.from({ length: 150_001 }, (_, index) => (index * index) >> 5)),
]);

(asked ? describe : describe.skip)('kflash 1.1.6, unmodified', () => {
  let installed: string;
  let folder: string;
  let planFolder: string;
  const before = { ...process.env };

  beforeAll(async () => {
    installed = await installKflash();
    folder = mkdtempSync(join(tmpdir(), 'graft-kflash-'));
    planFolder = join(folder, 'plan');
    await flash(
      {
        name: 'noise',
        classes: ['a', 'b', 'c'],
        imageSize: { height: 32, width: 32 },
        resize: 'crop',
        normalize: { scale: 1, offset: 0 },
        kmodel,
        provenance: '{"experiment": "noise"}',
        selfTest: NO_KIT,
        flash: {
          engine: 'kflash',
          modelFrom: 'flash',
          address: ADDRESS,
          threshold: 0.5,
          screenRotation: 0,
          camera: { vflip: false, hmirror: false },
          gcHeapBytes: 0,
          allowFilesystem: false,
        },
        device: DEVICES['maix-bit'],
        firmware: 'full',
      },
      { outputFolder: planFolder, report: silent },
    );
  }, 300_000);

  afterEach(() => {
    process.env = { ...before };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function flashTo(
    faults: BoardFaults,
    report: (event: StageEvent) => void = silent,
    firmware?: string,
  ): Promise<FakeK210> {
    const { bytes: stub } = await findStub({ path: join(installed, 'kflash.py') });
    const fake = await PtyBoard.start(new FakeK210({ wiring: 'A', stub, faults }));
    const lines = await ModemLines.start(fake.board);
    const { GRAFT_MODEM_LINES, PYTHONPATH } = lines.surroundings;
    Object.assign(process.env, {
      GRAFT_MODEM_LINES,
      PYTHONPATH: [PYTHONPATH, installed].join(delimiter),
      PATH: [join(installed, 'bin'), before['PATH']].join(delimiter),
    });
    try {
      const wish = { port: fake.path, firmware };
      await deliverPlan({ planFolder, wish, serial: systemSerial, report }, () => undefined);
    } finally {
      lines.stop();
      await fake.stop();
    }
    return fake.board;
  }

  test('flashes our package: the chip holds the model at its address, and the board restarts', async () => {
    const events: StageEvent[] = [];
    const board = await flashTo({}, (event) => events.push(event));
    expect(Buffer.compare(board.chip.read(ADDRESS, kmodel.length), kmodel)).toBe(0);
    // Reset, greeting, stub, greeting, rate, chip, blocks, restart.
    const count = (op: number): number => board.commands.get(op) ?? 0;
    expect([0xc2, 0xc5, 0xd2, 0xd6, 0xd7, 0xd5].map(count)).toEqual([1, 1, 2, 1, 1, 1]);
    expect(board.writes[0]).toEqual({ address: ADDRESS, bytes: 61_440 });
    expect(events).toContainEqual(expect.objectContaining({ type: 'progress', done: kmodel.length }));
  }, 60_000);

  test('flashes firmware and model from one package, with the same boot image as our own engine makes', async () => {
    const program = Uint8Array.from({ length: 80_000 }, (_, index) => (index * 13) >> 3);
    const path = join(folder, 'firmware.bin');
    writeFileSync(path, program);
    const board = await flashTo({}, silent, path);
    const image = buildBootImage(program, 'dio');
    expect(Buffer.compare(board.chip.read(0, image.length), image)).toBe(0);
    expect(Buffer.compare(board.chip.read(ADDRESS, kmodel.length), kmodel)).toBe(0);
  }, 60_000);

  test('goes on after a block that lost a byte and ends well, which we tell as a failure (E418)', async () => {
    const run = flashTo({ toBoard: (index, byte) => (index === 60_000 ? [] : [byte]) });
    await expect(run).rejects.toMatchObject({
      code: 'E418',
      message: expect.stringContaining('refused a block') as unknown,
    });
  }, 60_000);
});
