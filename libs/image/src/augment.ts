import { Random } from '@graft/foundation';
import type { AugmentSection } from '@graft/spec';
import { changeView } from './affine';
import { drawBackground } from './background';
import { blurPixels } from './blur';
import { imitateCamera } from './camera';
import { changeColours, type ColourChange } from './colour';
import { composite } from './composite';
import { drawRectangle, erase } from './erase';
import type { Cutout } from './raster';

export interface AugmentOptions {
  /** The example as preprocessed: height · width · 3 bytes (row, column, RGB). Not changed. */
  readonly pixels: Uint8Array;
  /** Its figure, where it has transparency. */
  readonly cutout: Cutout | null;
  readonly height: number;
  readonly width: number;
  readonly augment: AugmentSection;
  /** With `id` and `copy` the only source of chance: equal three, equal bytes. */
  readonly seed: number;
  readonly id: string;
  readonly copy: number;
}

/**
 * A new variant of a training picture, height · width · 3 bytes (row, column, RGB). A cut-out is drawn over a fresh
 * background at a new size, place and angle; any other picture is seen from a slightly changed view. Then brightness,
 * contrast and saturation change, some copies are blurred, some lose a rectangle, and last comes the camera.
 */
export function augmentExample(options: AugmentOptions): Uint8Array {
  const { cutout, augment, seed, id, copy } = options;
  const random = Random.of(seed, 'augment', id, copy);
  const variant =
    cutout !== null && augment.composite !== null
      ? composeVariant(options, cutout, augment.composite, random)
      : viewVariant(options, random);
  changeColours(variant, 3, drawColourChange(augment, random));
  spoil(variant, options);
  return variant;
}

/** Each kind has a stream of its own: switching one on changes nothing that the others draw. */
function spoil(variant: Uint8Array, { height, width, augment, seed, id, copy }: AugmentOptions): void {
  const { blur, erasing, camera } = augment;
  const random = (use: string) => Random.of(seed, use, id, copy);
  if (blur !== null) {
    const own = random('blur');
    if (own.uniform() < blur.probability) blurPixels(variant, height, width, own.between(0, blur.sigma));
  }
  if (erasing !== null) {
    const own = random('erasing');
    if (own.uniform() < erasing.probability)
      erase(variant, width, drawRectangle(height, width, erasing.area, own), own);
  }
  if (camera !== null) imitateCamera(variant, height, width, random('camera'));
}

function viewVariant(options: AugmentOptions, random: Random): Uint8Array {
  const { pixels, height, width, augment } = options;
  const view = {
    ...drawFlips(augment, random),
    angle: drawAngle(augment, random),
    zoom: 1 + around(augment.zoom, random),
    shiftX: around(augment.translation, random) * width,
    shiftY: around(augment.translation, random) * height,
  };
  return changeView(pixels, height, width, view);
}

interface ScaleRange {
  readonly minScale: number;
  readonly maxScale: number;
}

function composeVariant(options: AugmentOptions, cutout: Cutout, range: ScaleRange, random: Random): Uint8Array {
  const { height, width, augment, seed, id, copy } = options;
  const frame = drawBackground(height, width, Random.of(seed, 'background', id, copy));
  const angle = drawAngle(augment, random);
  const share = random.between(range.minScale, range.maxScale);
  const scale = share * Math.min(height / cutout.height, width / cutout.width);
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  const boxWidth = scale * (cutout.width * cos + cutout.height * sin);
  const boxHeight = scale * (cutout.height * cos + cutout.width * sin);
  const placement = {
    x: drawPlace(width, boxWidth, augment.translation, random),
    y: drawPlace(height, boxHeight, augment.translation, random),
    scale,
    angle,
    ...drawFlips(augment, random),
  };
  // A figure in front of something is seldom lit like what is behind it.
  const figure = { ...cutout, rgba: cutout.rgba.slice() };
  changeColours(figure.rgba, 4, { brightness: 1 + around(augment.brightness, random), contrast: 1, saturation: 1 });
  composite({ frame, height, width, cutout: figure, placement, interpolation: 'bilinear' });
  return frame;
}

/** Anywhere inside; `overhang` (a share of the frame) may be cut off at either edge. */
function drawPlace(frame: number, box: number, overhang: number, random: Random): number {
  const room = Math.abs(frame - box) / 2 + overhang * frame;
  return frame / 2 + around(room, random);
}

function drawFlips(augment: AugmentSection, random: Random): { flipX: boolean; flipY: boolean } {
  const [x, y] = [random.uniform() < 0.5, random.uniform() < 0.5];
  const { flip } = augment;
  return {
    flipX: x && (flip === 'horizontal' || flip === 'both'),
    flipY: y && (flip === 'vertical' || flip === 'both'),
  };
}

function drawAngle(augment: AugmentSection, random: Random): number {
  return (around(augment.rotationDegrees, random) * Math.PI) / 180;
}

function drawColourChange(augment: AugmentSection, random: Random): ColourChange {
  return {
    brightness: 1 + around(augment.brightness, random),
    contrast: 1 + around(augment.contrast, random),
    saturation: 1 + around(augment.saturation, random),
  };
}

/** −range ≤ x < range. */
function around(range: number, random: Random): number {
  return random.between(-range, range);
}
