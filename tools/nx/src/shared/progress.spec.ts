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
  return { lines: () => text.split('\n').slice(0, -1), pass: (ms: number) => (nowMs += ms), epochs };
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
