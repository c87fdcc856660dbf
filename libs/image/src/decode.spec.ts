import type { PictureFormat } from '@graft/dataset';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodePicture, type DecodedFrame, spreadFrames } from './decode';
import { UnreadableError } from './errors';
import {
  animation,
  draw,
  hugePng,
  noisy,
  plain,
  pixelOf,
  removeTemporaryFolders,
  temporaryFolder,
} from './test-pictures';

afterAll(removeTemporaryFolders);

async function decode(bytes: Uint8Array, format: PictureFormat, maxFrames: number | null = null, drawingSize = 16) {
  const { frames, pages } = await decodePicture({ bytes, format, maxFrames, drawingSize });
  const all: DecodedFrame[] = [];
  for await (const frame of frames) all.push(frame);
  return { pages, frames: all };
}

async function first(bytes: Uint8Array, format: PictureFormat) {
  const { frames } = await decode(bytes, format);
  return frames[0].raster;
}

function expectNear(actual: readonly number[], expected: readonly number[], tolerance: number) {
  expected.forEach((value, channel) => expect(Math.abs(actual[channel] - value)).toBeLessThanOrEqual(tolerance));
}

describe('colours', () => {
  test.each(['png', 'tiff', 'webp'] as const)('a lossless %s gives its own bytes', async (format) => {
    const picture = draw(2, 3, (row, column) => `#${row}0${column}0ff`).removeAlpha();
    const bytes = await picture.toFormat(format, { lossless: true, compression: 'deflate' }).toBuffer();
    const raster = await first(bytes, format);
    expect({ height: raster.height, width: raster.width, channels: raster.channels }).toEqual({
      height: 2,
      width: 3,
      channels: 3,
    });
    expect(pixelOf(raster.data, 3, 1, 2)).toEqual([0x10, 0x20, 0xff]);
  });

  test.each(['jpeg', 'avif'] as const)('a %s gives nearly its own colours', async (format) => {
    const raster = await first(await plain(16, 16, '#c03020').toFormat(format, { quality: 95 }).toBuffer(), format);
    expectNear([...raster.data], [0xc0, 0x30, 0x20], 4);
  });

  test('a four-component (CMYK) JPEG comes out in the colours it was made from', async () => {
    const bytes = await plain(16, 16, '#c03020').toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    expect((await sharp(bytes).metadata()).channels).toBe(4);
    // The printing colour space holds fewer colours: a deep red comes back within a tenth.
    expectNear([...(await first(bytes, 'jpeg')).data], [0xc0, 0x30, 0x20], 25);
  });

  test('a wide-gamut profile is converted to sRGB', async () => {
    const bytes = await plain(8, 8, '#60a040').withIccProfile('p3').png().toBuffer();
    const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    expect(Math.abs(stored[0] - 0x60)).toBeGreaterThan(8);
    expectNear([...(await first(bytes, 'png')).data], [0x60, 0xa0, 0x40], 2);
  });

  test('16-bit grey becomes three equal 8-bit channels', async () => {
    const grey = new Uint16Array([0, 0x8080, 0xffff, 0x4040]);
    const input = { raw: { width: 2, height: 2, channels: 1 as const, depth: 'ushort' as const } };
    const bytes = await sharp(grey, input).toColourspace('grey16').png().toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    const raster = await first(bytes, 'png');
    expect([...raster.data]).toEqual([0, 0, 0, 128, 128, 128, 255, 255, 255, 64, 64, 64]);
  });

  test('8-bit grey with transparency becomes RGBA', async () => {
    const bytes = await draw(1, 2, (_, column) => (column === 0 ? '#50505080' : '#ffffff'))
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const raster = await first(bytes, 'png');
    expect(raster.channels).toBe(4);
    expect([...raster.data]).toEqual([0x50, 0x50, 0x50, 0x80, 255, 255, 255, 255]);
  });

  test('a palette picture gives the colours of its palette', async () => {
    const bytes = await draw(2, 2, (row) => (row === 0 ? '#ff0000' : '#0000ff'))
      .png({ palette: true })
      .toBuffer();
    expect((await sharp(bytes).metadata()).isPalette).toBe(true);
    const raster = await first(bytes, 'png');
    expect([...raster.data.subarray(0, 3)]).toEqual([255, 0, 0]);
  });
});

describe('orientation', () => {
  test('a picture that Exif turns by a quarter is upright', async () => {
    const bytes = await draw(8, 16, (_, column) => (column < 8 ? '#ff0000' : '#0000ff'))
      .removeAlpha()
      .withMetadata({ orientation: 6 })
      .jpeg({ chromaSubsampling: '4:4:4' })
      .toBuffer();
    const raster = await first(bytes, 'jpeg');
    // Orientation 6: the stored left edge is the upper edge.
    expect([raster.height, raster.width]).toEqual([16, 8]);
    expectNear(pixelOf(raster.data, 8, 1, 4), [255, 0, 0], 4);
    expectNear(pixelOf(raster.data, 8, 14, 4), [0, 0, 255], 4);
  });
});

