import { Random } from '@graft/foundation';
import type { PictureFormat } from '@graft/dataset';
import type { PixelSection } from './preprocessed';
import { drawBackground } from './background';
import { composite } from './composite';
import { cutOut } from './cutout';
import { type DecodedFrame, decodeFitted, decodePicture, type Fit } from './decode';
import { parseColour } from './palette';
import { type Cutout, isOpaque, type Raster, withoutAlpha } from './raster';
import { centreBox, centreCrop, pasteCentred, type Size, sizeWithin, stretch } from './resize';
import { nothingVisible } from './unreadable';

export interface PreparedExample {
  /** Index in the animation; null for a still picture. */
  readonly frame: number | null;
  /** image_size height · width · 3 bytes, RGB. */
  readonly pixels: Uint8Array;
  /** The figure, where the picture has transparency. */
  readonly cutout: Cutout | null;
}

export interface PreparedPicture {
  readonly examples: readonly PreparedExample[];
  /** Frames without a visible pixel, left out. */
  readonly blankFrames: readonly number[];
  /** More than 1: a multi-page picture, of which the first page is used. */
  readonly pages: number;
}

export interface PrepareOptions {
  readonly bytes: Uint8Array;
  /** Of the bytes; decides what is drawn behind a cut-out. */
  readonly sha256: string;
  readonly format: PictureFormat;
  readonly section: PixelSection;
}

/** The part of the frame that a figure fills when nothing is augmented: as a subject in front of a camera does. */
const FILL = { least: 0.55, most: 0.95 } as const;

/** Decodes one picture and brings it to image_size. @throws UnreadableError */
export async function preparePicture(options: PrepareOptions): Promise<PreparedPicture> {
  const { bytes, format, section } = options;
  const { height, width } = section.imageSize;
  const { maxFrames } = section;
  // Drawings are rendered twice as large as needed, because their figure may fill a part of the sheet only.
  const drawingSize = 2 * Math.max(height, width);
  const fitted = await decodeFitted({ bytes, format, drawingSize }, (picture) => fitOf(picture, section));
  if (fitted !== null) {
    const pixels = framed(fitted, section, randomOf(options, 'background', 0));
    return { examples: [{ frame: null, pixels, cutout: null }], blankFrames: [], pages: 1 };
  }
  const { frames, pages } = await decodePicture({ bytes, format, maxFrames, drawingSize });
  const examples: PreparedExample[] = [];
  const blankFrames: number[] = [];
  for await (const decoded of frames) {
    const example = await prepareFrame(decoded, options);
    if (example !== null) examples.push(example);
    else blankFrames.push(decoded.frame ?? 0);
  }
  if (examples.length === 0) throw nothingVisible();
  return { examples, blankFrames, pages };
}

async function prepareFrame(decoded: DecodedFrame, options: PrepareOptions): Promise<PreparedExample | null> {
  const { frame, raster } = decoded;
  const { section } = options;
  const random = (use: string) => randomOf(options, use, frame ?? 0);
  if (isOpaque(raster)) {
    return { frame, pixels: await fit(withoutAlpha(raster), section, random('background')), cutout: null };
  }
  const cutout = await cutOut(raster, section.imageSize, section.interpolation);
  if (cutout === null) return null;
  const pixels = backdrop(section, random('background'));
  place(pixels, cutout, section, random('place'));
  return { frame, pixels, cutout };
}

function randomOf({ sha256 }: PrepareOptions, use: string, frame: number): Random {
  return Random.of(0, use, sha256, frame);
}

function fitOf(picture: Size, { resize, imageSize, interpolation }: PixelSection): Fit {
  const part = resize === 'crop' ? centreBox(picture, imageSize) : { top: 0, left: 0, ...sizeOf(picture) };
  const size = resize === 'pad' ? sizeWithin(picture, imageSize) : imageSize;
  return { part, size, interpolation };
}

const sizeOf = ({ height, width }: Size): Size => ({ height, width });

async function fit(raster: Raster, section: PixelSection, random: Random): Promise<Uint8Array> {
  const { imageSize, interpolation } = section;
  const { size } = fitOf(raster, section);
  const part = section.resize === 'crop' ? centreCrop(raster, imageSize) : raster;
  return framed(await stretch(part, size, interpolation), section, random);
}

/** A picture that was stretched, between bars of the background where it does not fill the frame. */
function framed(raster: Raster, section: PixelSection, random: Random): Uint8Array {
  if (section.resize !== 'pad') return raster.data;
  const canvas = backdrop(section, random);
  pasteCentred(canvas, section.imageSize, raster);
  return canvas;
}

function backdrop(section: PixelSection, random: Random): Uint8Array {
  const { height, width } = section.imageSize;
  if (section.background === 'varied') return drawBackground(height, width, random);
  const colour = parseColour(section.background);
  const canvas = new Uint8Array(height * width * 3);
  for (let at = 0; at < canvas.length; at++) canvas[at] = colour[at % 3];
  return canvas;
}

function place(frame: Uint8Array, cutout: Cutout, section: PixelSection, random: Random): void {
  const { height, width }: Size = section.imageSize;
  const scale = random.between(FILL.least, FILL.most) * Math.min(height / cutout.height, width / cutout.width);
  const spareX = (width - cutout.width * scale) / 2;
  const spareY = (height - cutout.height * scale) / 2;
  composite({
    frame,
    height,
    width,
    cutout,
    interpolation: section.interpolation === 'nearest' ? 'nearest' : 'bilinear',
    placement: {
      x: width / 2 + random.between(-spareX, spareX),
      y: height / 2 + random.between(-spareY, spareY),
      scale,
      angle: 0,
      flipX: false,
      flipY: false,
    },
  });
}
