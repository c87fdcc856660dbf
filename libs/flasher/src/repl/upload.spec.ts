import type { StageEvent } from '@graft/foundation';
import { ReplBoard, type ReplBoardOptions } from '@graft/testkit';

import type { BoardFile } from '../flash-plan';
import { systemClock } from '../serial/system-clock';
import { RawRepl } from './raw-repl';
import { checkRoom, uploadFile, uploadFiles } from './upload';

const noise = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, index) => (index * index * 7) >> 3);
const ignore = (): void => undefined;
const file = (name: string, bytes: Uint8Array): BoardFile => ({ name, bytes, sha256: '' });

let board: ReplBoard;
let repl: RawRepl;

async function start(options: ReplBoardOptions = {}): Promise<void> {
  board = await ReplBoard.start(options);
  repl = new RawRepl(board, systemClock);
  await repl.enter();
}
afterEach(() => board.stop());

test('a program runs on the board, and what it prints comes back', async () => {
  await start();
  expect((await repl.run('print(6 * 7)', 2000)).trim()).toBe('42');
  await repl.leave();
});

test('a board that runs a program is stopped first', async () => {
  await start({ busy: true });
  expect((await repl.run('print(1)', 2000)).trim()).toBe('1');
});

test('what a program raises on the board is told with its traceback (E433)', async () => {
  await start();
  await expect(repl.run('open("/none/x")', 2000)).rejects.toMatchObject({
    code: 'E433',
    message: expect.stringContaining('OSError') as unknown,
  });
});

test('a board that does not answer is told so (E432)', async () => {
  board = await ReplBoard.start({ silent: true });
  await expect(new RawRepl(board, systemClock).enter()).rejects.toMatchObject({ code: 'E432' });
}, 15_000);

test.each([0, 1, 1024, 50_001])('a file of %i bytes arrives', async (size) => {
  await start();
  await uploadFile(repl, '/flash/model.bin', noise(size), ignore);
  expect(await board.file('/flash/model.bin')).toEqual(Buffer.from(noise(size)));
  expect(await board.file('/flash/model.bin.part')).toBeNull();
});

test('a file takes the place of an older one', async () => {
  await start();
  await uploadFile(repl, '/flash/main.py', Buffer.from('old'), ignore);
  await uploadFile(repl, '/flash/main.py', Buffer.from('new'), ignore);
  expect(String(await board.file('/flash/main.py'))).toBe('new');
});

test('a byte that changes on the line costs a second attempt', async () => {
  await start({ damages: [3000] });
  await uploadFile(repl, '/flash/model.bin', noise(10_000), ignore);
  expect(await board.file('/flash/model.bin')).toEqual(Buffer.from(noise(10_000)));
  expect(board.bytesIn).toBeGreaterThan(14_000);
});

test('a line that changes bytes every time ends it, and nothing takes the name of the file (E433 or E434)', async () => {
  const damages = Array.from({ length: 60 }, (_, index) => 3000 + 977 * index);
  await start({ damages });
  const run = uploadFile(repl, '/flash/model.bin', noise(10_000), ignore);
  // Where the changed byte falls decides whether Python complains or the checksum differs.
  await expect(run).rejects.toMatchObject({ code: expect.stringMatching(/^E43[34]$/) as unknown });
  expect(await board.file('/flash/model.bin')).toBeNull();
});

test('a file whose checksum is another one three times is given up (E434)', async () => {
  await start();
  const programs: string[] = [];
  const run = async (program: string): Promise<string> => {
    programs.push(program);
    return '7';
  };
  await expect(uploadFile({ run }, '/flash/x', noise(10), ignore)).rejects.toMatchObject({ code: 'E434' });
  expect(programs.filter((program) => program.startsWith('w('))).toHaveLength(3);
});

test('of several files the script comes last, and progress counts all of them', async () => {
  await start({ card: true });
  const events: StageEvent[] = [];
  const files = [file('main.py', Buffer.from('print(1)')), file('model.kmodel', noise(3000))];
  await uploadFiles(repl, '/sd', files, (event) => events.push(event));
  expect(String(await board.file('/sd/main.py'))).toBe('print(1)');
  expect(events.map((event) => event.type === 'progress' && [event.task, event.done])).toEqual([
    ['sending model.kmodel', 1024],
    ['sending model.kmodel', 2048],
    ['sending model.kmodel', 3000],
    ['sending main.py', 3008],
  ]);
  expect(events[0]).toMatchObject({ total: 3008, unit: 'byte' });
});

test.each<[string, ReplBoardOptions, string, number]>([
  ['a card that is not in', {}, '/sd', 10],
  ['a full file system', { freeBytes: 8192 }, '/flash', 10_000],
  ['more than the slow file system is good for', { freeBytes: 3_000_000 }, '/flash', 2_700_000],
])('%s is found before anything is sent (E435)', async (_, options, folder, size) => {
  await start(options);
  await expect(checkRoom(repl, folder, [file('x', new Uint8Array(size))])).rejects.toMatchObject({ code: 'E435' });
});

test('an interruption ends it (E412)', async () => {
  board = await ReplBoard.start();
  const controller = new AbortController();
  const stoppable = new RawRepl(board, systemClock, controller.signal);
  await stoppable.enter();
  const run = uploadFile(stoppable, '/flash/x', noise(50_000), () => controller.abort());
  await expect(run).rejects.toMatchObject({ code: 'E412' });
});
