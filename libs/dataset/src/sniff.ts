import type { PictureFormat } from './picture';

export type Sniffed =
  { readonly ok: true; readonly format: PictureFormat } | { readonly ok: false; readonly reason: string };

/**
 * Tells a picture's real format from its first bytes, whatever its name says. Only the header is looked at: whether the
 * pixels decode is found out where they are decoded.
 */
export function sniffPicture(bytes: Uint8Array): Sniffed {
  if (bytes.length === 0) return no('is empty');
  for (const sniff of SNIFFERS) {
    const result = sniff(bytes);
    if (result !== null) return result;
  }
  return sniffText(bytes) ?? sniffOther(bytes) ?? no('is not a picture in a known format');
}

/** The format that a file name promises; null where it promises nothing. */
export function formatOfName(path: string): PictureFormat | 'other' | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return null;
  return EXTENSIONS[name.slice(dot + 1).toLowerCase()] ?? 'other';
}

const EXTENSIONS: Readonly<Record<string, PictureFormat>> = {
  jpg: 'jpeg',
  jpeg: 'jpeg',
  jpe: 'jpeg',
  jfif: 'jpeg',
  png: 'png',
  apng: 'png',
  webp: 'webp',
  gif: 'gif',
  svg: 'svg',
  bmp: 'bmp',
  dib: 'bmp',
  avif: 'avif',
  tif: 'tiff',
  tiff: 'tiff',
};

type Sniffer = (bytes: Uint8Array) => Sniffed | null;

const SNIFFERS: readonly Sniffer[] = [sniffJpeg, sniffPng, sniffGif, sniffWebp, sniffBmp, sniffIsoMedia, sniffTiff];

/** ISO/IEC 10918-1 annex B: segments up to the frame header, which holds the size of the picture. */
function sniffJpeg(bytes: Uint8Array): Sniffed | null {
  if (!starts(bytes, [0xff, 0xd8, 0xff])) return null;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return no('has a damaged JPEG header');
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at += 1; // fill byte
    } else if (isFrameHeader(marker)) {
      return at + 2 + u16(bytes, at + 2) <= bytes.length ? yes('jpeg') : truncated('JPEG', bytes);
    } else if (marker === 0xd9 || marker === 0xda) {
      return no('has a damaged JPEG header');
    } else {
      at += isStandalone(marker) ? 2 : 2 + u16(bytes, at + 2);
    }
  }
  return truncated('JPEG', bytes);
}

/** SOF0 … SOF15, but for the tables DHT (C4), JPG (C8) and DAC (CC) that lie among them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** TEM and RST0 … RST7 carry no length. */
function isStandalone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

