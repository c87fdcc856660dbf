import { DEVICES } from '@graft/k210';
import { networkShape } from '@graft/model';

import { checkFit } from './check-fit';
import type { CutFit } from './print-cuts';
import { printCuts } from './print-cuts';

const device = DEVICES['maix-bit'];

function cut(output: string, complaint: string | null): CutFit {
  const config = { alpha: 1, output, input: { height: 224, width: 224 }, encoding: { scale: 1, offset: 0 } };
  const layers = networkShape({ ...config, pooling: 'avg', head: [], classes: 2 });
  return { output, report: checkFit({ layers, device, firmware: device.firmware.full }), complaint };
}

test('each cut is a row with its bytes, its time and whether it is compared', () => {
  const text = printCuts([cut('conv_pw_6_relu', null), cut('conv_pw_7_relu', null), cut('conv_pw_13_relu', 'E301')]);
  expect(text).toMatch(/^conv_pw_7_relu +[\d.]+ (KiB|MiB) +[\d.]+ MiB +\d+ +is compared$/m);
  expect(text).toMatch(/^conv_pw_13_relu +[\d.]+ MiB +[\d.]+ MiB +\d+ +is not: E301$/m);
  expect(text).toMatch(/\n\nThe largest that is compared, conv_pw_7_relu:\n$/);
});

test('a cut that is no network has no figures, and where none will do the nearest follows', () => {
  const text = printCuts([{ output: 'conv1_relu', report: null, complaint: 'E605' }]);
  expect(text).toMatch(/^conv1_relu +is not: E605$/m);
  expect(text).toMatch(/\n\nNone of them will do; the nearest:\n$/);
});

test('nothing is printed where the experiment names its cut', () => {
  expect(printCuts([])).toBe('');
});
