import picomatch from 'picomatch';

/** True for paths that one of the globs matches. Case does not count (`photo.JPG`); hidden files need a glob that names the dot. */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  if (globs.length === 0) return () => false;
  return picomatch([...globs], { nocase: true });
}
