import { interruptSignal } from './interrupt';

const exits: number[] = [];
let nowMs = 0;
let interrupt: ReturnType<typeof interruptSignal>;
const count = (): number => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
const before = count();

beforeEach(() => {
  exits.length = 0;
  interrupt = interruptSignal(
    (code) => exits.push(code),
    () => nowMs,
  );
});
afterEach(() => interrupt.release());

test.each(['SIGINT', 'SIGTERM'] as const)('%s aborts, and whoever listens stays', (name) => {
  process.emit(name, name);
  expect(interrupt.signal.aborted).toBe(true);
  expect(count()).toBe(before + 2);
});

test('what one Ctrl-C sends twice is one, also together with a polite kill', () => {
  process.emit('SIGINT', 'SIGINT');
  process.emit('SIGTERM', 'SIGTERM');
  nowMs += 900;
  process.emit('SIGINT', 'SIGINT');
  nowMs += 10_000;
  process.emit('SIGTERM', 'SIGTERM');
  expect(exits).toEqual([]);
});

test('a second Ctrl-C ends the process', () => {
  process.emit('SIGINT', 'SIGINT');
  nowMs += 1500;
  process.emit('SIGINT', 'SIGINT');
  expect(exits).toEqual([130]);
});

test('released, it listens no more', () => {
  interrupt.release();
  expect(count()).toBe(before);
});
