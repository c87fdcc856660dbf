/** Whether a path, relative to the workspace or absolute, leads out of the workspace. */
export const isOutside = (path: string): boolean =>
  path === '..' || path.startsWith('../') || path.startsWith('/') || /^[A-Za-z]:/.test(path);

/** A folder's name as one word that no shell reads anything into; `decodeURIComponent` turns it back. */
export const shellWord = (path: string): string =>
  path.replace(/[^\w./-]+/gu, (run) =>
    [...new TextEncoder().encode(run)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
