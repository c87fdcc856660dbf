import { PassThrough } from 'node:stream';
import { progressPrinter } from './progress';

/** What is written where no person watches, with a clock that is set by hand. */
function plain() {
  let text = '';
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  let nowMs = 0;
  const printer = progressPrinter(stream, () => nowMs);
  const epochs = (done: number, figures = {}) =>
    printer.report({ type: 'progress', task: 'training', done, total: 20, unit: 'epoch', figures });
  const bytes = (done: number, total: number) =>
    printer.report({ type: 'progress', task: 'writing', done, total, unit: 'byte' });
  return { lines: () => text.split('\n').slice(0, -1), pass: (ms: number) => (nowMs += ms), epochs, bytes };
}

test('training tells pictures a second, time left, loss and accuracy, every ten seconds', () => {
  const { lines, pass, epochs } = plain();
  epochs(0);
  pass(6000);
  epochs(0.3, { loss: 0.7 });
  pass(6000);
  epochs(0.6, { loss: 0.51234, accuracy: 0.75, 'examples/s': 123.4 });
  expect(lines()).toEqual([
    'training: 0.6 of 20 epochs, 0.0500 epochs/s, 388 s left, loss 0.512, accuracy 0.750, examples/s 123',
  ]);
});

test('bytes over a serial line are told in kilobytes, with rate and time left; large ones in megabytes', () => {
  const { lines, pass, bytes } = plain();
  bytes(0, 681_512);
  pass(10_000);
  bytes(115_200, 681_512);
  pass(10_000);
  bytes(2_000_000, 8_000_000);
  expect(lines()).toEqual([
    'writing: 115.2 kB of 681.5 kB, 11.5 kB/s, 50 s left',
    'writing: 2.0 MB of 8.0 MB, 100.0 kB/s, 60 s left',
  ]);
});

test('what ends is told at once, without a time that is left', () => {
  const { lines, pass, epochs } = plain();
  epochs(19);
  pass(1000);
  epochs(20, { loss: 0.1 });
  expect(lines()).toEqual(['training: 20 of 20 epochs, loss 0.100']);
});

test('large figures are written out', () => {
  const { lines, epochs } = plain();
  epochs(20, { 'examples/s': 1874.4 });
  expect(lines()).toEqual(['training: 20 of 20 epochs, examples/s 1874']);
});