describe('animations', () => {
  const COLOURS = ['#ff0000', '#00ff00', '#0000ff', '#ffff00', '#00ffff', '#ff00ff'];
  const strip = () => COLOURS.map((colour) => draw(4, 6, (_, column) => (column < 3 ? colour : null)));

  test.each(['gif', 'webp'] as const)('every frame of a %s is a picture with its number', async (format) => {
    const { frames, pages } = await decode(await animation(strip(), format), format);
    expect(pages).toBe(1);
    expect(frames.map(({ frame }) => frame)).toEqual([0, 1, 2, 3, 4, 5]);
    const seen = frames.map(({ raster }) => Buffer.from(raster.data.subarray(0, 4)).toString('hex'));
    expect(seen).toEqual(COLOURS.map((colour) => `${colour.slice(1)}ff`));
    expect(frames.every(({ raster }) => raster.height === 4 && raster.data[5 * 4 + 3] === 0)).toBe(true);
  });

  test('a limit takes evenly spread frames', async () => {
    const { frames } = await decode(await animation(strip(), 'gif'), 'gif', 3);
    expect(frames.map(({ frame }) => frame)).toEqual([0, 2, 4]);
    const third = frames[2].raster.data;
    expect([...third.subarray(0, 3)]).toEqual([0, 255, 255]);
  });

  test('a GIF with one frame is a still picture', async () => {
    const { frames } = await decode(await plain(4, 4, '#ff0000').gif().toBuffer(), 'gif');
    expect(frames.map(({ frame }) => frame)).toEqual([null]);
  });

  test('spread numbers start at the first frame and never repeat', () => {
    expect(spreadFrames(100, 4)).toEqual([0, 25, 50, 75]);
    expect(spreadFrames(3, 10)).toEqual([0, 1, 2]);
    expect(spreadFrames(2, null)).toEqual([0, 1]);
  });

  test('of a multi-page TIFF the first page is decoded and the pages are counted', async () => {
    const pages = [plain(4, 4, '#ff0000'), plain(4, 4, '#0000ff')];
    const still = await Promise.all(pages.map((page) => page.png().toBuffer()));
    const bytes = await sharp(still, { join: { animated: true } })
      .tiff()
      .toBuffer();
    const decoded = await decode(bytes, 'tiff');
    expect(decoded.pages).toBe(2);
    expect(decoded.frames).toHaveLength(1);
    expectNear([...decoded.frames[0].raster.data], [255, 0, 0], 2);
  });
});

describe('drawings', () => {
  const svg = (attributes: string, content: string) =>
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}</svg>`,
    );

  test.each([
    ['small', 'width="4" height="2"'],
    ['large', 'width="1000" height="500"'],
    ['without a size of its own', 'viewBox="0 0 4 2"'],
  ])('a %s one is rendered at the wanted size', async (_, attributes) => {
    const { height, width } = await first(svg(attributes, ''), 'svg');
    expect([height, width]).toEqual([8, 16]);
  });

  test('no other file is loaded, however it is named', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'secret.png');
    await writeFile(file, await plain(4, 4, '#ff0000').png().toBuffer());
    for (const address of [file, `file://${file}`, 'secret.png']) {
      const bytes = svg('width="4" height="4"', `<image xlink:href="${address}" width="4" height="4"/>`);
      await writeFile(join(folder, 'drawing.svg'), bytes);
      // The same drawing does show the picture to a program that opens it by its name.
      const careless = await sharp(join(folder, 'drawing.svg')).raw().toBuffer();
      expect(careless.some((value) => value > 0)).toBe(true);
      const { data } = await first(bytes, 'svg');
      expect(data.every((value) => value === 0)).toBe(true);
    }
  });

  test('an external entity is refused', async () => {
    const bytes = Buffer.concat([
      Buffer.from('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'),
      svg('width="9" height="9"', '<text y="9">&x;</text>'),
    ]);
    await expect(first(bytes, 'svg')).rejects.toBeInstanceOf(UnreadableError);
  });
});

describe('files that cannot be used', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('half of a %s ends early', async (format) => {
    const bytes = await noisy(40, 60).toFormat(format).toBuffer();
    await expect(first(bytes.subarray(0, bytes.length / 2), format)).rejects.toThrow('ends early or is damaged');
  });

  test('a JPEG that lacks its last rows is refused even where a crop would not need them', async () => {
    const bytes = await noisy(400, 60).jpeg().toBuffer();
    await expect(first(bytes.subarray(0, bytes.length * 0.95), 'jpeg')).rejects.toThrow('ends early');
  });

  test('a small file that promises a huge picture is refused before its pixels are allocated', async () => {
    const before = process.memoryUsage().rss;
    await expect(first(hugePng(50_000, 50_000), 'png')).rejects.toThrow('is 50000 × 50000 pixels');
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  test.each([
    ['an empty file', '', 'png', 'is empty'],
    ['a BMP', 'BM123456', 'bmp', 'is a BMP file'],
    ['a page of text', '<html></html>', 'jpeg', 'is no JPEG'],
  ] as const)('%s is named', async (_, text, format, reason) => {
    await expect(first(Buffer.from(text), format)).rejects.toThrow(reason);
  });
});
