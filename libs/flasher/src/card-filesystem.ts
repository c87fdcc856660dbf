import { readFile, realpath } from 'node:fs/promises';

/** Where Linux lists what is mounted. */
export const MOUNTS = '/proc/mounts';

/** What a board makes of a card's file system. */
export type CardJudgement =
  | { readonly kind: 'fat' }
  /** Another one, by the name that the system has for it. */
  | { readonly kind: 'other'; readonly type: string; readonly mountPoint: string }
  /** This system does not tell, or a driver of its own stands between. */
  | { readonly kind: 'unknown' };

const FAT = ['vfat', 'msdos'];

/** @param mounts the kernel's list; it is on Linux only */
export async function judgeCard(folder: string, mounts: string = MOUNTS): Promise<CardJudgement> {
  const list = await readFile(mounts, 'utf8').catch(() => null);
  if (list === null) return { kind: 'unknown' };
  return judgeMount(list, await realpath(folder));
}

/** @param path absolute, without links */
export function judgeMount(list: string, path: string): CardJudgement {
  const found = list
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, mountPoint]) => mountPoint !== undefined && holds(plain(mountPoint), path));
  // The longest one is the nearest; of two at one place the later one covers the other.
  const [, mountPoint, type] = found.reduce(
    (best, one) => (one[1].length >= best[1].length ? one : best),
    ['', '', ''],
  );
  if (type === '' || type.startsWith('fuse')) return { kind: 'unknown' };
  return FAT.includes(type) ? { kind: 'fat' } : { kind: 'other', type, mountPoint: plain(mountPoint) };
}

const holds = (mountPoint: string, path: string): boolean =>
  path === mountPoint || path.startsWith(mountPoint.endsWith('/') ? mountPoint : `${mountPoint}/`);

/** Blanks and their like are written as three octal digits. */
const plain = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
