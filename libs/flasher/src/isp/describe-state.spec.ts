import { describeState } from './describe-state';
import { blocksOf } from './write-flash';

const blocks = blocksOf([
  { name: 'firmware.bin', address: 0, bytes: new Uint8Array(70_000) },
  { name: 'model.kmodel', address: 0x300000, bytes: new Uint8Array(5000) },
]);
const FIRMWARE = 65_536 + 2 * 4096;

test('before the first block nothing has changed', () => {
  expect(describeState(blocks, 0, false)).toEqual(['nothing was written; the flash chip is as it was']);
});

test('in the firmware, neither file is whole, and the board does not start', () => {
  expect(describeState(blocks, 65_536, true)).toEqual([
    `65536 of ${FIRMWARE + 8192} bytes are written and confirmed; what lies from 0x10000 on is not`,
    'not whole: firmware.bin, model.kmodel; the board must not use it before it is flashed again, which mends it',
    'its firmware is not whole: it does not start by itself',
    expect.stringContaining('RESET'),
  ]);
});

test('behind the firmware only the model is not whole', () => {
  const lines = describeState(blocks, FIRMWARE, true);
  expect(lines[0]).toMatch(/from 0x300000 on is not$/);
  expect(lines[1]).toMatch(/^not whole: model\.kmodel;/);
  expect(lines).toHaveLength(3);
});

test('after the last block all is there, and the board only has to start', () => {
  expect(describeState(blocks, FIRMWARE + 8192, true)).toEqual([
    'every byte is written and confirmed',
    expect.stringContaining('RESET'),
  ]);
});
