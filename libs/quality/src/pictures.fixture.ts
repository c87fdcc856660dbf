import { sniffPicture } from '@graft/dataset';
import type { PictureFormat, PictureRecord } from '@graft/dataset';
import { Random, sha256 } from '@graft/foundation';
import { measurePicture } from '@graft/image';
import type { MeasuredPicture } from '@graft/image';
import type { ChecksSection } from '@graft/spec';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { Dataset } from './subject';

/** Pictures and settings for the tests of this library, made in code. */

export const IGNORE_ALL: ChecksSection = {
  unreadable: 'ignore',
  wrongExtension: 'ignore',
  exactDuplicate: 'ignore',
  nearDuplicate: 'ignore',
  labelConflict: 'ignore',
  nearLabelConflict: 'ignore',
  nameMentionsOtherClass: 'ignore',
  tooSmall: 'ignore',
  extremeAspectRatio: 'ignore',
  blank: 'ignore',
  blurred: 'ignore',
  fourComponents: 'ignore',
  exifRotated: 'ignore',
  likelyLabelError: 'ignore',
  unknownLicense: 'ignore',
  classImbalance: 'ignore',
};

export const CLASSES = [
  { key: 'blue', folders: ['blue', 'navy'] },
  { key: 'red', folders: ['red'] },
];

/** A scene of its own for each seed, in focus: coloured shapes over a gradient. */
export function scene(seed: number, { width = 240, height = 200, hue }: SceneOptions = {}): Sharp {
  const random = Random.of(seed, 'scene');
  const colour = (): string => {
    const turn = hue === undefined ? random.between(0, 360) : hue + random.between(-20, 20);
    return `hsl(${Math.round(turn)},${Math.round(random.between(60, 100))}%,${Math.round(random.between(25, 75))}%)`;
  };
  const shapes = Array.from({ length: 9 }, () => {
    const [x, y] = [random.between(0, width), random.between(0, height)].map(Math.round);
    const size = Math.round(random.between(15, 70));
    return random.between(0, 1) < 0.5
      ? `<circle cx="${x}" cy="${y}" r="${size}" fill="${colour()}"/>`
      : `<rect x="${x}" y="${y}" width="${size}" height="${2 * size}" fill="${colour()}" transform="rotate(${size} ${x} ${y})"/>`;
  });
  const stops = `<stop stop-color="${colour()}"/><stop offset="1" stop-color="${colour()}"/>`;
  const ground = `<linearGradient id="g">${stops}</linearGradient><rect width="100%" height="100%" fill="url(#g)"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${ground}${shapes.join('')}</svg>`;
  return sharp(Buffer.from(svg)).removeAlpha();
}

export interface SceneOptions {
  readonly width?: number;
  readonly height?: number;
  /** Degrees; without it each shape has a hue of its own. */
  readonly hue?: number;
}

export function recordOf(path: string, bytes: Uint8Array): PictureRecord {
  const sniffed = sniffPicture(bytes);
  const format: PictureFormat = sniffed.ok ? sniffed.format : 'jpeg';
  const label = path.split('/')[1];
  return {
    path,
    sha256: sha256(bytes),
    size: bytes.length,
    format,
    label,
    source: 'directory:./images',
    license: path.includes('unlicensed') ? null : 'CC0-1.0',
    attribution: null,
    group: null,
  };
}

/** Files by path `0/<class>/<name>`, measured as the stages do. */
export async function datasetOf(files: Readonly<Record<string, Uint8Array>>): Promise<Dataset> {
  const pictures = Object.entries(files).map(([path, bytes]) => recordOf(path, bytes));
  const measured = new Map<string, MeasuredPicture>();
  for (const [path, bytes] of Object.entries(files)) {
    const { sha256: content, format } = recordOf(path, bytes);
    measured.set(
      content,
      await measurePicture(bytes, format).then(
        (traits): MeasuredPicture => ({ ok: true, traits }),
        (error: Error): MeasuredPicture => ({ ok: false, reason: error.message }),
      ),
    );
  }
  return {
    list: { version: 1, pictures, recorded: [], refused: [] },
    measured,
    classes: CLASSES,
    imageSize: { height: 96, width: 96 },
  };
}
