import { aboutSeveral, groupBy } from './finding';
import type { Finding } from './finding';
import { distinct, traitsOf } from './subject';
import type { Subject } from './subject';
import type { PictureRecord } from '@graft/dataset';

/** The same bytes more than once under one class; the first by path is not surplus. */
export function findExactDuplicates({ pictures }: Subject): Finding[] {
  return groupBy(pictures, ({ label, sha256 }) => `${label}\n${sha256}`)
    .filter((copies) => copies.length > 1)
    .map((copies) => aboutSeveral(copies, 'identical bytes', copies.slice(1)));
}

/** The same bytes under two classes; all of them are surplus, since nobody knows which one is right. */
export function findLabelConflicts({ pictures }: Subject): Finding[] {
  return groupBy(pictures, ({ sha256 }) => sha256)
    .filter((copies) => labelsOf(copies) > 1)
    .map((copies) => aboutSeveral(copies, 'identical bytes', copies));
}

/** Look-alikes of one class. The one with the most pixels is not surplus; of several the first by path. */
export function findNearDuplicates(subject: Subject): Finding[] {
  return similarPictures(subject).flatMap((group) =>
    groupBy(group, ({ label }) => label)
      .filter((alike) => alike.length > 1)
      .map((alike) => {
        const best = largest(subject, alike);
        return aboutSeveral(
          alike,
          likenessWithin(subject, alike),
          alike.filter((record) => record !== best),
        );
      }),
  );
}

/** Look-alikes under two classes; all of them are surplus. */
export function findNearLabelConflicts(subject: Subject): Finding[] {
  return similarPictures(subject)
    .filter((group) => labelsOf(group) > 1)
    .map((group) => aboutSeveral(group, likenessWithin(subject, group), group));
}

/** Groups of pictures of different bytes that look alike. */
function similarPictures(subject: Subject): PictureRecord[][] {
  const { groups } = subject.lookAlikes();
  const grouped = distinct(subject.pictures).filter(({ sha256 }) => groups.has(sha256));
  return groupBy(grouped, ({ sha256 }) => groups.get(sha256) ?? sha256).filter((group) => group.length > 1);
}

function labelsOf(pictures: readonly PictureRecord[]): number {
  return new Set(pictures.map(({ label }) => label)).size;
}

function largest(subject: Subject, pictures: readonly PictureRecord[]): PictureRecord {
  const area = (record: PictureRecord): number => {
    const { height, width } = traitsOf(subject, record);
    return height * width;
  };
  return pictures.reduce((best, record) => (area(record) > area(best) ? record : best));
}

/** The least correlation of two that are linked directly; members linked through others only have none. */
function likenessWithin(subject: Subject, pictures: readonly PictureRecord[]): string {
  const contents = new Set(pictures.map(({ sha256 }) => sha256));
  const pairs = subject.lookAlikes().pairs.filter(({ pair }) => pair.every((content) => contents.has(content)));
  if (pairs.length === 0) return 'alike through others';
  const least = Math.min(...pairs.map(({ likeness }) => likeness));
  return `likeness ${Math.floor(least * 100)} %`;
}