/** The signature, then the IHDR chunk: length 13, type, 13 bytes, checksum. */
function sniffPng(bytes: Uint8Array): Sniffed | null {
  if (!starts(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return null;
  if (bytes.length < 33) return truncated('PNG', bytes);
  return ascii(bytes, 12, 4) === 'IHDR' ? yes('png') : no('has a damaged PNG header');
}

function sniffGif(bytes: Uint8Array): Sniffed | null {
  const signature = ascii(bytes, 0, 6);
  if (signature !== 'GIF87a' && signature !== 'GIF89a') return null;
  return bytes.length >= 13 ? yes('gif') : truncated('GIF', bytes);
}

function sniffWebp(bytes: Uint8Array): Sniffed | null {
  if (ascii(bytes, 0, 4) !== 'RIFF' || ascii(bytes, 8, 4) !== 'WEBP') return null;
  return bytes.length >= 30 ? yes('webp') : truncated('WebP', bytes);
}

/** "BM" alone is too common a beginning: the reserved words and the size of the next header are checked as well. */
function sniffBmp(bytes: Uint8Array): Sniffed | null {
  if (ascii(bytes, 0, 2) !== 'BM') return null;
  if (bytes.length < 26) return truncated('BMP', bytes);
  const headerBytes = bytes[14] | (bytes[15] << 8) | (bytes[16] << 16) | (bytes[17] << 24);
  return headerBytes >= 12 && headerBytes <= 124 ? yes('bmp') : null;
}

/** A `ftyp` box: its brands tell AVIF from HEIC and from films. */
function sniffIsoMedia(bytes: Uint8Array): Sniffed | null {
  if (ascii(bytes, 4, 4) !== 'ftyp') return null;
  const size = Math.min(u32(bytes, 0), bytes.length);
  if (size < 16) return truncated('AVIF', bytes);
  const brands = [ascii(bytes, 8, 4)];
  for (let at = 16; at + 4 <= size; at += 4) brands.push(ascii(bytes, at, 4));
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return yes('avif');
  if (brands.some((brand) => /^(hei|hev|mif1|msf1)/.test(brand)))
    return no('is a HEIC picture, which is not supported');
  return no('is a film, not a picture');
}

function sniffTiff(bytes: Uint8Array): Sniffed | null {
  const little = starts(bytes, [0x49, 0x49, 42, 0]) || starts(bytes, [0x49, 0x49, 43, 0]);
  const big = starts(bytes, [0x4d, 0x4d, 0, 42]) || starts(bytes, [0x4d, 0x4d, 0, 43]);
  if (!little && !big) return null;
  return bytes.length >= 16 ? yes('tiff') : truncated('TIFF', bytes);
}

/** SVG, and the texts that take a picture's place when something went wrong. */
function sniffText(bytes: Uint8Array): Sniffed | null {
  const text = withoutProlog(new TextDecoder().decode(bytes.subarray(0, 65_536)));
  if (/^<([a-z]+:)?svg[\s/>]/i.test(text)) return yes('svg');
  if (/^<(!doctype html|html|head|body|script|meta|title)\b/i.test(text)) {
    return no('is an HTML page, not a picture (a failed download?)');
  }
  if (text.startsWith('version https://git-lfs.github.com/')) {
    return no('is a Git LFS pointer, not the picture (git lfs pull fetches it)');
  }
  if (/^(<Error|<\?xml|<!)/.test(text)) return no('is an XML text, not a picture');
  if (/^[[{]/.test(text) && isPrintable(bytes)) return no('is a JSON text, not a picture (a failed download?)');
  return text !== '' && isPrintable(bytes) ? no('is a text, not a picture') : null;
}

/** Drops byte order mark, XML declaration, comments and a document type that speaks of SVG. */
function withoutProlog(text: string): string {
  let rest = text.replace(/^\uFEFF/, '').trimStart();
  for (;;) {
    const prolog = /^(<\?[^]*?\?>|<!--[^]*?-->|<!DOCTYPE\s+([a-z]+:)?svg[^[>]*(\[[^\]]*\])?[^>]*>)\s*/i.exec(rest);
    if (prolog === null) return rest;
    rest = rest.slice(prolog[0].length);
  }
}

function isPrintable(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 512).every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13);
}

const OTHERS: readonly (readonly [readonly number[], string])[] = [
  [[0x25, 0x50, 0x44, 0x46], 'is a PDF document, not a picture'],
  [[0x50, 0x4b, 0x03, 0x04], 'is a zip archive, not a picture'],
  [[0x1f, 0x8b], 'is a gzip file, not a picture'],
  [[0x38, 0x42, 0x50, 0x53], 'is a Photoshop file, which is not supported'],
  [[0, 0, 1, 0], 'is a Windows icon, which is not supported'],
  [[0xff, 0x0a], 'is a JPEG XL picture, which is not supported'],
  [[0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20], 'is a JPEG XL picture, which is not supported'],
  [[0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20], 'is a JPEG 2000 picture, which is not supported'],
];

function sniffOther(bytes: Uint8Array): Sniffed | null {
  if (bytes.every((byte) => byte === 0)) return no('holds zeros only (a broken copy?)');
  const other = OTHERS.find(([signature]) => starts(bytes, signature));
  return other === undefined ? null : no(other[1]);
}

const yes = (format: PictureFormat): Sniffed => ({ ok: true, format });
const no = (reason: string): Sniffed => ({ ok: false, reason });
const truncated = (format: string, bytes: Uint8Array): Sniffed =>
  no(`ends early at byte ${bytes.length} (truncated ${format})`);

function starts(bytes: Uint8Array, signature: readonly number[]): boolean {
  return bytes.length >= signature.length && signature.every((byte, index) => bytes[index] === byte);
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

/** Big-endian; 0 past the end, so that a caller's bounds check decides. */
function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 65536 + u16(bytes, at + 2);
}
