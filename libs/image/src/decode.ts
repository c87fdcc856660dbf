import type { PictureFormat } from '@graft/dataset';
import sharp from 'sharp';
import type { Raster } from './raster';
import { type Box, type Interpolation, KERNEL, type Size } from './resize';
import { isSrgbProfile } from './srgb-profile';
import { decoderRefused, emptyFile, hasLostItsReason, MAX_PIXELS, tooLarge, unsupportedBmp } from './unreadable';

export interface DecodeOptions {
  readonly bytes: Uint8Array;
  readonly format: PictureFormat;
  /** Frames taken from an animation, evenly spread; null: all. */
  readonly maxFrames: number | null;
  /** A drawing (SVG) is rendered so that its longer side has about this many pixels. */
  readonly drawingSize: number;
}

export interface DecodedFrame {
  /** Index in the animation; null for a still picture. */
  readonly frame: number | null;
  readonly raster: Raster;
}

export interface DecodedPicture {
  /** Pages of a picture that is no animation (a multi-page TIFF): only the first is decoded. */
  readonly pages: number;
  readonly frames: AsyncIterable<DecodedFrame>;
}

interface Plan extends DecodeOptions {
  readonly density: number | undefined;
  readonly ignoreIcc: boolean;
  /** Pixels of one page. */
  readonly area: number;
  readonly wanted: readonly number[];
  readonly animated: boolean;
}

const ANIMATIONS: readonly PictureFormat[] = ['gif', 'webp'];
/** Pages of an animation are decoded together up to this many pixels, since a GIF's page needs all pages before it. */
const BATCH_PIXELS = 16_000_000;
const TIMEOUT_SECONDS = 120;
const DOTS_PER_INCH = 72;

/**
 * Decodes to 8-bit sRGB, upright (Exif orientation applied), whatever the file holds: grey, palette, 16 bits, CMYK, an
 * ICC profile. The bytes are handed over as a buffer on purpose: an SVG without an address of its own loads no other file.
 *
 * @throws UnreadableError for files that cannot be decoded to the last pixel.
 */
export async function decodePicture(options: DecodeOptions): Promise<DecodedPicture> {
  const { format } = options;
  const { header, density, area } = await openPicture(options);
  const { ignoreIcc } = header;
  const animated = ANIMATIONS.includes(format) && header.pages > 1;
  const wanted = animated ? spreadFrames(header.pages, options.maxFrames) : [0];
  return {
    pages: animated ? 1 : header.pages,
    frames: decodeFrames({ ...options, density, ignoreIcc, area, wanted, animated }),
  };
}

export interface PictureHeader {
  /** As stored: before an Exif orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly pages: number;
  /** Exif orientation, 1 … 8; 1: upright. */
  readonly orientation: number;
  /** As stored: `srgb`, `b-w`, `cmyk`, … */
  readonly space: string;
  /** A profile that would change nothing, and take longer than decoding. */
  readonly ignoreIcc: boolean;
}

/** Reads the header and refuses what would be too large to decode. @throws UnreadableError */
async function openPicture({ bytes, format, drawingSize }: Omit<DecodeOptions, 'maxFrames'>) {
  if (bytes.length === 0) throw emptyFile();
  if (format === 'bmp') throw unsupportedBmp();
  const header = await readHeader(bytes, format);
  const density = format === 'svg' ? drawingDensity(header, drawingSize) : undefined;
  const scale = density === undefined ? 1 : density / DOTS_PER_INCH;
  const area = Math.ceil(header.width * scale) * Math.ceil(header.height * scale);
  if (area > MAX_PIXELS) throw tooLarge(header.width, header.height);
  return { header, density, area };
}

export interface ReducedPicture {
  readonly header: PictureHeader;
  /** Upright, its longer side at most the wanted one. */
  readonly raster: Raster;
}

/**
 * Decodes the first frame to the last pixel, upright and at most `longerSide` long. A photograph is scaled down while it
 * is decoded, which takes a fraction of the time and memory of {@link decodePicture}.
 *
 * @throws UnreadableError for files that cannot be decoded.
 */
