import { join } from 'node:path';

const REPOSITORY = join(__dirname, '../../../..');

/** Ignored by git, and may be deleted at any time. */
export const BROWSER_FOLDER = join(process.env['GRAFT_CACHE_DIRECTORY'] ?? join(REPOSITORY, '.graft'), 'browser');

const pinned = (name: string, integrity: string) => ({ name, integrity, folder: join(BROWSER_FOLDER, name) });

/** Chromium for Linux on x64, packed with Brotli. */
export const CHROMIUM = pinned(
  '@sparticuz/chromium@147.0.0',
  'sha512-4ZKeAQQa8up2mt675qSitztLdbQrlf8BKdC5naeap+5Mv1OV1OlJdPoU+EJC/p5sQUJUQmN4r+q5+EhaaOUHpQ==',
);

export const AXE = pinned(
  'axe-core@4.14.1',
  'sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==',
);

export const executablePath = join(BROWSER_FOLDER, 'chromium-147.0.0');
