import { type Diagnostic, GraftError } from '@graft/foundation';

/** A picture that cannot be used, and why: "ends early (…)", "is a BMP file, …". */
export interface UnreadablePicture {
  readonly path: string;
  readonly reason: string;
}

/** Tells inside the library that one picture cannot be used; callers of the library see all of them in one E212. */
export class UnreadableError extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = 'UnreadableError';
  }
}

export const unreadablePictures = (pictures: readonly UnreadablePicture[]) =>
  new GraftError('E212', {
    message: `${count(pictures.length, 'picture')} cannot be read`,
    details: listed(pictures),
    hint: 'delete or replace them, or set dataset.checks.unreadable: drop',
  });

export const unreadableWarning = (pictures: readonly UnreadablePicture[]): Diagnostic => ({
  code: 'W212',
  severity: 'warning',
  message: `${count(pictures.length, 'picture')} cannot be read and ${pictures.length === 1 ? 'is' : 'are'} left out`,
  details: listed(pictures),
  hint: 'delete or replace them; dataset.checks.unreadable: drop leaves them out without this warning',
});

export const fileMissing = (path: string, name: string, cause: unknown) =>
  new GraftError('E251', {
    message: `the fetched file of ${path} is missing: ${name}`,
    hint: 'run the fetch stage again',
    cause,
  });

export const fileChanged = (path: string, name: string) =>
  new GraftError('E252', {
    message: `the fetched file of ${path} no longer has the content that its name states: ${name}`,
    hint: 'something wrote into the fetched files; delete that file and run the fetch stage again',
  });

export const noPictures = (dropped: number) =>
  new GraftError('E253', {
    message:
      dropped === 0
        ? 'there is no picture to preprocess'
        : `no picture is left: ${dropped} of ${dropped} cannot be read`,
    hint: 'check dataset.sources, include and exclude in experiment.yaml',
  });

export const badIndex = (file: string, problem: string, cause?: unknown) =>
  new GraftError('E254', {
    message: `${file} is not a list of preprocessed pictures: ${problem}`,
    hint: 'delete the stage folder and run the preprocess stage again',
    ...(cause === undefined ? {} : { cause }),
  });

export const wrongSize = (file: string, expected: number, actual: number | null) =>
  new GraftError('E255', {
    message:
      actual === null
        ? `${file} is missing; its index promises ${expected} bytes`
        : `${file} has ${actual} bytes; its index promises ${expected}`,
    hint: 'delete the stage folder and run the preprocess stage again',
  });

export const blankFrames = (path: string, frames: readonly number[]): Diagnostic => ({
  code: 'W256',
  severity: 'warning',
  message: `${path} has ${count(frames.length, 'frame')} with nothing on ${frames.length === 1 ? 'it' : 'them'}; left out: ${frames.join(', ')}`,
});

export const furtherPages = (path: string, pages: number): Diagnostic => ({
  code: 'W257',
  severity: 'warning',
  message: `${path} has ${pages} pages and is no animation; the first is used`,
  hint: 'save the other pages as files of their own if they are wanted',
});

function listed(pictures: readonly UnreadablePicture[]): string[] {
  const width = Math.min(60, Math.max(0, ...pictures.map(({ path }) => path.length)));
  return pictures.map(({ path, reason }) => `${path.padEnd(width)}   ${reason}`);
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
