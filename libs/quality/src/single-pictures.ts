import { compareText, formatOfName } from '@graft/dataset';
import type { PictureRecord } from '@graft/dataset';
import type { PictureTraits } from '@graft/image';
import { aboutOne } from './finding';
import type { Finding } from './finding';
import { distinct, traitsOf } from './subject';
import type { Subject } from './subject';

const MOST_ASPECT = 3;

/** In levels of 0 … 255: what compression leaves of one colour. */
const BLANK_CONTRAST = 2;

/** Photographs in focus have 1.38 and more, the same blurred by 1.5 pixels of 256 less than 1; see docs/datasets.md. */
const LEAST_SHARPNESS = 1.1;

/** Blur cannot be told from flat areas in fewer pixels. */
const LEAST_SIDE_FOR_SHARPNESS = 48;

export function findUnreadable({ pictures, refused, measured }: Subject): Finding[] {
  const noPictures = refused.map(({ path, reason, label }): Finding => ({
    pictures: [{ name: path, path: null, sha256: null, label }],
    reason,
    surplus: [],
  }));
  const broken = pictures.flatMap((record) => {
    const picture = measured.get(record.sha256);
    return picture === undefined || picture.ok ? [] : [aboutOne(record, picture.reason)];
  });
  return [...noPictures, ...broken].sort((a, b) => compareText(a.pictures[0].name, b.pictures[0].name));
}

export function findWrongExtensions({ pictures }: Subject): Finding[] {
  // An address is no file name: what stands behind its last dot promises nothing.
  return pictures
    .filter(({ source }) => !source.startsWith('http:'))
    .filter(({ path, format }) => (formatOfName(path) ?? format) !== format)
    .map((record) => aboutOne(record, `is ${record.format}`));
}

export const findTooSmall = judged(({ height, width, transparent, scalable }, { imageSize }) => {
  // A figure on transparency is laid over a background at any scale, and a drawing has no pixels of its own.
  if (transparent || scalable) return null;
  return height < imageSize.height || width < imageSize.width ? `is ${width} × ${height} pixels` : null;
});

export const findExtremeAspects = judged(({ height, width, transparent }) => {
  const ratio = Math.max(height / width, width / height);
  return ratio > MOST_ASPECT && !transparent ? `is ${width} × ${height} pixels, ${ratio.toFixed(1)} : 1` : null;
});

export const findBlank = judged(({ contrast }) => (contrast < BLANK_CONTRAST ? 'is of one colour' : null));

export const findBlurred = judged(({ sharpness, contrast, height, width }) => {
  if (contrast < BLANK_CONTRAST || Math.min(height, width) < LEAST_SIDE_FOR_SHARPNESS) return null;
  return sharpness < LEAST_SHARPNESS ? `has sharpness ${sharpness.toFixed(2)}` : null;
});

export const findFourComponents = judged(({ fourComponents }) => (fourComponents ? 'is CMYK' : null));

const TURNS: readonly string[] = [
  'is stored upright',
  'is stored mirrored',
  'is stored upside down',
  'is stored upside down and mirrored',
  'is stored on its side and mirrored',
  'is stored on its side, turned left',
  'is stored on its side and mirrored',
  'is stored on its side, turned right',
];

export const findExifRotated = judged(({ orientation }) =>
  orientation > 1 ? `${TURNS[orientation - 1] ?? 'is stored turned'} (Exif orientation ${orientation})` : null,
);

/** A check that looks at one picture after the other; `judge` gives a predicate, or null. */
function judged(judge: (traits: PictureTraits, subject: Subject) => string | null): (subject: Subject) => Finding[] {
  return (subject) =>
    distinct(subject.pictures).flatMap((record: PictureRecord) => {
      const reason = judge(traitsOf(subject, record), subject);
      return reason === null ? [] : [aboutOne(record, reason)];
    });
}
