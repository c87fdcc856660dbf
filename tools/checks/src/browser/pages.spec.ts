import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderPage } from '@graft/evaluation';
import { renderContactPage } from '@graft/image';
import { renderCheckPage } from '@graft/quality';
import { pageOf } from '../../../../libs/evaluation/src/page/page-facts.fixture';
import { Browser } from './browser';
import { Page } from './page';
import type { View } from './page';
import { AXE, executablePath } from './pinned';

const REPOSITORY = join(__dirname, '../../../..');
const AXE_FILE = join(AXE.folder, 'axe.min.js');

/** Null: all is here; else why these tests are skipped. */
function missing(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the browser is one for Linux on x64';
  if (existsSync(executablePath) && existsSync(AXE_FILE)) return null;
  const script = ['-r', './tools/nx/load-typescript.cjs', join(__dirname, 'fetch-browser.ts')];
  const { status } = spawnSync(process.execPath, script, { cwd: REPOSITORY, timeout: 240_000, stdio: 'ignore' });
  return status === 0 ? null : 'the npm registry, which has the browser, is out of reach';
}

const LONG = 'a_class_whose_name_is_sixty_characters_long_and_without_spaces';
const WEBP = Buffer.from('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA', 'base64');

const report = (classes: readonly string[], pictures: number, wrongEvery: number): string => {
  const { metrics, facts } = pageOf({ classes, pictures, wrongEvery, name: LONG, folder: LONG, thumbnail: WEBP });
  return renderPage(metrics, facts);
};
const many = Array.from({ length: 40 }, (_, index) => (index === 0 ? LONG : `class ${index}`));

const checkPage = (): string => {
  const picture = { path: '0/a.png', name: `${LONG}/a.png`, sha256: 'a', label: 'red' };
  const finding = { pictures: [picture, { ...picture, sha256: null }], reason: 'equal bytes', surplus: [] };
  const report = {
    experiment: 'pokedex',
    classes: [{ label: LONG, fetched: 3, kept: 2 }],
    outcomes: [{ name: 'exactDuplicate' as const, action: 'drop' as const, findings: [finding] }],
    sides: new Map(),
    straddling: 1,
  };
  return renderCheckPage(report, new Map([['a', WEBP]]));
};

const contactPage = (): Promise<string> =>
  renderContactPage({
    title: 'pokedex',
    size: { height: 8, width: 8 },
    columns: ['plain', 'augmented'],
    classes: [{ label: LONG, rows: [{ name: LONG, cells: [new Uint8Array(192), new Uint8Array(192).fill(90)] }] }],
  });

const PAGES: readonly (readonly [string, () => string | Promise<string>])[] = [
  ['the report of two classes', () => report(['<script>', LONG], 40, 9)],
  ['the report of forty classes', () => report(many, 3, 4)],
  ['the report without a wrong answer', () => report(['a', 'b'], 5, 0)],
  ['the report with hundreds of wrong answers', () => report(['a', 'b'], 500, 2)],
  ['the page of check', checkPage],
  ['the contact sheet', contactPage],
];
const VIEWS: readonly View[] = [
  { theme: 'light', width: 1200 },
  { theme: 'dark', width: 1200 },
  { theme: 'light', width: 375 },
  { theme: 'dark', width: 375 },
];

const reason = missing();
if (reason !== null) test.skip(`pages in a browser (skipped: ${reason})`, () => undefined);
else {
  // One for all: a browser in a single process takes seconds to start.
  let browser: Browser;
  beforeAll(() => {
    browser = Browser.start(executablePath);
  });
  afterAll(() => browser.stop());

  describe.each(PAGES)('%s', (_, render) => {
    let page: Page;

    beforeAll(async () => {
      page = await Page.open(browser, await render(), VIEWS[0]);
      await page.evaluate(readFileSync(AXE_FILE, 'utf8') + '; null');
    }, 60_000);

    afterAll(() => page.close());

    test.each(VIEWS)(
      'is accessible and no wider than the screen in $theme at $width pixels',
      async (view) => {
        await page.look(view);
        expect(await page.evaluate(VIOLATIONS)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(view.width);
      },
      60_000,
    );

    test('asks for nothing', () => expect(page.requests).toEqual([]));

    test('is printed dark on light, and nothing of it is cut off by a scrolling frame', async () => {
      await page.look({ theme: 'dark', width: 800, print: true });
      expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(28, 33, 38)');
      const frames = 'document.querySelectorAll(".wide, pre")';
      const clipped = `[...${frames}].filter((one) => getComputedStyle(one).overflowX !== "visible").length`;
      expect(await page.evaluate(clipped)).toBe(0);
      expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
    }, 60_000);
  });
}

const VIOLATIONS = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')))`;
