import { sha256 } from '@graft/foundation';
import type { PictureFormat } from '@graft/dataset';
import type { PreprocessSection } from '@graft/spec';
import { preparePicture } from './prepare';
import { animation, draw, type Drawing, pixelOf, SECTION } from './test-pictures';

async function prepare(bytes: Uint8Array, section: Partial<PreprocessSection> = {}, format: PictureFormat = 'png') {
  return preparePicture({ bytes, sha256: sha256(bytes), format, section: { ...SECTION, ...section } });
}

async function pixels(drawing: Drawing, size: [number, number], section: Partial<PreprocessSection> = {}) {
  const bytes = await draw(...size, drawing)
    .png()
    .toBuffer();
  const { examples } = await prepare(bytes, section);
  return examples[0].pixels;
}

describe('opaque pictures', () => {
  /** Four columns of two: red, green, blue, white. */
  const columns: Drawing = (_, column) => ['#ff0000', '#00ff00', '#0000ff', '#ffffff'][Math.floor(column / 2)];
  const square = { imageSize: { height: 4, width: 4 }, interpolation: 'nearest' } as const;

  test('crop keeps the middle', async () => {
    const result = await pixels(columns, [4, 8], { ...square, resize: 'crop' });
    const row = [0, 1, 2, 3].map((column) => pixelOf(result, 4, 0, column));
    expect(row).toEqual([
      [0, 255, 0],
      [0, 255, 0],
      [0, 0, 255],
      [0, 0, 255],
    ]);
  });

  test('crop keeps the middle of a tall picture', async () => {
    const result = await pixels(
      (row) => ['#ff0000', '#00ff00', '#0000ff', '#ffffff'][Math.floor(row / 2)],
      [8, 4],
      square,
    );
    expect(pixelOf(result, 4, 1, 0)).toEqual([0, 255, 0]);
    expect(pixelOf(result, 4, 2, 3)).toEqual([0, 0, 255]);
  });

  test('squash shows everything', async () => {
    const result = await pixels(columns, [4, 8], { ...square, resize: 'squash' });
    const row = [0, 1, 2, 3].map((column) => pixelOf(result, 4, 2, column));
    expect(row).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [255, 255, 255],
    ]);
  });

  test('pad shows everything in its shape between bars of the background', async () => {
    const result = await pixels(columns, [4, 8], { ...square, resize: 'pad' });
    expect(pixelOf(result, 4, 0, 0)).toEqual([0x20, 0x40, 0x60]);
    expect(pixelOf(result, 4, 1, 0)).toEqual([255, 0, 0]);
    expect(pixelOf(result, 4, 2, 3)).toEqual([255, 255, 255]);
    expect(pixelOf(result, 4, 3, 3)).toEqual([0x20, 0x40, 0x60]);
  });

  test('pad with a varied background draws the bars', async () => {
    const result = await pixels(() => '#ff0000', [8, 16], {
      resize: 'pad',
      background: 'varied',
      imageSize: { height: 32, width: 32 },
    });
    const bars = new Set(
      [0, 1, 30, 31].flatMap((row) => [0, 9, 20].map((column) => String(pixelOf(result, 32, row, column)))),
    );
    expect(bars.size).toBeGreaterThan(1);
  });

  test('bilinear and lanczos mix, nearest does not', async () => {
    const checks: Drawing = (row, column) => ((row + column) % 2 === 0 ? '#000000' : '#ffffff');
    const bilinear = await pixels(checks, [16, 16], { interpolation: 'bilinear' });
    const lanczos = await pixels(checks, [16, 16], { interpolation: 'lanczos' });
    const nearest = await pixels(checks, [16, 16], { interpolation: 'nearest' });
    // Half black, half white; a triangle that covers four pixels averages them to the middle.
    expect(Math.abs(pixelOf(bilinear, 8, 4, 4)[0] - 127.5)).toBeLessThan(2);
    expect(Math.abs(pixelOf(lanczos, 8, 4, 4)[0] - 127.5)).toBeLessThan(8);
    expect(nearest.every((value) => value === 0 || value === 255)).toBe(true);
  });

  test('a triangle filter halves a ramp as worked out by hand', async () => {
    const grey = (value: number) => `#${value.toString(16).padStart(2, '0').repeat(3)}`;
    const ramp: Drawing = (_, column) => grey([0, 40, 80, 120][column]);
    const result = await pixels(ramp, [2, 4], { imageSize: { height: 1, width: 2 }, resize: 'squash' });
    // Weights ¼ ¾ ¾ ¼ around each new centre, edge pixels repeated: (0·1 + 40·¾ + 80·¼) / 2 and (40·¼ + 80·¾ + 120·1) / 2.
    expect(pixelOf(result, 2, 0, 0)[0]).toBe(25);
    expect(pixelOf(result, 2, 0, 1)[0]).toBe(95);
  });

  test('a strip of one pixel is stretched without a detour through a giant picture', async () => {
    const bytes = await draw(1, 4000, () => '#ff0000')
      .png()
      .toBuffer();
    const { examples } = await prepare(bytes);
    expect(examples[0].pixels).toEqual(new Uint8Array(8 * 8 * 3).map((_, at) => (at % 3 === 0 ? 255 : 0)));
  });

  test('a picture with an alpha channel that hides nothing counts as opaque', async () => {
    const { examples } = await prepare(
      await draw(8, 8, () => '#ff0000')
        .ensureAlpha()
        .png()
        .toBuffer(),
    );
    expect(examples[0].cutout).toBeNull();
  });
});

