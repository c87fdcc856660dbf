import { formatOfName, sniffPicture } from './sniff';
import { jpeg, png } from './testing/pictures';

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const padded = (start: Buffer, length = 64): Buffer => Buffer.concat([start, Buffer.alloc(length - start.length, 1)]);
const text = (content: string): Buffer => Buffer.from(content);

describe('a picture is told by its bytes', () => {
  test.each([
    ['jpeg', 'baseline', jpeg('x')],
    [
      'jpeg',
      'progressive, after two tables and a fill byte',
      hex('ffd8 ffe00004 0000 ffc40004 0000 ff ffc2000b 0800010001010111 00'),
    ],
    ['png', 'any', png('x')],
    ['gif', '89a', padded(text('GIF89a'))],
    ['gif', '87a', padded(text('GIF87a'))],
    ['webp', 'lossy', padded(text('RIFF....WEBPVP8 '))],
    ['bmp', 'with a 40-byte header', padded(hex('424d 40000000 00000000 36000000 28000000'))],
    ['avif', 'by its main brand', padded(hex('0000001c 66747970 61766966 00000000 61766966 6d696631 6d696166'))],
    ['avif', 'by a further brand', padded(hex('0000001c 66747970 6d696631 00000000 61766966 6d696631 6d696166'))],
    ['tiff', 'little-endian', padded(hex('49492a00 08000000'))],
    ['tiff', 'big-endian', padded(hex('4d4d002a 00000008'))],
    ['svg', 'bare', text('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    [
      'svg',
      'behind mark, declaration, comment and type',
      text(
        '\uFEFF<?xml version="1.0"?>\n<!-- <html> -->\n<!DOCTYPE svg PUBLIC "-//W3C" "x.dtd" [<!ENTITY a "b">]>\n<svg>',
      ),
    ],
    ['svg', 'with a prefix', text('<svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>')],
  ])('%s, %s', (format, _, bytes) => {
    expect(sniffPicture(bytes)).toEqual({ ok: true, format });
  });
});

describe('what is no picture says what it is', () => {
  test.each([
    [/is empty/, Buffer.alloc(0)],
    [/HTML page.*failed download/, text('\n<!DOCTYPE html><html><body>404</body></html>')],
    [/HTML page/, text('<html lang="en">')],
    [/JSON/, text('{"error": "not found"}')],
    [/Git LFS/, text('version https://git-lfs.github.com/spec/v1\noid sha256:00')],
    [/XML/, text('<Error><Code>NoSuchKey</Code></Error>')],
    [/is a text/, text('hello')],
    [/ends early at byte 4 \(truncated JPEG\)/, hex('ffd8ffe0')],
    [/truncated JPEG/, jpeg('').subarray(0, 10)],
    [/damaged JPEG/, hex('ffd8 ffe00004 0000 0011 2233')],
    [/damaged JPEG/, hex('ffd8 ffda0004 0000 ffd9')],
    [/truncated PNG/, png('').subarray(0, 20)],
    [/damaged PNG/, padded(hex('89504e470d0a1a0a 0000000d 58585858'))],
    [/truncated GIF/, text('GIF89a')],
    [/truncated WebP/, text('RIFF....WEBP')],
    [/truncated BMP/, text('BM')],
    [/truncated TIFF/, hex('49492a00')],
    [/truncated AVIF/, hex('0000001c 66747970')],
    [/HEIC/, padded(hex('00000018 66747970 68656963 00000000 6d696631 68656963'))],
    [/film/, padded(hex('00000018 66747970 69736f6d 00000000 69736f6d 6d703432'))],
    [/PDF/, padded(text('%PDF-1.7\u0000'))],
    [/zip/, padded(hex('504b0304'))],
    [/zeros/, Buffer.alloc(100)],
    [/not a picture in a known format/, padded(hex('0102030405060708'))],
    [/not a picture in a known format/, padded(hex('424d 40000000 00000000 36000000 ff000000'))],
  ])('%s', (reason, bytes) => {
    expect(sniffPicture(bytes)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });
});

test.each([
  ['a/b.JPG', 'jpeg'],
  ['b.tif', 'tiff'],
  ['b.txt', 'other'],
  ['a.png/b', null],
  ['.png', null],
])('the name %s promises %s', (path, format) => {
  expect(formatOfName(path)).toBe(format);
});
