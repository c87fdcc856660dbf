import { silent } from '@graft/foundation';

import { runKflash } from './run-kflash';

const waits = {
  program: process.execPath,
  arguments: ['-e', 'setTimeout(() => {}, 60000)'],
  totalBytes: 1,
  report: silent,
};

test('a program that does not end is stopped (E418)', async () => {
  await expect(runKflash({ ...waits, limitMs: 200 })).rejects.toMatchObject({ code: 'E418' });
});

test('an interruption stops it (E412)', async () => {
  const controller = new AbortController();
  const run = runKflash({ ...waits, limitMs: 60_000, signal: controller.signal });
  setTimeout(() => controller.abort(), 100);
  await expect(run).rejects.toMatchObject({ code: 'E412' });
});