describe('transparent pictures', () => {
  /** A figure of 4 × 6 pixels in a corner of 20 × 20; a faint glow around it. */
  const figure: Drawing = (row, column) => {
    if (row >= 2 && row < 6 && column >= 3 && column < 9) return column < 6 ? '#ff0000' : '#0000ff80';
    return row < 8 && column < 12 ? '#ffffff08' : null;
  };
  const large = { imageSize: { height: 64, width: 64 } };

  test('the figure is trimmed to its visible part and keeps its size and alpha', async () => {
    const { examples } = await prepare(await draw(20, 20, figure).png().toBuffer(), large);
    const { cutout } = examples[0];
    expect([cutout?.height, cutout?.width]).toEqual([4, 6]);
    expect([...(cutout?.rgba.subarray(0, 4) ?? [])]).toEqual([255, 0, 0, 255]);
    expect([...(cutout?.rgba.subarray(5 * 4, 6 * 4) ?? [])]).toEqual([0, 0, 255, 128]);
  });

  test('a figure larger than the frame is scaled down to fit', async () => {
    const bytes = await draw(40, 100, (row) => (row === 0 ? null : '#00ff00'))
      .png()
      .toBuffer();
    const { cutout } = (await prepare(bytes, { imageSize: { height: 32, width: 50 } })).examples[0];
    // 39 × 100 in 32 × 50: half as wide, 19.5 rows.
    expect([cutout?.height, cutout?.width]).toEqual([20, 50]);
  });

  test('it fills between 55 and 95 percent of the frame, wherever its content puts it', async () => {
    for (let variant = 0; variant < 8; variant++) {
      const colour = `#ff00${variant}0`;
      const bytes = await draw(6, 6, (row, column) => (row < 3 && column < 3 ? colour : null))
        .png()
        .toBuffer();
      const [{ pixels }] = (await prepare(bytes, { ...large, interpolation: 'nearest' })).examples;
      let area = 0;
      for (let at = 0; at < pixels.length; at += 3) area += pixels[at] === 255 ? 1 : 0;
      expect(Math.sqrt(area) / 64).toBeGreaterThan(0.53);
      expect(Math.sqrt(area) / 64).toBeLessThan(0.97);
    }
  });

  test('half-transparent parts let the background through', async () => {
    const bytes = await draw(4, 4, (row) => (row === 0 ? null : '#ff000080'))
      .png()
      .toBuffer();
    const [{ pixels }] = (await prepare(bytes, { ...large, background: '#000000' })).examples;
    expect(Math.max(...pixels)).toBe(128);
  });

  test('the colour behind transparent pixels never shows', async () => {
    const bytes = await draw(8, 8, (row, column) => ((row - 4) ** 2 + (column - 4) ** 2 < 9 ? '#00ff00' : '#ff000000'))
      .png()
      .toBuffer();
    const [{ pixels }] = (await prepare(bytes, { ...large, background: '#000000' })).examples;
    expect(pixels.every((value, at) => at % 3 === 1 || value === 0)).toBe(true);
  });

  test('a varied background follows from the content and the frame', async () => {
    const frames = [0, 1].map(() => draw(8, 8, (row) => (row < 4 ? '#ff0000' : null)));
    const bytes = await animation(frames, 'gif');
    const varied = { ...large, background: 'varied' };
    const [a, b] = (await prepare(bytes, varied, 'gif')).examples;
    const [again] = (await prepare(bytes, varied, 'gif')).examples;
    expect(a.cutout).toEqual(b.cutout);
    expect(a.pixels).not.toEqual(b.pixels);
    expect(again.pixels).toEqual(a.pixels);
  });

  test('frames without anything on them are left out and named', async () => {
    const frames = [0, 1, 2].map((at) => draw(8, 8, (row) => (at !== 1 && row <= at + 1 ? '#ff0000' : null)));
    const picture = await prepare(await animation(frames, 'webp'), {}, 'webp');
    expect(picture.blankFrames).toEqual([1]);
    expect(picture.examples.map(({ frame }) => frame)).toEqual([0, 2]);
  });

  test('a picture without anything on it cannot be used', async () => {
    await expect(
      prepare(
        await draw(8, 8, () => null)
          .png()
          .toBuffer(),
      ),
    ).rejects.toThrow('is transparent all over');
  });
});
