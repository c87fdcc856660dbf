import { silent } from '@graft/foundation';
import { FakeK210, hasPty, PtyBoard } from '@graft/testkit';

import { flashOverIsp } from '../isp/flash-over-isp';
import { openSerial } from './serial-transport';
import { systemClock } from './system-clock';

const STUB = Uint8Array.from({ length: 2500 }, (_, index) => index * 31 + 5);
const image = Uint8Array.from({ length: 150_000 }, (_, index) => (index * index) >> 7);
const withPty = hasPty() ? test : test.skip;
if (!hasPty()) console.warn('skipped: python3, which makes a pseudo-terminal, is not installed');

let pty: PtyBoard | undefined;
afterEach(async () => {
  await pty?.stop();
  pty = undefined;
});

async function boardOnPty(): Promise<PtyBoard> {
  pty = await PtyBoard.start(new FakeK210({ wiring: 'A', stub: STUB }));
  pty.enterIsp();
  return pty;
}

const options = {
  device: 'maix-bit',
  images: [{ name: 'model.kmodel', address: 0x300000, bytes: image }],
  stub: STUB,
  baud: 2_000_000,
  baudIsPinned: false,
};

withPty('a board at the end of a real serial port is flashed through the real driver', async () => {
  const { path, board } = await boardOnPty();
  const transport = await openSerial(path);
  try {
    const context = { transport, clock: systemClock, report: silent };
    const result = await flashOverIsp({ ...options, reset: 'none' }, context);
    expect(result).toMatchObject({ baud: 2_000_000, resends: 0 });
  } finally {
    await transport.close();
  }
  expect(Buffer.compare(board.chip.read(0x300000, image.length), image)).toBe(0);
});

withPty('a port without reset lines is told with what to do (E425)', async () => {
  const transport = await openSerial((await boardOnPty()).path);
  try {
    const context = { transport, clock: systemClock, report: silent };
    await expect(flashOverIsp({ ...options, reset: 'auto' }, context)).rejects.toMatchObject({ code: 'E425' });
  } finally {
    await transport.close();
  }
});

withPty('a port that is taken away in the middle ends the run with what is written (E423)', async () => {
  const fake = await boardOnPty();
  const transport = await openSerial(fake.path);
  try {
    const report = (event: { type: string }): void => {
      if (event.type === 'progress') void fake.stop();
    };
    const run = flashOverIsp({ ...options, reset: 'none' }, { transport, clock: systemClock, report });
    await expect(run).rejects.toMatchObject({ code: 'E423' });
    await fake.stop();
  } finally {
    await transport.close();
  }
});

withPty('a port that another program holds is told so (E431)', async () => {
  const { path } = await boardOnPty();
  const first = await openSerial(path);
  try {
    await expect(openSerial(path)).rejects.toMatchObject({
      code: 'E431',
      hint: expect.stringContaining('another program') as unknown,
    });
  } finally {
    await first.close();
  }
});
