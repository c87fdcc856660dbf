import type { PictureFormat, PictureRecord } from '@graft/dataset';
import { sha256 } from '@graft/foundation';
import type { AugmentSection, PreprocessSection } from '@graft/spec';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { crc32, deflateSync } from 'node:zlib';

/** Pictures and settings for this library's tests, made in code. */

export const SECTION: PreprocessSection = {
  imageSize: { height: 8, width: 8 },
  resize: 'crop',
  interpolation: 'bilinear',
  background: '#204060',
  maxFrames: null,
  normalize: { scale: 1 / 127.5, offset: -1 },
};

export const NO_AUGMENT: AugmentSection = {
  flip: 'none',
  rotationDegrees: 0,
  zoom: 0,
  translation: 0,
  brightness: 0,
  contrast: 0,
  saturation: 0,
  composite: null,
  blur: null,
  erasing: null,
  camera: null,
  repeats: 1,
  redraw: 'once',
};

/** Colour of each pixel, `#rrggbb` or `#rrggbbaa` or null for nothing, by row and column. */
export type Drawing = (row: number, column: number) => string | null;

export function draw(height: number, width: number, colour: Drawing): Sharp {
  const data = new Uint8Array(height * width * 4);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const text = colour(row, column);
      if (text === null) continue;
      data.set(Buffer.from(`${text.slice(1)}ff`.slice(0, 8), 'hex'), (row * width + column) * 4);
    }
  }
  return sharp(data, { raw: { height, width, channels: 4 } });
}

/** Opaque, one colour. */
export function plain(height: number, width: number, colour: string): Sharp {
  return draw(height, width, () => colour).removeAlpha();
}

/** Something that does not compress well, so that half a file is half a picture. */
export function noisy(height: number, width: number): Sharp {
  const data = new Uint8Array(height * width * 3);
  for (let at = 0; at < data.length; at++) data[at] = Math.imul(at + 1, 2654435761) >>> 13;
  return sharp(data, { raw: { height, width, channels: 3 } });
}

/** One animation out of several drawings of one size. */
export async function animation(frames: readonly Sharp[], format: 'gif' | 'webp'): Promise<Buffer> {
  const still = await Promise.all(frames.map((frame) => frame.png().toBuffer()));
  const joined = sharp(still, { join: { animated: true } });
  return format === 'gif'
    ? joined.gif({ keepDuplicateFrames: true }).toBuffer()
    : joined.webp({ lossless: true }).toBuffer();
}

/** A file of a hundred bytes that promises `width` times `height` pixels. */
export function hugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const data = deflateSync(Buffer.alloc(100));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    ...[chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))],
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** `[r, g, b]` of one pixel of RGB bytes. */
export function pixelOf(pixels: Uint8Array, width: number, row: number, column: number): number[] {
  const at = (row * width + column) * 3;
  return [...pixels.subarray(at, at + 3)];
}

/** A new folder; it is removed after the test file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-image-'));
  folders.push(folder);
  return folder;
}

export async function removeTemporaryFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

const folders: string[] = [];

/** Stores the bytes as the fetch stage does and gives their record. */
export async function fetched(
  directory: string,
  path: string,
  bytes: Uint8Array,
  format: PictureFormat,
): Promise<PictureRecord> {
  const digest = sha256(bytes);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, `${digest}.${format}`), bytes);
  const [label = ''] = path.split('/');
  return {
    path,
    sha256: digest,
    size: bytes.length,
    format,
    label,
    source: 'test',
    license: null,
    attribution: null,
    group: null,
  };
}
