import { crc32 } from 'node:zlib';

import { command, describeCode, parseReply, plainCommand } from './packet';

test('the checksum is CRC-32 as zlib has it', () => {
  expect(crc32('123456789')).toBe(0xcbf43926);
});

test('a command worked out by hand: the checksum covers the parameters and the data', () => {
  const body = Buffer.from(command(0xc3, 0x80000400, 2, Uint8Array.of(0xaa, 0xbb)));
  expect(body.toString('hex')).toBe(`c3000000${checksum('0004008002000000aabb')}0004008002000000aabb`);
});

test('a command without arguments is 13 bytes, all but the first 0', () => {
  expect([...plainCommand(0xd2)]).toEqual([0xd2, ...new Array<number>(12).fill(0)]);
});

test('a reply has a command, a code and perhaps a text', () => {
  expect(parseReply(Uint8Array.of(0xd4, 0xe0))).toEqual({ op: 0xd4, code: 0xe0, text: '' });
  expect(parseReply(Buffer.from('\xd1\x00hello', 'latin1'))).toEqual({ op: 0xd1, code: 0, text: 'hello' });
  expect(parseReply(Uint8Array.of(0xd4))).toBeNull();
});

test('codes are told with their meaning, unknown ones as they are', () => {
  expect([0xe2, 0x0f].map(describeCode)).toEqual(['E2 (wrong checksum)', '0F']);
});

function checksum(hexOfRest: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(crc32(Buffer.from(hexOfRest, 'hex')));
  return bytes.toString('hex');
}
