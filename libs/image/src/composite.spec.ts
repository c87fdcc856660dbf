import { composite, type Placement } from './composite';
import type { Cutout } from './raster';
import { pixelOf } from './test-pictures';

const SIDE = 12;
const MIDDLE: Placement = { x: 6, y: 6, scale: 1, angle: 0, flipX: false, flipY: false };

function solid(height: number, width: number, rgba: readonly [number, number, number, number]): Cutout {
  return { height, width, rgba: new Uint8Array(height * width * 4).map((_, at) => rgba[at % 4]) };
}

function over(cutout: Cutout, placement: Partial<Placement>, interpolation: 'nearest' | 'bilinear' = 'bilinear') {
  const frame = new Uint8Array(SIDE * SIDE * 3).fill(100);
  const options = { frame, height: SIDE, width: SIDE, cutout, interpolation };
  composite({ ...options, placement: { ...MIDDLE, ...placement } });
  return frame;
}

function sum(frame: Uint8Array): number {
  return frame.reduce((total, value) => total + value - 100, 0);
}

describe('drawing a cut-out over a frame', () => {
  test('at its own size it covers exactly its pixels', () => {
    const frame = over(solid(4, 6, [200, 10, 0, 255]), {});
    expect(pixelOf(frame, SIDE, 4, 3)).toEqual([200, 10, 0]);
    expect(pixelOf(frame, SIDE, 7, 8)).toEqual([200, 10, 0]);
    for (const [row, column] of [
      [3, 3],
      [4, 2],
      [8, 8],
      [7, 9],
    ]) {
      expect(pixelOf(frame, SIDE, row, column)).toEqual([100, 100, 100]);
    }
  });

  test('alpha mixes figure and background', () => {
    const frame = over(solid(4, 4, [200, 0, 100, 51]), {});
    // 51 / 255 = 0.2
    expect(pixelOf(frame, SIDE, 6, 6)).toEqual([120, 80, 100]);
  });

  test('half a pixel aside mixes the outline, and only there', () => {
    const frame = over(solid(4, 4, [200, 200, 200, 255]), { x: 6.5 });
    expect([4, 5, 7, 8].map((column) => pixelOf(frame, SIDE, 6, column)[0])).toEqual([150, 200, 200, 150]);
  });

  test('enlarging with nearest keeps blocks', () => {
    const checks: Cutout = { height: 1, width: 2, rgba: Uint8Array.from([255, 0, 0, 255, 0, 0, 255, 255]) };
    const frame = over(checks, { scale: 4 }, 'nearest');
    const row = Array.from({ length: SIDE }, (_, column) => pixelOf(frame, SIDE, 6, column)[0]);
    expect(row).toEqual([100, 100, 255, 255, 255, 255, 0, 0, 0, 0, 100, 100]);
  });

  test('flips mirror the figure', () => {
    const corner: Cutout = solid(2, 2, [100, 100, 100, 255]);
    corner.rgba.set([255, 0, 0, 255], 0);
    expect(pixelOf(over(corner, {}), SIDE, 5, 5)).toEqual([255, 0, 0]);
    expect(pixelOf(over(corner, { flipX: true }), SIDE, 5, 6)).toEqual([255, 0, 0]);
    expect(pixelOf(over(corner, { flipY: true }), SIDE, 6, 5)).toEqual([255, 0, 0]);
  });

  test('a quarter turn goes clockwise', () => {
    const corner: Cutout = solid(2, 2, [100, 100, 100, 255]);
    corner.rgba.set([255, 0, 0, 255], 0);
    const frame = over(corner, { angle: Math.PI / 2 });
    expect(pixelOf(frame, SIDE, 5, 6)).toEqual([255, 0, 0]);
  });

  test.each([0.1, 0.3, 0.5, 0.7])('reduced to %f it keeps its share of the light', (scale) => {
    // Fine checks average to half the light: sampling without averaging would miss or double them.
    const checks: Cutout = solid(60, 60, [100, 100, 100, 255]);
    for (let pixel = 0; pixel < 3600; pixel++) {
      if ((pixel + Math.floor(pixel / 60)) % 2 === 0) checks.rgba.fill(200, pixel * 4, pixel * 4 + 3);
    }
    const wide = new Uint8Array(64 * 64 * 3).fill(100);
    const placement = { ...MIDDLE, x: 32, y: 32, scale };
    composite({ frame: wide, height: 64, width: 64, cutout: checks, placement, interpolation: 'bilinear' });
    const expected = 0.5 * 100 * 3 * (60 * scale) ** 2;
    expect(sum(wide) / expected).toBeGreaterThan(0.9);
    expect(sum(wide) / expected).toBeLessThan(1.1);
  });

  test('a figure of an odd size stays in the middle when it is reduced', () => {
    const frame = over(solid(33, 33, [200, 200, 200, 255]), { scale: 0.2 });
    const moment = (axis: 'row' | 'column') => {
      let weight = 0;
      let total = 0;
      for (let row = 0; row < SIDE; row++) {
        for (let column = 0; column < SIDE; column++) {
          const light = pixelOf(frame, SIDE, row, column)[0] - 100;
          weight += light * ((axis === 'row' ? row : column) + 0.5);
          total += light;
        }
      }
      return weight / total;
    };
    expect(Math.abs(moment('row') - 6)).toBeLessThan(0.1);
    expect(Math.abs(moment('column') - 6)).toBeLessThan(0.1);
  });

  test('what lies outside the frame is cut off', () => {
    const frame = over(solid(8, 8, [200, 200, 200, 255]), { x: 0, y: 12 });
    expect(sum(frame)).toBe(4 * 4 * 3 * 100);
    expect(pixelOf(frame, SIDE, 11, 0)).toEqual([200, 200, 200]);
    expect(sum(over(solid(8, 8, [200, 200, 200, 255]), { x: -40 }))).toBe(0);
  });
});