export async function decodeReduced(
  bytes: Uint8Array,
  format: PictureFormat,
  longerSide: number,
): Promise<ReducedPicture> {
  const { header, density } = await openPicture({ bytes, format, drawingSize: longerSide });
  const rendering = density === undefined ? {} : { density };
  const { ignoreIcc } = header;
  return asked(format, async () => {
    const { data, info } = await sharp(bytes, {
      limitInputPixels: MAX_PIXELS,
      failOn: 'error',
      ignoreIcc,
      ...rendering,
    })
      .timeout({ seconds: TIMEOUT_SECONDS })
      .autoOrient()
      .resize({ width: longerSide, height: longerSide, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { height, width } = info;
    return { header, raster: { height, width, ...threeOrFour(data, info.channels) } };
  });
}

/** What to make of an upright picture: a part of it, stretched to a size. */
export interface Fit {
  readonly part: Box;
  readonly size: Size;
  readonly interpolation: Interpolation;
}

/** libvips decodes larger pictures into a file on the disk where it needs them as a whole: 33 million pixels are 100 MB. */
const MOST_PIXELS_IN_MEMORY = 33_000_000;

/**
 * Decodes a photograph to the last pixel, cuts and stretches it in one go, without a copy for each step: the same bytes as
 * {@link decodePicture} and then `centreCrop` and `stretch`, but that of a few pictures one line differs by 1 of 255 (with
 * `lanczos` very seldom by 2), since libvips rounds by where a strip of lines begins. Null for what is no JPEG in three colours, very large, or not
 * decoded as a whole in this way, so that damage would be missed.
 *
 * @throws UnreadableError
 */
export async function decodeFitted(
  { bytes, format, drawingSize }: Omit<DecodeOptions, 'maxFrames'>,
  fitFor: (picture: Size) => Fit,
): Promise<Raster | null> {
  if (format !== 'jpeg') return null;
  const { header, area } = await openPicture({ bytes, format, drawingSize });
  if (header.space !== 'srgb' || area > MOST_PIXELS_IN_MEMORY) return null;
  const { part, size, interpolation } = fitFor(uprightSize(header));
  // Lines are decoded as far down as they are asked for; those of a picture on its side are asked for all at once.
  // Mirrored ones are mirrored after they are stretched, and `nearest` does not take the same pixels then.
  const onItsSide = header.orientation === 6 || header.orientation === 8;
  const asksForAllLines = header.orientation === 1 && part.height === header.height;
  if (interpolation === 'nearest' || !(onItsSide || asksForAllLines)) return null;
  return asked(format, async () => {
    const { data, info } = await sharp(bytes, {
      limitInputPixels: MAX_PIXELS,
      failOn: 'error',
      sequentialRead: !onItsSide,
      ignoreIcc: header.ignoreIcc,
    })
      .timeout({ seconds: TIMEOUT_SECONDS })
      .autoOrient()
      // Also where the part is the whole: a picture that is cut is not shrunk while it is decoded, which changes its bytes.
      .extract(part)
      .resize(size.width, size.height, { fit: 'fill', kernel: KERNEL[interpolation] })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { ...size, ...threeOrFour(data, info.channels) };
  });
}

function uprightSize({ orientation, height, width }: PictureHeader): Size {
  return orientation >= 5 ? { height: width, width: height } : { height, width };
}

/** `count` numbers of 0 … pages − 1, evenly spread, the first always among them. */
export function spreadFrames(pages: number, count: number | null): number[] {
  const taken = Math.min(pages, count ?? pages);
  return Array.from({ length: taken }, (_, index) => Math.floor((index * pages) / taken));
}

async function readHeader(bytes: Uint8Array, format: PictureFormat): Promise<PictureHeader> {
  return asked(format, async () => {
    // Only the header is read here, so that a picture that is too large can be named with its size.
    const metadata = await sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata();
    const { width, height, pages = 1, orientation = 1, space, depth, icc } = metadata;
    const ignoreIcc = icc !== undefined && space === 'srgb' && depth === 'uchar' && isSrgbProfile(icc);
    return { width, height, pages, orientation, space, ignoreIcc };
  });
}

const MOST_ATTEMPTS = 10;

/**
 * Asks the decoder; where it fails, until it gives the same reason twice. libvips keeps what went wrong in one place for all
 * threads, where other pictures' failures are added and a picture that is done clears it all. @throws UnreadableError
 */
async function asked<T>(format: PictureFormat, decode: () => Promise<T>): Promise<T> {
  const reasons = new Set<string>();
  for (;;) {
    try {
      return await decode();
    } catch (error) {
      const refused = decoderRefused(format, error);
      if (reasons.size === MOST_ATTEMPTS || (reasons.has(refused.reason) && !hasLostItsReason(error))) throw refused;
      reasons.add(hasLostItsReason(error) ? `${reasons.size}` : refused.reason);
    }
  }
}

function drawingDensity(size: { width: number; height: number }, wanted: number): number {
  const density = (DOTS_PER_INCH * wanted) / Math.max(size.width, size.height);
  return Math.min(100_000, Math.max(1, density));
}

async function* decodeFrames(plan: Plan): AsyncGenerator<DecodedFrame> {
  const { wanted, area, animated } = plan;
  const span = Math.max(1, Math.floor(BATCH_PIXELS / area));
  for (let next = 0; next < wanted.length;) {
    const first = wanted[next];
    const batch = wanted.slice(next).filter((page) => page < first + span);
    next += batch.length;
    const strip = await decodePages(plan, first, (batch.at(-1) ?? first) - first + 1);
    for (const page of batch) yield { frame: animated ? page : null, raster: cutPage(strip, page - first) };
  }
}

interface Strip extends Raster {
  readonly pageHeight: number;
}

/** Pages one below the other. */
async function decodePages(plan: Plan, page: number, pages: number): Promise<Strip> {
  const paging = plan.animated ? { page, pages } : {};
  const rendering = plan.density === undefined ? {} : { density: plan.density };
  return asked(plan.format, async () => {
    const { data, info } = await sharp(plan.bytes, {
      limitInputPixels: MAX_PIXELS,
      failOn: 'error',
      ignoreIcc: plan.ignoreIcc,
      ...paging,
      ...rendering,
    })
      .timeout({ seconds: TIMEOUT_SECONDS })
      .autoOrient()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pageHeight = pages > 1 ? info.height / pages : info.height;
    return { height: info.height, width: info.width, pageHeight, ...threeOrFour(data, info.channels) };
  });
}

function threeOrFour(data: Uint8Array, channels: number): Pick<Raster, 'channels' | 'data'> {
  if (channels === 3 || channels === 4) return { channels, data };
  const wide = channels === 1 ? 3 : 4;
  const pixels = data.length / channels;
  const result = new Uint8Array(pixels * wide);
  for (let pixel = 0; pixel < pixels; pixel++) {
    result.fill(data[pixel * channels], pixel * wide, pixel * wide + 3);
    if (wide === 4) result[pixel * wide + 3] = data[pixel * channels + 1];
  }
  return { channels: wide, data: result };
}

function cutPage(strip: Strip, index: number): Raster {
  const { width, pageHeight: height, channels } = strip;
  const bytes = height * width * channels;
  return { height, width, channels, data: strip.data.subarray(index * bytes, (index + 1) * bytes) };
}
