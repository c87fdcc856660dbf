import { lookup3 } from './checksum';

// From the comments of lookup3.c: hashlittle of the empty text, and of a text of 30 letters, both with start value 0.
test.each([
  ['', 0xdeadbeef],
  ['Four score and seven years ago', 0x17770551],
])('the checksum of %j is that of its author', (text, expected) => {
  expect(lookup3(Buffer.from(text))).toBe(expected);
});
